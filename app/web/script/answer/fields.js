// One field for each feature of the row that is asked: a slider with a number, a choice of words, or a date.

import { el } from "../dom.js";
import { spoken, writeNumber } from "../data/format.js";
import { sliderEnds } from "../data/ranges.js";

/**
 * Make the field of a feature. `range` is [least, greatest] of the training rows, which are whole numbers if `isWhole`;
 * `ask(value)` asks another value.
 */
export function makeField(column, value, range, ask, isWhole = false) {
  const id = `ask-${column.name}`;
  const make = { category: choice, date: dateField }[column.kind] ?? numberField;
  const { inputs, set } = make(column, id, value, range, ask, isWhole);
  const unit = column.unit ? el("span", { class: "quiet" }, ` ${column.unit}`) : null;
  const problem = el("p", { class: "field-problem", id: `${id}-problem` });
  const element = el("div", { class: "field", "data-feature": column.name }, el("label", { for: id }, spoken(column.name), unit), ...inputs, problem);
  return {
    element,
    set,
    tell({ isExtrapolated, detail }) {
      element.classList.toggle("extrapolated", isExtrapolated);
      element.classList.toggle("wrong", Boolean(detail));
      problem.textContent = detail || (isExtrapolated ? sayOutside(column, range) : "");
    },
  };
}

function sayOutside(column, range) {
  if (column.kind !== "number" || !range) return "not in the table";
  return `outside of the table: ${writeNumber(range[0])} to ${writeNumber(range[1])}`;
}

/** Return a step of about a two hundredth of the way, as people write numbers. */
function niceStep(extent) {
  const power = 10 ** Math.floor(Math.log10(extent / 100));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= extent / 200) ?? power;
}

function numberField(column, id, value, range, ask, isWhole) {
  const [least, greatest] = sliderEnds(column, range, value);
  const step = Math.max(isWhole ? 1 : 0, niceStep(greatest - least));
  const slider = el("input", { type: "range", min: floorTo(least, step, column.minimum), max: greatest, step, value, "aria-label": `${spoken(column.name)}, slider`, input: () => give(Number(slider.value), slider) });
  const field = el("input", { id, type: "number", step: "any", value, "aria-describedby": `${id}-problem`, input: () => field.value !== "" && give(Number(field.value), field) });
  const shade = el("span", { class: "shade", "aria-hidden": "true" });
  if (range) {
    const [from, to] = [Number(slider.min), Number(slider.max)];
    shade.style.left = `${(100 * (range[0] - from)) / (to - from)}%`;
    shade.style.width = `${(100 * (range[1] - range[0])) / (to - from)}%`;
  }
  function give(number, source) {
    if (source !== field) field.value = trim(number, step);
    if (source !== slider) slider.value = number;
    ask(Number(trim(number, source === slider ? step : 0)));
  }
  const set = (number) => {
    field.value = slider.value = number;
  };
  return { inputs: [el("span", { class: "slider" }, shade, slider), field], set };
}

const floorTo = (number, step, minimum) => Math.max(minimum ?? -Infinity, Math.floor(number / step) * step);
const trim = (number, step) => (step ? Number(number.toFixed(Math.max(0, Math.ceil(-Math.log10(step)) + 1))) : number);

function choice(column, id, value, _, ask) {
  const field = el("select", { id, "aria-describedby": `${id}-problem`, change: () => ask(field.value) }, column.categories.map((word) => el("option", { value: word, selected: word === value }, word)));
  return { inputs: [field], set: (word) => (field.value = word) };
}

function dateField(column, id, value, _, ask) {
  const type = String(value).length > 10 ? "datetime-local" : "date";
  const field = el("input", { id, type, value, "aria-describedby": `${id}-problem`, input: () => field.value && ask(field.value) });
  return { inputs: [field], set: (date) => (field.value = date) };
}
