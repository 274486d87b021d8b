// What the page does: choose a model, read and check a table, train, cancel, ask, choose a version.

import { get, modelPath, postJson, postTable, Problem, send, withQuery } from "../service/api.js";
import { followJob } from "../service/events.js";
import { filledRows, writeCsv } from "./csv.js";
import { isShown, own, shownTarget, state, update } from "./state.js";

export const TUTORIAL = { columns: ["hours_studied", "hours_slept", "score"], rows: [["2", "9", "92"], ["1", "5", "86"], ["3", "6", "89"]] };
export const TUTORIAL_MODEL = "exam-score";
const TUTORIAL_QUESTION = { hours_studied: 4, hours_slept: 8 };
const NEW_TABLE = { columns: ["x", "y"], rows: [["1", "2.1"], ["2", "3.9"], ["3", "6.2"]] };

/** Learn which models there are. */
export async function loadModels() {
  const { models } = await get(withQuery("models", { limit: 1000 }));
  update({ models: models.map(({ name }) => name) });
}

const NOTHING_SHOWN = { versions: [], version: null, answer: null, network: null, activations: null, fit: null, roles: {}, row: {}, target: null };

let choices = 0;

/** Choose a model, with its default version and the table that this was trained with; null: a new table. */
export async function chooseModel(name) {
  choices += 1;
  const choice = choices;
  location.hash = name === null ? "" : encodeURIComponent(name);
  if (name === null) {
    update({ ...NOTHING_SHOWN, model: null, table: NEW_TABLE, check: null, losses: [] });
    return checkTable();
  }
  const model = await get(modelPath(name));
  if (choice !== choices) return undefined; // another one was chosen meanwhile
  update({ ...NOTHING_SHOWN, model, check: null, losses: [], options: { ...state().options, name: "" } });
  if (model.default_version === null) {
    update({ table: name === TUTORIAL_MODEL ? TUTORIAL : { columns: columnNames(model), rows: [] } });
    return checkTable();
  }
  await loadVersions();
  return choice === choices ? Promise.all([showVersion(model.default_version), loadTable()]) : undefined;
}

let beginning = Promise.resolve();

/** Begin with a model, if there is one of that name; else with the tutorial's. */
export function begin(name) {
  beginning = loadModels().then(() => chooseModel(state().models.includes(name) ? name : TUTORIAL_MODEL));
  return beginning;
}

const columnNames = ({ features, targets }) => [...features, ...targets].map((column) => column.name);

/** Learn which versions the model has. */
export async function loadVersions() {
  const { name } = state().model;
  const { versions } = await get(modelPath(name, "versions"));
  if (state().model?.name === name) update({ versions });
}

async function loadTable() {
  const { model } = state();
  try {
    const csv = await (await send(modelPath(model.name, "versions", model.default_version, "table"))).text();
    if (state().model?.name !== model.name) return;
    await fillTable(csv.replace(/(?<=\d)\.0(?=[,\r\n])/g, ""), "text/csv"); // 2.0 is how the service writes 2
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    update({ table: { columns: columnNames(model), rows: [] } }); // it was not kept
  }
}

/**
 * Put a table of any form that the service reads into the editor: a text or a file. Raises `Problem` if it is none.
 * `onBegin` is called before anything changes.
 */
export async function readTable(body, type, onBegin) {
  await beginning; // what it shows would take the table's place
  onBegin();
  return fillTable(body, type);
}

async function fillTable(body, type) {
  const { model } = state();
  const { cells } = await postTable(withQuery(modelPath(modelName(), "check"), { cells: true }), body, type);
  if (state().model?.name !== model?.name) return; // another one was chosen meanwhile
  update({ table: cells, roles: {}, check: null });
  await checkTable();
}

/** What each option is called in a query, beside `targets` and the like. */
function optionParameters({ trainer, hidden_layers, activation, max_epochs, learning_rate, seed }) {
  return { trainer, hidden_layers: hidden_layers.replaceAll(" ", ""), activation, max_epochs, learning_rate, seed };
}

/** Return the name that the model to be trained has, or will have. */
export const modelName = ({ model, options } = state()) => model?.name ?? (options.name || freeName("my-table"));

/** Return a name that no model has yet: this one, or with a number. */
export function freeName(name) {
  const { models } = state();
  let free = name;
  for (let number = 2; models.includes(free); number += 1) free = `${name}-${number}`;
  return free;
}

/** Return the query that says what the columns of a new table are. */
function columnParameters({ model, roles, table, options }) {
  if (model) return {};
  const having = (role) => table.columns.filter((name) => own(roles, name) === role).join(",");
  const targets = having("target") || table.columns.at(-1);
  return { targets, ignore: having("ignored"), categories: having("words"), missing: options.missing };
}

const checkPath = () => withQuery(modelPath(modelName(), "check"), columnParameters(state()));

/** Return the query of a training of the table in the editor: what its columns are, and its options. */
export const trainParameters = () => ({ ...columnParameters(state()), ...optionParameters(state().options) });

/** Return where the table in the editor is sent to be trained. */
export const trainPath = () => withQuery(modelPath(modelName(), "train"), trainParameters());

