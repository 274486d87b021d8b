// The button that trains, the progress of a training, and what came of it.

import { el } from "../dom.js";
import { cancel, modelName, train, trainParameters, trainPath } from "../data/actions.js";
import { copyView } from "../copy_view.js";
import { writeNumber, writeSpan } from "../data/format.js";
import { sayCandidates, sayChange, sayTraining } from "../data/sentences.js";
import { shownTarget, watch } from "../data/state.js";
import { trainLines } from "../data/commands.js";

/** Make the form that trains. */
export function trainView() {
  const button = el("button", { type: "button", class: "primary", id: "train", click: () => begin(outcome) }, "Train");
  const stop = el("button", { type: "button", id: "cancel", hidden: true, click: cancel }, "Cancel");
  const bar = el("progress", { max: 1, hidden: true, "aria-label": "Progress of the training" });
  const progress = el("p", { class: "quiet", id: "progress", role: "status" });
  const outcome = el("div", { id: "outcome", role: "status" });
  const lines = copyView("The same as a command", () => trainLines(trainPath(), `${modelName()}.csv`, modelName(), trainParameters()));
  watch(["job", "losses", "check"], ({ job, check }) => {
    button.disabled = job !== null || !check || check.errors.length > 0;
    bar.hidden = stop.hidden = job === null;
    showBar(bar, job);
    progress.textContent = job ? sayProgress(job) : "";
  });
  watch(["version", "versions", "target"], (now) => outcome.replaceChildren(...sayOutcome(now)));
  watch(["options", "model", "roles", "table"], () => lines.refresh());
  return el("div", { class: "train" }, el("div", { class: "buttons" }, button, stop), bar, progress, outcome, lines.element);
}

async function begin(outcome) {
  outcome.replaceChildren();
  try {
    const job = await train();
    if (job.status === "cancelled") outcome.replaceChildren(el("p", {}, "Cancelled. The model is as it was."));
  } catch (error) {
    outcome.replaceChildren(el("p", { class: "notice wrong" }, error.message));
  }
}

function showBar(bar, job) {
  if (job?.progress === null || job?.progress === undefined) bar.removeAttribute("value");
  else bar.value = job.progress;
}

function sayProgress(job) {
  if (job.status === "queued") return "Waiting for its turn.";
  const since = (Date.now() - Date.parse(job.started ?? job.created)) / 1000;
  const left = job.progress > 0.002 && since > 1 ? `about ${writeSpan((since * (1 - job.progress)) / job.progress)} left` : "";
  const epoch = job.epoch ? `epoch ${job.epoch.toLocaleString("en")}` : "";
  const loss = job.loss === null ? "" : `loss ${writeNumber(job.loss)}`;
  return [job.step, epoch, loss, left].filter(Boolean).join(" · ");
}

/** Say what came of the training of the version that is shown. */
function sayOutcome({ versions, version, model, target }) {
  const place = versions.findIndex((each) => each.model_version === version);
  if (place < 0) return [];
  const { report, duration_seconds: seconds } = versions[place];
  const shown = shownTarget({ model, target });
  const sentences = [sayTraining(report, seconds), sayChange(report, versions[place + 1], shown), sayCandidates(report, shown)];
  return [...sentences.filter(Boolean).map((text) => el("p", {}, text)), warnings(report)].filter(Boolean);
}

function warnings({ warnings: told }) {
  return told.length ? el("ul", { class: "warnings" }, told.map((text) => el("li", {}, text))) : null;
}
