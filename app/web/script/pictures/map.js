// A map of the answers over two features, and one of how wide their intervals are.

import { el, svg } from "../dom.js";
import { askRows, numbersOf } from "../data/actions.js";
import { spoken, writeNumber } from "../data/format.js";
import { rangeOf, sliderEnds } from "../data/ranges.js";
import { dots, linear, makeChart } from "./axes.js";

const CELLS = 24; // in each direction

/** Ask for the answers over a grid of two features, the others staying as they are asked. */
export async function askMap({ model, row, fit }, [across, down], word) {
  const [xs, ys] = [across, down].map((column) => cellsOf(sliderEnds(column, rangeOf(fit, column))));
  const rows = ys.flatMap((y) => xs.map((x) => ({ ...row, [across.name]: x, [down.name]: y })));
  const answer = await askRows(rows.map((each) => model.features.map(({ name }) => each[name])));
  const { means, lowers, uppers } = numbersOf(answer, word);
  const widths = lowers && uppers ? uppers.map((upper, index) => (upper === null ? null : upper - lowers[index])) : null;
  return { columns: [across, down], xs, ys, means, widths };
}

const cellsOf = ([least, greatest]) => Array.from({ length: CELLS }, (_, index) => least + ((greatest - least) * (index + 0.5)) / CELLS);

/** Draw a map of `values`, which stand in rows along the second feature. */
export function drawMap(width, { columns, xs, ys }, values, { title, row, rows }) {
  const [from, to] = [Math.min(...values), Math.max(...values)];
  const height = Math.min(300, Math.round(width * 0.8));
  const label = `${title}: from ${writeNumber(from)} to ${writeNumber(to)}`;
  const { element, inner, x, y } = makeChart({ width, height, label, kind: "map", x: endsOf(xs), y: endsOf(ys), margins: [44, 10, 10, 22] });
  const [stepX, stepY] = [x(xs[1]) - x(xs[0]), y(ys[0]) - y(ys[1])];
  const share = linear([from, to], [0.04, 0.94]);
  const cells = values.map((value, index) => {
    const [left, up] = [x(xs[index % CELLS]) - stepX / 2, y(ys[Math.floor(index / CELLS)]) - stepY / 2];
    return svg("rect", { class: "cell", x: left, y: up, width: stepX, height: stepY, "fill-opacity": share(value).toFixed(3) });
  });
  inner.append(...cells, dots(rows.map(([across, up]) => [x(across), y(up)])));
  inner.append(svg("circle", { class: "here-ring", cx: x(row[columns[0].name]), cy: y(row[columns[1].name]), r: 6 }));
  const axes = `; across ${spoken(columns[0].name)}, up ${spoken(columns[1].name)}`;
  return el("figure", {}, element, el("figcaption", {}, el("strong", {}, title), ` from ${writeNumber(from)} (pale) to ${writeNumber(to)}${axes}`));
}

function endsOf(middles) {
  const half = (middles[1] - middles[0]) / 2;
  return [middles[0] - half, middles.at(-1) + half];
}