/** Have the service say how it reads the table in the editor. */
export async function checkTable() {
  const { table } = state();
  const positions = filledRows(table.rows);
  if (!positions.length) return update({ check: null });
  try {
    const check = await postTable(checkPath(), writeCsv(table), "text/csv");
    if (state().table === table) update({ check: { ...check, positions } });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (state().table === table) update({ check: { rows: positions.length, columns: [], errors: [{ detail: error.message, row: null, column: null }], positions } });
  }
}

/** Train, following the progress. Raises `Problem` if the table or the training is refused. */
export async function train() {
  const [name, csv] = [modelName(), writeCsv(state().table)];
  const accepted = await postTable(trainPath(), csv, "text/csv", { Prefer: "respond-async" });
  update({ job: accepted, losses: [] });
  try {
    const job = await followJob(accepted.job_id, noteProgress);
    if (job.status === "succeeded") await showTraining(name, job);
    else if (job.status === "failed") throw new Problem(job.error);
    return job;
  } finally {
    update({ job: null });
  }
}

function noteProgress(job) {
  const { losses } = state();
  const isNew = job.loss !== null && losses.at(-1)?.[0] !== job.epoch;
  update({ job, losses: isNew ? [...losses, [job.epoch, job.loss]] : losses });
}

async function showTraining(name, job) {
  await loadModels();
  const model = await get(modelPath(name));
  const isSame = state().model?.name === name;
  update(isSame ? { model } : { ...NOTHING_SHOWN, model });
  location.hash = encodeURIComponent(name);
  await loadVersions();
  await showVersion(job.model_version);
}

/** Ask the training to stop. */
export const cancel = () => postJson(`jobs/${state().job.job_id}/cancel`, {});

let showings = 0;

/** Ask and picture this version from now on. */
export async function showVersion(version) {
  showings += 1;
  const showing = showings;
  const { name } = state().model;
  const path = modelPath(name, "versions", version);
  const [fit, network] = await Promise.all([orNull(get(`${path}/fit`)), orNull(get(`${path}/network`))]);
  if (showing !== showings || state().model?.name !== name) return; // another one was chosen meanwhile
  const { model } = state();
  const row = { ...middleRow(model, fit), ...known(state()) };
  update({ version, fit, network, row, answer: null, activations: null });
  await ask();
}

/** Return what is asked already of the columns that the model has. */
const known = ({ model, row }) => Object.fromEntries(model.features.filter(({ name }) => Object.hasOwn(row, name)).map(({ name }) => [name, row[name]]));

async function orNull(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** Return a row to begin with: the tutorial's question, or what lies in the middle of the training rows. */
function middleRow(model, fit) {
  if (model.name === TUTORIAL_MODEL) return TUTORIAL_QUESTION;
  return Object.fromEntries(model.features.map((column) => [column.name, middle(column, fit?.features[column.name] ?? [])]));
}

function middle(column, cells) {
  const sorted = cells.filter((cell) => cell !== null).toSorted((one, other) => (one < other ? -1 : 1));
  if (column.kind === "category") return column.categories[0];
  return sorted[Math.floor(sorted.length / 2)] ?? (column.kind === "date" ? "2024-01-01" : 0);
}

/** Have another version answer those who ask the model. */
export async function makeDefault(version) {
  const { model } = state();
  await postJson(modelPath(model.name, "default-version"), { model_version: version }, "PUT");
  update({ model: await get(modelPath(model.name)) });
}

/** Return where rows are asked. */
export function predictPath({ model, version } = state()) {
  return version === model.default_version ? modelPath(model.name, "predict") : modelPath(model.name, "versions", version, "predict");
}

let isAsking = false;
let isAskedAgain = false;

/** Ask the row, and again if it has changed meanwhile: one question at a time, however fast a slider is drawn. */
export async function ask() {
  isAskedAgain = true;
  if (isAsking) return;
  isAsking = true;
  try {
    while (isAskedAgain) {
      isAskedAgain = false;
      await askOnce();
    }
  } finally {
    isAsking = false;
  }
}

async function askOnce() {
  const { model, version, row, coverage, network } = state();
  if (version === null) return;
  const isStill = () => isShown({ model, version });
  try {
    const answer = await postJson(withQuery(predictPath(), { coverage }), row);
    if (isStill()) update({ answer: { ...answer, problem: null } });
    if (!network?.layers?.length || isAskedAgain || state().picture !== "network") return;
    const path = withQuery(modelPath(model.name, "versions", version, "activations"), { member: network.member });
    const activations = await orNull(postJson(path, row));
    if (isStill()) update({ activations });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (isStill()) update({ answer: { problem: error }, activations: null });
  }
}

/** Ask many rows of the features at once: lists of values in the order of the model's features. Returns the answer as it comes. */
export async function askRows(data) {
  const { model, coverage } = state();
  return postJson(withQuery(predictPath(), { coverage }), { columns: model.features.map(({ name }) => name), data });
}

/** Return one target's numbers of many answers: means, lowers and uppers; of classes the probability of `word`. */
export function numbersOf(answer, word = null) {
  const name = shownTarget(state()).name;
  if (word !== null) {
    const means = answer.probabilities.map((each) => each[name][word] ?? 0);
    return { means, lowers: null, uppers: null };
  }
  const side = (which) => answer.intervals?.map((each) => each[name]?.[which] ?? null) ?? null;
  return { means: answer.predictions.map((each) => each[name]), lowers: side("lower"), uppers: side("upper") };
}
