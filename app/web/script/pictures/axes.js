// Scales, ticks and the parts that all pictures share.

import { svg } from "../dom.js";
import { writeNumber } from "../data/format.js";

/** Return what maps [from, to] onto [start, end]. */
export function linear([from, to], [start, end]) {
  const slope = to === from ? 0 : (end - start) / (to - from);
  return (value) => start + (value - from) * slope;
}

/** Return round values within [from, to], about `count` of them. */
export function niceTicks([from, to], count) {
  const rough = (to - from) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [from];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const first = Math.ceil(from / step - 1e-9);
  const ticks = [];
  for (let place = first; place * step <= to + step * 1e-9; place += 1) ticks.push(Number((place * step).toPrecision(12)));
  return ticks;
}

/** Return the definition of a hatching, which marks what is extrapolated. */
export function hatch(id) {
  const line = svg("line", { class: "hatch", x1: 0, y1: 0, x2: 0, y2: 6 });
  return svg("defs", {}, svg("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, line));
}

/** Return the path of a line through points; null ones interrupt it. */
export function linePath(points) {
  let isBegun = false;
  const steps = points.map((point) => {
    if (point === null || !Number.isFinite(point[1])) {
      isBegun = false;
      return "";
    }
    const step = `${isBegun ? "L" : "M"}${point[0].toFixed(1)},${point[1].toFixed(1)}`;
    isBegun = true;
    return step;
  });
  return steps.join("");
}

/** Return one path of many dots, whose size is the width of its line: cheaper than a circle for each. */
export const dots = (places) => svg("path", { class: "dots", d: places.map(([x, y]) => `M${x.toFixed(1)},${y.toFixed(1)}h0`).join("") });

/** Return the path around the area between two lines. */
export const areaPath = (uppers, lowers) => (uppers.length ? `${linePath([...uppers, ...lowers.toReversed()])}Z` : "");

/**
 * Make a chart: a picture with axes. `x` and `y` are [least, greatest]; `margins` [left, right, top, bottom]; `ticks` may give
 * `x` and `y` as lists of [place, text]. Returns the picture, what maps values to pixels, and `add(...)` for what stands in it.
 */
export function makeChart({ width, height, label, kind, x: xs, y: ys, margins: [left, right, top, bottom], ticks = {} }) {
  const [x, y] = [linear(xs, [left, width - right]), linear(ys, [height - bottom, top])];
  const element = picture(width, height, label, { class: `chart ${kind}` });
  for (const [place, text] of ticks.y ?? told(niceTicks(ys, (height - top - bottom) / 40))) {
    element.append(svg("line", { class: "rule", x1: left, x2: width - right, y1: y(place), y2: y(place) }), svg("text", { class: "tick", x: left - 6, y: y(place) + 4, "text-anchor": "end" }, text));
  }
  for (const [place, text, anchor] of ticks.x ?? told(niceTicks(xs, (width - left - right) / 70))) {
    element.append(svg("text", { class: "tick", x: x(place), y: height - bottom + 17, "text-anchor": anchor ?? "middle" }, text));
  }
  const [w, h] = [width - left - right, height - top - bottom];
  const inner = svg("svg", { x: left, y: top, width: w, height: h, viewBox: `${left} ${top} ${w} ${h}` }); // cuts off what lies outside
  element.append(inner);
  return { element, x, y, inner, top, bottom: height - bottom };
}

const told = (ticks) => ticks.map((tick) => [tick, writeNumber(tick)]);

/** Return a picture of this size, with a label for those who do not see it. */
export function picture(width, height, label, attributes = {}) {
  return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, ...attributes });
}

/** Return at most so many of some places, evenly spaced. */
export function sampled(count, most) {
  const step = Math.max(1, count / most);
  return Array.from({ length: Math.min(count, most) }, (_, index) => Math.floor(index * step));
}
