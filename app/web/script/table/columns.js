// A column's head: its name, what it is for, and how the service reads it.

import { el } from "../dom.js";
import { countOf, writeNumber } from "../data/format.js";

const ROLES = { feature: "feature", words: "feature, as words", target: "to predict", ignored: "left out" };

/** Make the head of a column. `change(role)` is called when another role is chosen; without it the role stands fast. */
export function columnHead(name, { role, checked, rename, change }) {
  const field = el("input", { value: name, "aria-label": "Column name", class: "name", spellcheck: "false", autocomplete: "off", change: () => rename(field.value.trim()), readonly: rename ? null : true });
  return el("th", { scope: "col", "data-role": role }, field, change ? roleChoice(name, role, change) : el("span", { class: "role" }, ROLES[role] ?? role), el("span", { class: "kind", title: describe(checked) }, describe(checked)));
}

function roleChoice(name, role, change) {
  const options = Object.entries(ROLES).map(([value, text]) => el("option", { value, selected: value === role }, text));
  const choice = el("select", { class: "role", "aria-label": `What ${name} is`, change: () => change(choice.value) }, options);
  return choice;
}

function describe(column) {
  if (!column?.kind) return " ";
  const gaps = column.missing ? `, ${countOf(column.missing, "gap")}` : "";
  const reading = column.reading ? `, as ${column.reading}` : "";
  if (column.kind === "category") return `${countOf(column.categories.length, "word")}${gaps}`;
  if (column.kind === "date") return `date${reading}${gaps}`;
  if (column.minimum === null || column.minimum === undefined) return `number${gaps}`;
  const unit = column.unit ? ` ${column.unit}` : "";
  return `${writeNumber(column.minimum)} to ${writeNumber(column.maximum)}${unit}${gaps}${reading}`;
}
