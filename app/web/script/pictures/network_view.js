// The network and how it learned: live while a training runs, afterwards with what its units answer for the row.

import { drawSized, eachFrame, el } from "../dom.js";
import { get, modelPath, Problem, withQuery } from "../service/api.js";
import { ask } from "../data/actions.js";
import { countOf, spoken, writeNumber, writeShare } from "../data/format.js";
import { own, shownTarget, state, update, watch } from "../data/state.js";
import { drawLearning } from "./learning.js";
import { drawNetwork } from "./network.js";

/** Make the view. */
export function networkView() {
  const [loss, frame, value] = [el("div"), el("div"), el("p", { class: "quiet value-line" }, " ")];
  const caption = el("p", { class: "quiet" });
  const weights = el("details", { class: "weights" }, el("summary", {}, "Weights as numbers"));
  const drawLoss = drawSized(loss, (width) => loss.replaceChildren(drawLearning(width, curves(state()))));
  const drawNet = drawSized(frame, (width) => showNetwork(frame, width, (text) => (value.textContent = text || " ")));
  frame.addEventListener("pointerleave", () => (value.textContent = " "));
  weights.addEventListener("toggle", () => listWeights(weights));
  watch(["losses", "job", "version", "versions"], eachFrame(drawLoss));
  const drawSeen = eachFrame(() => state().picture === "network" && drawNet());
  watch(["network", "activations", "job", "version", "table", "check", "roles"], drawSeen);
  watch(["picture"], ({ picture }) => picture === "network" && ask());
  watch(["network", "target", "job"], () => {
    caption.replaceChildren(...describe(state()));
    listWeights(weights);
  });
  return el("div", {}, el("h3", {}, "Loss"), loss, el("h3", {}, "Network"), caption, frame, value, weights);
}

/** Return the curves to draw: the training that runs, or the one of the version. */
function curves({ job, losses, versions, version }) {
  if (job) return [{ name: "this training", points: losses }];
  const shown = versions.find((each) => each.model_version === version);
  return shown ? [{ name: `version ${version}`, points: shown.report.learning_curve }] : [];
}

function showNetwork(frame, width, tell) {
  const { job, network, activations } = state();
  const live = job?.network ? named(job.network) : null;
  const drawn = live ?? network;
  const layers = drawn?.layers;
  if (layers?.length) return frame.replaceChildren(drawNetwork(width, drawn, live ? null : activations, tell));
  if (state().version === null || job) return frame.replaceChildren(drawNetwork(width, untrained(state()), null, tell));
  frame.replaceChildren(el("p", { class: "empty" }, "No network takes part in the answers of this version."));
}

/** Return a network that learns with the names of what it reads and answers, where these are the table's columns. */
function named(layers) {
  const { inputs, outputs } = untrained(state());
  const [read, answered] = [layers[0].weights.length, layers.at(-1).units];
  const numbered = (count, noun) => Array.from({ length: count }, (_, index) => `${noun} ${index + 1}`);
  return { layers, inputs: inputs.length === read ? inputs : numbered(read, "input"), outputs: outputs.length === answered ? outputs : numbered(answered, "output") };
}

/** Return a network that has learned nothing yet: the table's columns, and three units between them. */
function untrained({ table, roles, check, model }) {
  const told = Object.fromEntries((check?.columns ?? []).map((column) => [column.name, column.role]));
  const roleOf = (name) => own(roles, name) ?? own(told, name) ?? (name === table.columns.at(-1) ? "target" : "feature");
  const inputs = model ? model.features.map(({ name }) => name) : table.columns.filter((name) => ["feature", "words"].includes(roleOf(name)));
  const outputs = model ? model.targets.map(({ name }) => name) : table.columns.filter((name) => roleOf(name) === "target");
  return { inputs, outputs, layers: [{ units: 3 }, { units: outputs.length }] };
}

function describe({ network, job, model, target }) {
  if (job?.network) return ["As it learns. Blue is positive, orange negative; the thicker, the stronger."];
  if (!network?.layers?.length) return [];
  const shown = shownTarget({ model, target });
  const share = network.weight?.[shown?.name] ?? 1;
  const told = `${countOf(network.parameters, "parameter")}; ${share > 0.995 ? "networks give the whole answer" : `networks give ${writeShare(share)} of the answer`}. Blue is positive, orange negative; the thicker, the stronger. `;
  return [told, ...memberChoice(network)];
}

function memberChoice({ member, members }) {
  if (members < 2) return [];
  const options = Array.from({ length: members }, (_, index) => el("option", { value: index + 1, selected: index + 1 === member }, `${index + 1} of ${members}`));
  const field = el("select", { "aria-label": "Which network of the ensemble", change: () => chooseMember(Number(field.value)) }, options);
  return ["Network ", field];
}

async function chooseMember(member) {
  const { model, version } = state();
  try {
    update({ network: await get(withQuery(modelPath(model.name, "versions", version, "network"), { member })), activations: null });
    await ask();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
  }
}

/** Fill the list of weights, which is for those who cannot see or point at the picture. */
function listWeights(details) {
  const { network } = state();
  details.hidden = !network?.layers?.length || network.is_summary === true;
  if (details.hidden || !details.open) return;
  const tables = network.layers.map((layer, index) => layerTable(layer, index === 0 ? network.inputs.map(spoken) : null, index));
  details.replaceChildren(details.firstElementChild, ...tables);
}

function layerTable({ weights, biases, activation }, names, index) {
  const heads = [el("th", { scope: "col" }, "from"), ...weights[0].map((_, unit) => el("th", { scope: "col" }, `unit ${unit + 1}`))];
  const line = (name, numbers) => el("tr", {}, el("th", { scope: "row" }, name), numbers.map((number) => el("td", {}, writeNumber(number))));
  const lines = weights.map((row, input) => line(names?.[input] ?? `unit ${input + 1}`, row));
  if (biases) lines.push(line("bias", biases));
  return el("div", { class: "scrolling", tabindex: 0, role: "group", "aria-label": `Weights of layer ${index + 1}` }, el("table", {}, el("caption", {}, `Layer ${index + 1}, ${activation}`), el("thead", {}, el("tr", {}, heads)), el("tbody", {}, lines)));
}
