// The versions of a model: which one answers, how they compare, and what can be saved of them.

import { drawSized, el } from "../dom.js";
import { download, modelPath, withQuery } from "../service/api.js";
import { loadVersions, makeDefault, showVersion } from "../data/actions.js";
import { copyView } from "../copy_view.js";
import { downloadLines, rollbackLines } from "../data/commands.js";
import { spoken, writeCount, writeNumber, writeShare, writeTime } from "../data/format.js";
import { unseenScore } from "../data/sentences.js";
import { shownTarget, state, watch } from "../data/state.js";
import { drawLearning } from "../pictures/learning.js";

const MAX_SHOWN = 50;
const FILES = [["safetensors", "checkpoint"], ["txt", "weights as text"]];

/** Make the view. */
export function versionsView() {
  const [body, frame] = [el("tbody"), el("div")];
  const compared = new Set();
  const files = el("p", { class: "buttons files" });
  const titles = ["Version", "Trained", "Rows", "Error", "Trainer", "Compare", ""];
  const table = el("table", { class: "versions" }, el("thead", {}, el("tr", {}, titles.map((title) => el("th", { scope: "col" }, title)))), body);
  const draw = drawSized(frame, (width) => frame.replaceChildren(drawLearning(width, comparedCurves(compared))));
  const lines = copyView("Choosing a version as a command", () => rollbackLines(modelPath(state().model.name, "default-version"), state().model.name, state().version));
  const saving = copyView("Downloads as commands", () => downloadLines(filePath(state().version, "safetensors"), `${state().model.name}-${state().version}.safetensors`, state().model.name, state().version));
  watch(["versions", "version", "model", "target"], ({ versions }) => {
    for (const number of compared) if (!versions.some((each) => each.model_version === number)) compared.delete(number);
    body.replaceChildren(...versions.slice(0, MAX_SHOWN).map((each) => line(each, compared, draw)));
    files.replaceChildren(...downloads());
    lines.refresh();
    saving.refresh();
    draw();
  });
  return el("div", {}, el("div", { class: "scrolling", tabindex: 0, role: "group", "aria-label": "Versions" }, table), files, el("h3", {}, "Losses compared"), el("p", { class: "quiet" }, "Of the version that is shown (blue), and of those that you tick."), frame, lines.element, saving.element);
}

function comparedCurves(compared) {
  const { versions, version } = state();
  const curve = (number) => {
    const found = versions.find((each) => each.model_version === number);
    return found ? [{ name: `version ${number}`, points: found.report.learning_curve }] : [];
  };
  return [version, ...[...compared].filter((number) => number !== version)].flatMap(curve);
}

function line(each, compared, draw) {
  const { model, version } = state();
  const number = each.model_version;
  const isDefault = number === model?.default_version;
  const score = unseenScore(each.report, shownTarget(state()) ?? { name: "" });
  const tick = el("input", { type: "checkbox", "aria-label": `Compare version ${number}`, checked: compared.has(number), change: () => (tick.checked ? compared.add(number) : compared.delete(number), draw()) });
  const show = el("button", { type: "button", class: "link", "aria-current": number === version ? "true" : null, click: () => showVersion(number) }, `${number}`);
  return el(
    "tr",
    { class: number === version ? "shown" : null },
    el("th", { scope: "row" }, show, isDefault ? el("span", { class: "tag" }, "default") : null),
    el("td", {}, writeTime(each.created)),
    el("td", { class: "number" }, writeCount(each.report.rows)),
    el("td", { class: "number" }, score ? (score.name === "accuracy" ? writeShare(score.value, 1) : writeNumber(score.value)) : "–"),
    el("td", {}, each.report.candidates?.length ? "automatic" : spoken(each.report.trainer?.name ?? "")),
    el("td", {}, tick),
    el("td", {}, isDefault ? null : el("button", { type: "button", click: () => choose(number) }, "Make default")),
  );
}

async function choose(number) {
  await makeDefault(number);
  await loadVersions();
  await showVersion(number);
}

function downloads() {
  const { model, version, versions } = state();
  const shown = versions.find((each) => each.model_version === version);
  if (!shown) return [];
  const paths = FILES.map(([format, title]) => [filePath(version, format), title]);
  if (shown.table_sha256) paths.push([modelPath(model.name, "versions", version, "table"), "table"]);
  return [`Download version ${version}: `, ...paths.map(([path, title]) => el("button", { type: "button", class: "link", click: () => download(path) }, title))];
}

const filePath = (number, format) => withQuery(modelPath(state().model.name, "versions", number, "export"), { format });
