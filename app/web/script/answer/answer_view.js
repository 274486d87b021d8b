// The panel in the middle: the answer to one row, how sure it is, and the row itself.

import { byId, drawSized, eachFrame, el } from "../dom.js";
import { ask, predictPath } from "../data/actions.js";
import { copyView } from "../copy_view.js";
import { spoken, writeNumber, writeShare } from "../data/format.js";
import { askLines } from "../data/commands.js";
import { sayAnswer, sayExtrapolated, times } from "../data/sentences.js";
import { isWhole, rangeOf, scaleOf } from "../data/ranges.js";
import { own, shownTarget, state, update, watch } from "../data/state.js";
import { drawBand } from "./band.js";
import { makeField } from "./fields.js";

const COVERAGES = [0.5, 0.8, 0.9, 0.95, 0.99];

/** Fill the panel. */
export function showAnswer() {
  const parts = {
    empty: el("div", { id: "untrained" }),
    target: el("p", { class: "target" }),
    hero: el("p", { class: "hero", "aria-hidden": "true" }),
    picture: el("div", { class: "band-frame" }),
    sentence: el("p", { class: "sentence", id: "sentence", role: "status", "aria-live": "polite" }),
    extrapolated: el("p", { class: "notice warning", id: "extrapolated" }),
    fields: el("div", { class: "ask-fields", id: "ask-fields" }),
    classes: el("div", { class: "classes" }),
  };
  const lines = copyView("The same as a command", () => askLines(predictPath(), state().row, state().model.name, state().version, state().coverage));
  const coverage = coverageChoice();
  const content = el("div", {}, parts.target, parts.hero, parts.picture, parts.classes, parts.sentence, parts.extrapolated, coverage, parts.fields, lines.element);
  byId("answer").append(parts.empty, content);

  const drawPicture = drawSized(parts.picture, (width) => showBand(parts.picture, width));
  const draw = eachFrame(() => {
    showWords(parts);
    drawPicture();
    lines.refresh();
  });
  const drawEmpty = drawSized(parts.empty, (width) => parts.empty.replaceChildren(...beforeTraining(width)));
  let fields = {};
  watch(["version", "model"], ({ version }) => {
    content.hidden = version === null;
    parts.empty.hidden = version !== null;
  });
  watch(["table", "check", "roles", "version"], ({ version }) => (version === null ? drawEmpty() : parts.empty.replaceChildren()));
  watch(["fit", "version", "model"], () => {
    fields = fillFields(parts.fields);
  });
  watch(["answer"], ({ answer }) => tellFields(fields, answer));
  watch(["answer", "fit", "target"], draw);
  watch(["row"], ({ row }) => {
    for (const [name, field] of Object.entries(fields)) if (Object.hasOwn(row, name) && !field.element.contains(document.activeElement)) field.set(row[name]);
  });
  watch(["model", "target"], () => {
    parts.target.replaceChildren(...targetChoice());
    coverage.hidden = shownTarget(state())?.kind === "category";
  });
}

/** Show what can be seen of a target before there is an answer: its values in the table. */
function beforeTraining(width) {
  const { table, roles, check, model } = state();
  const name = model?.targets[0].name ?? table.columns.find((each) => own(roles, each) === "target") ?? check?.columns.find(({ role }) => role === "target")?.name ?? table.columns.at(-1) ?? "";
  const cells = table.rows.map((row) => row[table.columns.indexOf(name)]).filter((cell) => cell !== "" && cell !== undefined);
  const known = cells.map(Number).filter(Number.isFinite);
  const scale = known.length > 1 ? scaleOf({ name, ...model?.targets[0] }, known, null, null) : null;
  const picture = scale ? drawBand({ width, value: null, interval: null, known, scale, isExtrapolated: false }) : "";
  return [el("p", { class: "target" }, spoken(name)), el("p", { class: "hero", "aria-hidden": "true" }, "?"), picture, el("p", { class: "sentence" }, "Train, then ask: the answer will stand here, and how sure it is.")];
}

function fillFields(element) {
  const { model, row, fit } = state();
  if (!model || state().version === null) return {};
  const made = model.features.map((column) => [column.name, makeField(column, own(row, column.name) ?? "", rangeOf(fit, column), (value) => askFor(column.name, value), isWhole(fit, column))]);
  element.replaceChildren(...made.map(([, field]) => field.element));
  return Object.fromEntries(made);
}

function askFor(name, value) {
  update({ row: { ...state().row, [name]: value } });
  ask();
}

function tellFields(fields, answer) {
  const errors = answer?.problem?.errors ?? [];
  for (const [name, field] of Object.entries(fields)) {
    const wrong = errors.find((error) => error.pointer.endsWith(`/${name}`));
    field.tell({ isExtrapolated: answer?.extrapolated?.includes(name) ?? false, detail: wrong?.detail ?? "" });
  }
}

function targetChoice() {
  const { model } = state();
  const target = shownTarget(state());
  if (!target) return [];
  if (model.targets.length === 1) return [spoken(target.name)];
  const field = el("select", { "aria-label": "Which target", change: () => update({ target: field.value }) }, model.targets.map(({ name }) => el("option", { value: name, selected: name === target.name }, spoken(name))));
  return [field];
}

function coverageChoice() {
  const field = el("select", { id: "coverage", change: () => cover(Number(field.value)) }, COVERAGES.map((each) => el("option", { value: each, selected: each === state().coverage }, times(each))));
  return el("label", { class: "inline coverage", for: "coverage" }, "The band holds the truth", field);
}

function cover(coverage) {
  update({ coverage });
  ask();
}

function showWords({ hero, sentence, extrapolated, classes }) {
  const { answer } = state();
  const target = shownTarget(state());
  if (!answer || !target) {
    hero.replaceChildren(" ");
    sentence.textContent = "";
    extrapolated.hidden = true;
    classes.replaceChildren();
    return;
  }
  if (answer.problem) {
    sentence.textContent = answer.problem.message;
    return;
  }
  const value = answer.prediction[target.name];
  const interval = answer.interval?.[target.name];
  const text = typeof value === "string" ? value : writeNumber(value, interval ? interval.upper - interval.lower : null);
  hero.replaceChildren(text, target.unit ? el("small", {}, ` ${target.unit}`) : "");
  sentence.textContent = sayAnswer(answer, target);
  extrapolated.textContent = sayExtrapolated(answer.extrapolated);
  extrapolated.hidden = !answer.extrapolated.length;
  classes.replaceChildren(...classBars(answer.probabilities?.[target.name]));
}

function classBars(probabilities) {
  const sorted = Object.entries(probabilities ?? {}).toSorted(([, one], [, other]) => other - one);
  return sorted.slice(0, 8).map(([word, share]) => {
    const bar = el("span", { class: "bar", "aria-hidden": "true" });
    bar.style.width = `${Math.max(0.5, 100 * share)}%`;
    return el("div", { class: "class" }, el("span", { class: "word" }, word), el("span", { class: "track" }, bar), el("span", { class: "share" }, writeShare(share, 1)));
  });
}

function showBand(frame, width) {
  const { answer, fit } = state();
  const target = shownTarget(state());
  const value = answer && target ? answer.prediction?.[target.name] : null;
  frame.hidden = target?.kind === "category";
  if (!target || frame.hidden || typeof value !== "number") return;
  const interval = answer.interval?.[target.name] ?? null;
  const known = (fit?.targets[target.name] ?? []).filter((each) => typeof each === "number");
  frame.replaceChildren(drawBand({ width, value, interval, known, scale: scaleOf(target, known, value, interval), isExtrapolated: answer.extrapolated.length > 0 }));
}
