// The view of accuracy: the training rows beside what the version answers, or would have answered without having seen them.

import { drawSized, el } from "../dom.js";
import { countOf, writeNumber, writeShare } from "../data/format.js";
import { shownTarget, state, watch } from "../data/state.js";
import { classTable, drawAccuracy } from "./accuracy.js";

/** Make the view. */
export function accuracyView() {
  const [frame, note] = [el("div"), el("p", { class: "quiet" })];
  const unseen = el("input", { type: "checkbox", id: "unseen", checked: true, change: () => draw() });
  const choice = el("label", { class: "check", for: "unseen" }, unseen, "as answered by models that had not seen the row");
  const draw = drawSized(frame, (width) => show(width));

  function show(width) {
    const { fit } = state();
    const target = shownTarget(state());
    choice.hidden = !fit?.unseen;
    if (!fit || !target) {
      note.textContent = state().version === null ? "" : "The table of this version was not kept.";
      return frame.replaceChildren();
    }
    const isUnseen = Boolean(fit.unseen) && unseen.checked;
    const told = isUnseen ? fit.unseen : fit;
    const [truths, answers] = [fit.targets[target.name], told.predictions[target.name]];
    if (target.kind === "category") {
      const right = truths.filter((truth, index) => truth === answers[index]).length;
      note.textContent = `${writeShare(right / truths.length)} of ${sayRows(fit)} right${isUnseen ? `, ${fit.judged_by}` : ""}.`;
      return frame.replaceChildren(classTable(target.categories, truths, answers));
    }
    const { chart, shown, held } = drawAccuracy(width, truths, answers, told.intervals?.[target.name] ?? null);
    note.textContent = `${sayRows(fit, shown)}${held === null ? "" : `; ${held} intervals hold the truth`}${isUnseen && fit.judged_by ? ` (${fit.judged_by})` : ""}.`;
    return frame.replaceChildren(chart);
  }

  const scores = el("div", { class: "scrolling", tabindex: 0, role: "group", "aria-label": "Scores" });
  watch(["fit", "target", "version"], () => draw());
  watch(["versions", "version", "target"], () => scores.replaceChildren(...scoresTable()));
  return { element: el("div", {}, choice, frame, note, el("h3", {}, "Scores"), scores), refresh: draw };
}

const SCORES = [
  ["rmse", "root mean squared error", writeNumber],
  ["mae", "mean absolute error", writeNumber],
  ["r2", "R², the share of the variation explained", (value) => value.toFixed(3)],
  ["accuracy", "right answers", (value) => writeShare(value, 1)],
  ["log_loss", "log-loss, in nats", writeNumber],
  ["coverage", "truths in the 95 % interval", (value) => writeShare(value, 1)],
];

/** Make a table of the version's scores: on the rows that it learned from, and on rows that it had not seen. */
function scoresTable() {
  const { versions, version } = state();
  const target = shownTarget(state());
  const report = versions.find((each) => each.model_version === version)?.report;
  if (!report || !target) return [];
  const learned = report.scores?.[target.name] ?? {};
  const unseen = { ...report.leave_one_out?.[target.name], ...report.held_out?.[target.name] };
  const write = (value, how) => (value === null || value === undefined ? "–" : how(value));
  const known = SCORES.filter(([name]) => [learned[name], unseen[name]].some((value) => value !== null && value !== undefined));
  const lines = known.map(([name, words, how]) => el("tr", {}, el("th", { scope: "row" }, words), [learned, unseen].map((scores) => el("td", { class: "number" }, write(scores[name], how)))));
  const heads = ["", "rows learned from", "rows not seen"].map((text) => el("th", { scope: "col" }, text));
  return [el("table", {}, el("thead", {}, el("tr", {}, heads)), el("tbody", {}, lines))];
}

const sayRows = (fit, shown = fit.shown) => (shown < fit.rows ? `${shown.toLocaleString("en")} of ${countOf(fit.rows, "row")}, evenly chosen` : countOf(fit.rows, "row"));
