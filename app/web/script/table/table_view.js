// The panel on the left: the table, where it comes from, and what the service finds in it.

import { afterPause, byId, el } from "../dom.js";
import { checkTable, chooseModel, freeName, modelName, readTable, TUTORIAL, TUTORIAL_MODEL } from "../data/actions.js";
import { countOf } from "../data/format.js";
import { own, state, update, watch } from "../data/state.js";
import { columnHead } from "./columns.js";
import { makeGrid } from "./grid.js";
import { optionsView } from "./options.js";
import { trainView } from "./train_view.js";

const CHECK_AFTER = 400; // milliseconds without a change
const TYPES = { csv: "text/csv", tsv: "text/csv", txt: "text/csv", json: "application/json", ndjson: "application/x-ndjson", jsonl: "application/x-ndjson", xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", parquet: "application/vnd.apache.parquet", arrow: "application/vnd.apache.arrow.stream", feather: "application/vnd.apache.arrow.stream" };
const MAX_PROBLEMS = 5;

const checkSoon = afterPause(CHECK_AFTER, checkTable);

/** Fill the panel. */
export function showTable() {
  const panel = byId("table");
  const grid = makeGrid({ table: () => state().table, problemAt, head, edit, removeRow });
  const notice = el("p", { class: "notice", role: "status", hidden: true });
  const summary = el("p", { class: "quiet", id: "table-summary", role: "status" });
  const problems = el("ul", { class: "problems", id: "table-problems" });
  panel.append(sources(notice), nameField(), notice, grid.element, summary, problems, optionsView(), trainView());
  listen(panel, notice);
  watch(["table", "check", "roles", "model"], () => {
    grid.draw();
    summary.textContent = summarise(state());
    problems.replaceChildren(...listProblems(state(), grid));
  });
}

function sources(notice) {
  const file = el("input", { type: "file", class: "hidden", id: "file", "aria-label": "Open a file", accept: Object.keys(TYPES).map((end) => `.${end}`).join(), change: () => open(file.files[0], notice) });
  return el(
    "div",
    { class: "buttons", id: "sources" },
    el("button", { type: "button", click: () => file.click() }, "Open a file…"),
    file,
    el("button", { type: "button", click: () => paste(notice) }, "Paste"),
    el("button", { type: "button", click: () => showTutorial() }, "The tutorial’s table"),
  );
}

function nameField() {
  const field = el("input", { id: "model-name", placeholder: "my-table", autocomplete: "off", spellcheck: "false", input: () => name(field.value.trim()) });
  const label = el("label", { class: "inline", for: "model-name" }, "Name of the new model", field);
  watch(["model", "models", "options"], ({ model, options }) => {
    field.placeholder = modelName();
    label.hidden = model !== null;
    if (field.value.trim() !== options.name) field.value = options.name;
  });
  return label;
}

function name(model) {
  update({ options: { ...state().options, name: model } });
  checkSoon();
}

async function showTutorial() {
  if (state().model?.name !== TUTORIAL_MODEL) await chooseModel(TUTORIAL_MODEL);
  update({ table: TUTORIAL });
  await checkTable();
}

function listen(panel, notice) {
  panel.addEventListener("dragover", (event) => {
    event.preventDefault();
    panel.classList.add("dropping");
  });
  panel.addEventListener("dragleave", () => panel.classList.remove("dropping"));
  panel.addEventListener("drop", (event) => {
    event.preventDefault();
    panel.classList.remove("dropping");
    if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0], notice);
  });
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!text.trim().includes("\n") || event.target.closest("form, dialog, #answer")) return;
    event.preventDefault();
    replace(text, "text/csv", "Pasted", notice);
  });
}

async function paste(notice) {
  try {
    await replace(await navigator.clipboard.readText(), "text/csv", "Pasted", notice);
  } catch {
    tell(notice, "Press Ctrl+V (on a Mac, ⌘V) to paste a table that you have copied.");
  }
}

async function open(file, notice) {
  if (!file) return;
  const [, stem, end] = /^(.*?)(?:\.([^.]*))?$/.exec(file.name);
  const name = stem.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  await replace(file, TYPES[end?.toLowerCase()] ?? "text/csv", `Opened ${file.name}:`, notice, name);
}

