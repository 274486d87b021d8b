// The answer on the target's scale: its interval as a band, the training targets as ticks below it.

import { svg } from "../dom.js";
import { hatch, linear, niceTicks } from "../pictures/axes.js";
import { writeNumber } from "../data/format.js";

const HEIGHT = 92;
const [TOP, BOTTOM] = [22, 54];

/** Draw the band into a picture `width` pixels wide. `scale` is [least, greatest] of the axis. */
export function drawBand({ width, value, interval, scale, known, isExtrapolated }) {
  const x = linear(scale, [10, width - 10]);
  const picture = svg("svg", { class: "band", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": label(value, interval) });
  picture.append(
    hatch("band-hatch"),
    svg("path", { class: "rug", d: known.map((each) => `M${x(each).toFixed(1)},${BOTTOM + 3}v9`).join("") }),
    svg("line", { class: "axis", x1: 10, x2: width - 10, y1: BOTTOM, y2: BOTTOM }),
    ...niceTicks(scale, width / 90).map((tick) => svg("text", { class: "tick", x: x(tick), y: HEIGHT - 10, "text-anchor": "middle" }, writeNumber(tick))),
  );
  if (interval) picture.append(...drawInterval(x, interval, isExtrapolated, width));
  if (value !== null) picture.append(svg("rect", { class: "mark", x: x(value) - 1.5, y: TOP - 8, width: 3, height: BOTTOM - TOP + 8, rx: 1.5 }));
  return picture;
}

function drawInterval(x, { lower, upper }, isExtrapolated, width) {
  const [left, right] = [x(lower), x(upper)];
  const box = { x: left, y: TOP, width: Math.max(1, right - left), height: BOTTOM - TOP, rx: 3 };
  const ends = [[lower, left], [upper, right]].map(([bound, place]) =>
    svg("text", { class: "bound", x: Math.min(width - 24, Math.max(24, place)), y: TOP - 8, "text-anchor": "middle" }, writeNumber(bound, upper - lower)),
  );
  const overlap = right - left < 56;
  return [svg("rect", { class: "interval", ...box }), isExtrapolated && svg("rect", { fill: "url(#band-hatch)", ...box }), ...(overlap ? [] : ends)].filter(Boolean);
}

function label(value, interval) {
  if (value === null) return "No answer yet";
  return interval ? `${writeNumber(value)}, between ${writeNumber(interval.lower)} and ${writeNumber(interval.upper)}` : writeNumber(value);
}
