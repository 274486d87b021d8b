// The view of accuracy: the training rows beside what the version answers, or would have answered without having seen them.

import { drawSized, el } from "../dom.js";
import { countOf, writeShare } from "../data/format.js";
import { shownTarget, state, watch } from "../data/state.js";
import { classTable, drawAccuracy } from "./accuracy.js";

/** Make the view. */
export function accuracyView() {
  const [frame, note] = [el("div"), el("p", { class: "quiet" })];
  const unseen = el("input", { type: "checkbox", id: "unseen", checked: true, change: () => draw() });
  const choice = el("label", { class: "check", for: "unseen" }, unseen, "as rows that it had not seen");
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

  watch(["fit", "target", "version"], () => draw());
  return { element: el("div", {}, choice, frame, note), refresh: draw };
}

const sayRows = (fit, shown = fit.shown) => (shown < fit.rows ? `${shown.toLocaleString("en")} of ${countOf(fit.rows, "row")}, evenly chosen` : countOf(fit.rows, "row"));
