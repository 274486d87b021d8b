// A network as circles and lines: a line's width and colour are its weight, a circle's filling what the unit answers for the row.

import { svg } from "../dom.js";
import { spoken, writeNumber } from "../data/format.js";
import { linear, picture } from "./axes.js";

const MAX_UNITS = 12; // of a layer that are drawn; of more, the ones with the strongest weights
const RADIUS = 13;
const TOP = 16;

/**
 * Draw a network: {inputs, outputs, layers: [{weights, biases, activation, units}]}. With `activations`, {inputs, layers},
 * circles are filled with them. `tell(text)` is called with the value under the pointer.
 */
export function drawNetwork(width, network, activations, tell) {
  const columns = chooseUnits(network);
  const height = Math.max(120, Math.max(...columns.map(({ units }) => units.length)) * 40 + 2 * TOP);
  const places = placeUnits(columns, width, height);
  const chart = picture(width, height, describe(network), { class: "chart network" });
  const strongest = greatestWeight(network);
  network.layers.forEach((layer, index) => chart.append(lines(layer, places[index], places[index + 1], strongest, tell)));
  columns.forEach((column, index) => chart.append(circles(column, places[index], activations, tell)));
  chart.append(...labels(columns, places, width));
  return chart;
}

/** Return the columns of units to draw: the inputs, then each layer. */
function chooseUnits(network) {
  const layers = network.layers;
  const inputs = { index: 0, names: network.inputs.map(spoken), size: network.inputs.length, strength: (unit) => sumOf(layers[0].weights?.[unit]) };
  const rest = layers.map((layer, index) => ({
    index: index + 1,
    names: index === layers.length - 1 ? network.outputs.map(spoken) : null,
    size: layer.units,
    biases: layer.biases,
    activation: layer.activation,
    strength: (unit) => sumOf(layers[index + 1]?.weights?.[unit] ?? [0]),
  }));
  return [inputs, ...rest].map((column) => ({ ...column, units: strongestUnits(column) }));
}

const sumOf = (weights) => (weights ?? []).reduce((sum, weight) => sum + Math.abs(weight), 0);

function strongestUnits({ size, strength }) {
  const all = Array.from({ length: size }, (_, unit) => unit);
  if (size <= MAX_UNITS) return all;
  return all.toSorted((one, other) => strength(other) - strength(one)).slice(0, MAX_UNITS).toSorted((one, other) => one - other);
}

function placeUnits(columns, width, height) {
  const room = ({ names }) => 2 * RADIUS + 7.4 * Math.max(...names.map((name) => clip(name).length));
  const x = linear([0, columns.length - 1], [room(columns[0]), width - room(columns.at(-1))]);
  return columns.map(({ units }, index) => {
    const gap = Math.min(52, (height - 2 * TOP) / units.length);
    const first = height / 2 - (gap * (units.length - 1)) / 2;
    return new Map(units.map((unit, place) => [unit, [x(index), first + gap * place]]));
  });
}

function greatestWeight({ layers }) {
  let greatest = 1e-12;
  for (const { weights } of layers) for (const row of weights ?? []) for (const weight of row) greatest = Math.max(greatest, Math.abs(weight));
  return greatest;
}

function lines(layer, from, to, strongest, tell) {
  const group = svg("g", { class: "synapses" });
  const widest = Math.max(1.5, Math.min(5.5, 60 / Math.sqrt(from.size * to.size) - 2));
  for (const [input, [x1, y1]] of from) {
    for (const [unit, [x2, y2]] of to) {
      const weight = layer.weights?.[input]?.[unit];
      const share = weight === undefined ? 0.2 : Math.abs(weight / strongest) ** 0.7;
      const middle = (x1 + x2) / 2;
      const line = svg("path", {
        class: weight === undefined ? "unknown" : weight < 0 ? "negative" : "positive",
        d: `M${x1},${y1}C${middle},${y1} ${middle},${y2} ${x2},${y2}`,
        "stroke-width": (0.3 + widest * share).toFixed(2),
        pointerenter: () => tell(weight === undefined ? "" : `weight ${writeNumber(weight)}`),
      });
      group.append(line);
    }
  }
  return group;
}

function circles({ index, biases, activation, names }, places, activations, tell) {
  const values = activations && (index === 0 ? activations.inputs : activations.layers[index - 1]);
  const group = svg("g", { class: "units" });
  for (const [unit, [cx, cy]] of places) {
    const value = values?.[unit];
    const text = [names?.[unit] ?? `unit ${unit + 1}`, value === undefined || value === null ? "" : `answers ${writeNumber(value)}`, biases ? `bias ${writeNumber(biases[unit])}` : "", activation ?? ""];
    const say = () => tell(text.filter(Boolean).join(", "));
    const circle = svg("circle", { cx, cy, r: RADIUS, class: fillOf(value), "fill-opacity": opacityOf(value), pointerenter: say });
    group.append(svg("circle", { cx, cy, r: RADIUS, class: "ground" }), circle);
    if (typeof value === "number") group.append(svg("text", { class: "value", x: cx, y: cy + 3.5, "text-anchor": "middle" }, value.toFixed(Math.abs(value) < 9.95 ? 1 : 0).replace("-", "−")));
  }
  return group;
}

const fillOf = (value) => `unit ${typeof value !== "number" ? "empty" : value < 0 ? "negative" : "positive"}`;
const opacityOf = (value) => (typeof value === "number" ? Math.min(0.85, 0.1 + 0.45 * Math.abs(value)).toFixed(2) : 1);

function labels(columns, places, width) {
  return columns.flatMap(({ names, units, size, index }) => {
    const isLeft = index === 0;
    const told = names ? [...places[index]].map(([unit, [x, y]]) => svg("text", { class: "name", x: isLeft ? x - RADIUS - 8 : x + RADIUS + 8, y: y + 4, "text-anchor": isLeft ? "end" : "start" }, clip(names[unit]))) : [];
    if (units.length < size) told.push(svg("text", { class: "tick", x: Math.min(width - 40, Math.max(40, [...places[index].values()][0][0])), y: 10, "text-anchor": "middle" }, `${units.length} of ${size.toLocaleString("en")}`));
    return told;
  });
}

const clip = (name) => (name.length > 14 ? `${name.slice(0, 13)}…` : name);

function describe({ inputs, layers }) {
  return `A network of ${[inputs.length, ...layers.map(({ units }) => units)].join(", ")} units. Its weights are in the list below.`;
}
