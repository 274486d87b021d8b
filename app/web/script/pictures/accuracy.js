// What the version answers for its training rows, beside what is true: numbers as points, classes as a table.

import { el, svg } from "../dom.js";
import { writeCount } from "../data/format.js";
import { dots, makeChart, sampled } from "./axes.js";

const MAX_DOTS = 400;

/** Draw answers against truths, each with its interval; on the diagonal they would be equal. */
export function drawAccuracy(width, truths, answers, intervals) {
  const chosen = sampled(truths.length, MAX_DOTS).filter((index) => truths[index] !== null && answers[index] !== null);
  const numbers = chosen.flatMap((index) => [truths[index], answers[index]]);
  const [least, greatest] = [Math.min(...numbers), Math.max(...numbers)];
  const room = (greatest - least || 1) * 0.06;
  const ends = [least - room, greatest + room];
  const height = Math.min(340, Math.round(width * 0.85));
  const label = `Answers against the truth for ${chosen.length} rows`;
  const { element, inner, x, y } = makeChart({ width, height, label, kind: "accuracy", x: ends, y: ends, margins: [52, 12, 20, 36] });
  inner.append(svg("line", { class: "diagonal", x1: x(ends[0]), y1: y(ends[0]), x2: x(ends[1]), y2: y(ends[1]) }));
  const hasInterval = (index) => intervals !== null && intervals.lower[index] !== null;
  const whisker = (index) => `M${x(truths[index]).toFixed(1)},${y(intervals.lower[index]).toFixed(1)}V${y(intervals.upper[index]).toFixed(1)}`;
  inner.append(svg("path", { class: "whisker", d: chosen.filter(hasInterval).map(whisker).join("") }));
  inner.append(dots(chosen.map((index) => [x(truths[index]), y(answers[index])])));
  element.append(svg("text", { class: "tick", x: width - 12, y: height - 2, "text-anchor": "end" }, "actual →"), svg("text", { class: "tick", x: 0, y: 12 }, "answer ↑"));
  const held = intervals ? chosen.filter((index) => intervals.lower[index] <= truths[index] && truths[index] <= intervals.upper[index]).length : null;
  return { chart: element, shown: chosen.length, held };
}

/** Make a table of how often each class was answered for each true class. */
export function classTable(words, truths, answers) {
  const shown = words.slice(0, 12);
  const counts = shown.map((truth) => shown.map((answer) => truths.filter((each, index) => each === truth && answers[index] === answer).length));
  const most = Math.max(1, ...counts.flat());
  const line = (truth, row) => el("tr", {}, el("th", { scope: "row" }, truth), counts[row].map((count, place) => {
    const cell = el("td", { class: row === place ? "right" : "confused" }, writeCount(count));
    cell.style.setProperty("--share", count / most);
    return cell;
  }));
  return el("div", { class: "scrolling", tabindex: 0, role: "group", "aria-label": "Actual and answered classes" }, el("table", { class: "confusion" }, el("caption", {}, "Rows: what it is. Columns: what was answered."), el("thead", {}, el("tr", {}, el("td"), shown.map((word) => el("th", { scope: "col" }, word)))), el("tbody", {}, shown.map(line))));
}
