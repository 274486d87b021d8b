// The view of curves: for each feature how the answer depends on it.

import { afterPause, drawSized, eachFrame, el } from "../dom.js";
import { rangeOf, scaleOf } from "../data/ranges.js";
import { shownTarget, state, watch } from "../data/state.js";
import { asker } from "./asker.js";
import { askProfiles, chooseFeatures, drawProfile, rowsOf } from "./profiles.js";

const ASK_AFTER = 90; // milliseconds: curves follow a slider when it rests

/** Make the view; `isShown()` tells whether anyone looks. Returns its element and what brings it up to date. */
export function curvesView(isShown) {
  const [frame, note] = [el("div", { class: "profiles" }), el("p", { class: "quiet" })];
  let profiles = [];
  let drawn = [];
  const draw = drawSized(frame, (width) => {
    drawn = profiles.map((each) => ({ ...drawOne(each, columnWidth(width)), name: each.column.name }));
    frame.replaceChildren(...drawn.map(({ element }) => element));
    move();
  });
  const move = () => {
    const answer = shownNumber();
    for (const each of drawn) each.move(state().row[each.name], answer);
  };
  const ask = (now) => {
    const report = now.versions.find((each) => each.model_version === now.version)?.report;
    return askProfiles(now, chooseFeatures(now.model, report), shownWord());
  };
  const asking = asker(ask, (found) => {
    const { length } = state().model.features;
    profiles = found;
    note.textContent = found.length < length ? `The ${found.length} most relevant of ${length} features.` : "";
    draw();
  });
  const refresh = () => {
    if (isShown()) asking();
  };
  const soon = afterPause(ASK_AFTER, refresh);
  watch(["row", "coverage"], soon);
  watch(["version", "fit", "target"], () => {
    profiles = drawn = [];
    frame.replaceChildren();
    soon();
  });
  watch(["answer"], eachFrame(() => isShown() && move()));
  return { element: el("div", {}, el("p", { class: "quiet" }, "The other features stay as you ask them. Dots are rows of the table."), frame, note), refresh };
}

/** Of a classifier, the class whose probability is drawn: the one that is answered now. */
export function shownWord() {
  const target = shownTarget(state());
  return target?.kind === "category" ? (state().answer?.prediction?.[target.name] ?? target.categories[0]) : null;
}

/** The number that is drawn of the answer to the row: the target's value, or the class's probability. */
function shownNumber() {
  const { answer } = state();
  const { name } = shownTarget(state());
  return answer?.probabilities?.[name]?.[shownWord()] ?? answer?.prediction?.[name];
}

function drawOne(profile, width) {
  const { fit, answer } = state();
  const target = shownTarget(state());
  const isClass = target.kind === "category";
  const known = (fit?.targets[target.name] ?? []).filter((each) => typeof each === "number");
  const value = answer?.prediction?.[target.name];
  const ends = isClass ? [0, 1] : scaleOf(target, known, typeof value === "number" ? value : null, answer?.interval?.[target.name]);
  return drawProfile(width, profile, { ends, range: rangeOf(fit, profile.column), rows: isClass ? [] : rowsOf(fit, profile.column, target) });
}

/** Return how wide each picture is where they stand in columns. */
export function columnWidth(width) {
  const columns = Math.max(1, Math.floor(width / 260));
  return Math.floor((width - 12 * (columns - 1)) / columns);
}
