// The loss of trainings against their epochs, on a logarithmic scale.

import { svg } from "../dom.js";
import { writeNumber } from "../data/format.js";
import { linePath, makeChart, niceTicks, picture } from "./axes.js";

const HEIGHT = 150;
const MAX_POINTS = 400;

/** Draw curves, each {name, points: [[epoch, loss]]}, into a picture of this width. The first is the main one. */
export function drawLearning(width, curves) {
  const drawn = curves.map(({ name, points }) => ({ name, points: thinned(points.filter(([, loss]) => loss > 0)) })).filter(({ points }) => points.length);
  if (!drawn.length) return picture(width, 1, "No loss yet");
  const all = drawn.flatMap(({ points }) => points);
  const logs = all.map(([, loss]) => Math.log10(loss));
  const y = spread(Math.min(...logs), Math.max(...logs));
  const chart = makeChart({
    width,
    height: HEIGHT,
    label: describe(drawn),
    kind: "learning",
    x: [0, Math.max(1, ...all.map(([epoch]) => epoch))],
    y,
    margins: [52, 10, 10, 24],
    ticks: { y: lossTicks(y).map((log) => [log, writeLoss(log)]) },
  });
  const place = ([epoch, loss]) => [chart.x(epoch), chart.y(Math.log10(loss))];
  const paths = drawn.map(({ points }, rank) => svg("path", { class: `curve rank-${Math.min(rank, 3)}`, d: linePath(points.map(place)) }));
  const [cx, cy] = place(drawn[0].points.at(-1));
  chart.element.append(...paths.toReversed(), svg("circle", { class: "dot", cx, cy, r: 3.5 }));
  return chart.element;
}

const spread = (least, greatest) => (greatest - least < 0.2 ? [least - 0.1, greatest + 0.1] : [least, greatest]);

function lossTicks(ends) {
  const whole = niceTicks(ends, 4).filter((log) => Number.isInteger(log));
  return whole.length > 1 ? whole : ends;
}

const writeLoss = (log) => (log >= -3 && log < 4 ? writeNumber(Number((10 ** log).toPrecision(2))) : `1e${log.toFixed(Number.isInteger(log) ? 0 : 1)}`);

function thinned(points) {
  const step = Math.ceil(points.length / MAX_POINTS);
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
}

const describe = (drawn) => drawn.map(({ name, points }) => `${name}: loss from ${writeNumber(points[0][1])} to ${writeNumber(points.at(-1)[1])} in ${points.at(-1)[0]} epochs`).join("; ");
