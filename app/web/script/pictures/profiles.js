// How the answer depends on each feature, the others staying as they are asked: the questions, and the pictures.

import { set, svg } from "../dom.js";
import { askRows, numbersOf } from "../data/actions.js";
import { spoken } from "../data/format.js";
import { rangeOf, sliderEnds, toNumber } from "../data/ranges.js";
import { areaPath, dots, linePath, makeChart, sampled } from "./axes.js";

const POINTS = 33; // along each feature
const MAX_FEATURES = 8; // with a picture each; of more, those that matter most
const MAX_DOTS = 250;
const HEIGHT = 150;

/** Return the features that get a picture: all, or the most relevant. */
export function chooseFeatures(model, report) {
  const relevance = (column) => report?.relevance?.[column.name]?.value ?? 0;
  if (model.features.length <= MAX_FEATURES) return model.features;
  return model.features.toSorted((one, other) => relevance(other) - relevance(one)).slice(0, MAX_FEATURES);
}

/** Ask for the curves of some features around a row. Returns for each its places and the answers there. */
export async function askProfiles({ model, row, fit }, features, word) {
  const places = features.map((column) => placesOf(column, rangeOf(fit, column)));
  const asked = features.flatMap((column, index) => places[index].map((value) => ({ ...row, [column.name]: value })));
  const answer = await askRows(asked.map((each) => model.features.map(({ name }) => each[name])));
  const { means, lowers, uppers } = numbersOf(answer, word);
  let start = 0;
  return features.map((column, index) => {
    const [from, to] = [start, start + places[index].length];
    start = to;
    return { column, places: places[index], means: means.slice(from, to), lowers: lowers?.slice(from, to) ?? null, uppers: uppers?.slice(from, to) ?? null };
  });
}

function placesOf(column, range) {
  if (column.kind === "category") return column.categories.slice(0, 12);
  const [least, greatest] = column.kind === "date" ? (range ?? [0, 864e5]) : sliderEnds(column, range);
  const numbers = Array.from({ length: POINTS }, (_, index) => least + ((greatest - least) * index) / (POINTS - 1));
  return column.kind === "date" ? numbers.map((time) => new Date(time).toISOString().slice(0, 19)) : numbers;
}

/**
 * Draw one curve. `ends` is the target's axis, `rows` the training rows as [feature, target]. Returns the picture, and
 * `move(value, answer)`, which marks where the row stands.
 */
export function drawProfile(width, { column, places, means, lowers, uppers }, { ends, range, rows }) {
  const isCategory = column.kind === "category";
  const position = isCategory ? (word) => places.indexOf(word) : toNumber;
  const xs = isCategory ? [-0.5, places.length - 0.5] : [position(places[0]), position(places.at(-1))];
  const label = `The answer along ${spoken(column.name)}`;
  const chart = makeChart({ width, height: HEIGHT, label, kind: "profile", x: xs, y: ends, margins: [44, 8, 24, 22], ticks: { x: ticksOf(column, places) } });
  const { x, y, inner, top, bottom } = chart;
  const limit = (number) => Math.min(Math.max(number, 2 * ends[0] - ends[1]), 2 * ends[1] - ends[0]);
  const at = (numbers) => numbers?.map((number, index) => (number === null ? null : [x(position(places[index])), y(limit(number))]));
  if (range && !isCategory) inner.append(svg("rect", { class: "range", x: x(range[0]), y: top, width: Math.max(1, x(range[1]) - x(range[0])), height: bottom - top }));
  inner.append(dots(rows.map(([place, number]) => [x(position(place)), y(number)])));
  inner.append(...(isCategory ? whiskers : ribbon)(at(means), at(lowers), at(uppers)));
  const [line, dot] = [svg("line", { class: "here", y1: top, y2: bottom }), svg("circle", { class: "dot", r: 4 })];
  inner.append(line, dot);
  chart.element.append(svg("text", { class: "title", x: 44, y: 14 }, spoken(column.name), column.unit ? svg("tspan", { class: "tick" }, `  ${column.unit}`) : ""));
  return {
    element: chart.element,
    move(value, answer) {
      const here = x(position(value));
      set(line, { x1: here, x2: here });
      set(dot, { cx: here, cy: typeof answer === "number" ? y(answer) : -99 });
    },
  };
}

const ribbon = (means, lowers, uppers) => [lowers && uppers ? svg("path", { class: "interval", d: areaPath(uppers.filter(Boolean), lowers.filter(Boolean)) }) : "", svg("path", { class: "curve rank-0", d: linePath(means) })];

function whiskers(means, lowers, uppers) {
  return means.filter(Boolean).flatMap(([x, y], index) => {
    const [lower, upper] = [lowers?.[index], uppers?.[index]];
    const bar = lower && upper ? svg("rect", { class: "interval", x: x - 5, y: upper[1], width: 10, height: Math.max(1, lower[1] - upper[1]), rx: 2 }) : "";
    return [bar, svg("line", { class: "curve rank-0", x1: x - 7, x2: x + 7, y1: y, y2: y })];
  });
}

function ticksOf({ kind }, places) {
  if (kind === "category") return places.map((word, index) => [index, word.length > 9 ? `${word.slice(0, 8)}…` : word]);
  if (kind !== "date") return undefined;
  return [[places[0], "start"], [places.at(-1), "end"]].map(([date, anchor]) => [toNumber(date), date.slice(0, 10), anchor]);
}

/** Return the training rows of a feature as [feature, target], at most so many as can be told apart. */
export function rowsOf(fit, column, target) {
  const [features, targets] = [fit?.features[column.name], fit?.targets[target.name]];
  if (!features || typeof targets?.[0] !== "number") return [];
  return sampled(features.length, MAX_DOTS).map((index) => [features[index], targets[index]]).filter(([place, number]) => place !== null && number !== null);
}