/** Put another table into the editor, as a new model unless its columns are those of the chosen one. */
async function replace(body, type, verb, notice, name = "") {
  let before = null;
  try {
    await readTable(body, type, () => (before = { ...state() }));
    const { table } = state();
    if (before.model && !hasColumnsOf(before.model, table.columns)) await beginNewModel(name);
    tell(notice, `${verb} ${countOf(table.rows.length, "row")}.`, before);
  } catch (error) {
    tell(notice, error.message, null, true);
  }
}

const hasColumnsOf = ({ features, targets }, names) => [...features, ...targets].every((column) => names.includes(column.name));

async function beginNewModel(name) {
  const { table } = state();
  await chooseModel(null);
  update({ table, roles: {}, options: { ...state().options, name: name && freeName(name) } });
  await checkTable();
}

function tell(notice, text, before = null, isWrong = false) {
  notice.className = isWrong ? "notice wrong" : "notice";
  notice.replaceChildren(text);
  if (before) notice.append(" ", el("button", { type: "button", class: "link", click: () => undo(before, notice) }, "Undo"));
  notice.hidden = false;
}

function undo(before, notice) {
  update(before);
  notice.hidden = true;
}

function edit(row, column, text) {
  const { columns, rows } = state().table;
  const cells = [...(rows[row] ?? columns.map(() => ""))];
  cells[column] = text;
  const changed = [...rows];
  changed[row] = cells;
  update({ table: { columns, rows: changed } });
  checkSoon();
}

function removeRow(row) {
  const { columns, rows } = state().table;
  update({ table: { columns, rows: rows.toSpliced(row, 1) } });
  checkSoon();
}

function head(index, name) {
  const { model, roles, check, table } = state();
  const checked = check?.columns.find((column) => column.name === name);
  const role = model ? roleIn(model, name) : (own(roles, name) ?? checked?.role ?? (index === table.columns.length - 1 ? "target" : "feature"));
  const change = model ? null : (chosen) => choose(name, chosen);
  return columnHead(name, { role, checked, rename: model ? null : (text) => rename(index, text), change });
}

function roleIn(model, name) {
  if (model.targets.some((column) => column.name === name)) return "target";
  return model.features.some((column) => column.name === name) ? "feature" : "ignored";
}

function choose(name, role) {
  const { roles, check, table } = state();
  const told = Object.fromEntries((check?.columns ?? []).map((column) => [column.name, column.role]));
  const now = Object.fromEntries(table.columns.map((column) => [column, own(roles, column) ?? own(told, column) ?? "feature"]));
  update({ roles: { ...now, [name]: role } });
  checkTable();
}

function rename(index, name) {
  const { columns, rows } = state().table;
  if (!name || columns.includes(name)) return update({ table: { columns: [...columns], rows } });
  update({ table: { columns: columns.toSpliced(index, 1, name), rows } });
  checkSoon();
}

function problemAt(row, column) {
  const { check, table } = state();
  return check?.errors.find((error) => error.column === table.columns[column] && error.row !== null && check.positions?.[error.row] === row)?.detail ?? null;
}

function summarise({ check, table }) {
  if (!check) return "";
  const size = `${countOf(check.rows, "row")}, ${countOf(table.columns.length, "column")}`;
  const ready = check.errors.length ? "" : `, ready to train ${modelName()}`;
  return [`${size}${ready}`, ...(check.read ?? []), ...(check.warnings ?? [])].join(". ");
}

function listProblems({ check }, grid) {
  const errors = check?.errors ?? [];
  const shown = errors.slice(0, MAX_PROBLEMS).map((error) => el("li", {}, problemLine(error, check, grid)));
  if (errors.length > MAX_PROBLEMS) shown.push(el("li", {}, `and ${errors.length - MAX_PROBLEMS} more`));
  return shown;
}

function problemLine(error, check, grid) {
  const column = state().table.columns.indexOf(error.column);
  const row = error.row === null ? -1 : (check.positions?.[error.row] ?? -1);
  if (row < 0 || column < 0) return error.column ? `${error.column}: ${error.detail}` : error.detail;
  return [el("button", { type: "button", class: "link", click: () => grid.showCell(row, column) }, `Row ${row + 1}, ${error.column}`), `: ${error.detail}`];
}
