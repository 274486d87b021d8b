// The options of a training, folded away: what is left empty, the service chooses.

import { el } from "../dom.js";
import { state, update } from "../data/state.js";

const TRAINERS = [
  ["", "automatic"],
  ["gradient_descent", "gradient descent, as in the tutorial"],
  ["levenberg_marquardt", "Levenberg-Marquardt networks alone"],
  ["lbfgs", "L-BFGS networks alone"],
];
const ACTIVATIONS = [["", "automatic"], ["tanh", "tanh"], ["sigmoid", "sigmoid"], ["relu", "relu"]];
const GAPS = [["", "refuse the table"], ["mean", "fill in the mean"]];

/** Make the folded form of options. */
export function optionsView() {
  return el(
    "details",
    { class: "options" },
    el("summary", {}, "Options"),
    el(
      "div",
      { class: "fields" },
      choice("trainer", "Trainer", TRAINERS),
      text("hidden_layers", "Hidden layers", "automatic, or such as 3 or 8, 4"),
      choice("activation", "Activation", ACTIVATIONS),
      text("max_epochs", "Epochs at most", "automatic"),
      text("learning_rate", "Learning rate", "of gradient descent: 1"),
      text("seed", "Seed", "0"),
      choice("missing", "Where a feature is missing", GAPS),
    ),
  );
}

const change = (name, value) => update({ options: { ...state().options, [name]: value } });

function choice(name, label, options) {
  const field = el("select", { id: `option-${name}`, change: () => change(name, field.value) }, options.map(([value, words]) => el("option", { value }, words)));
  return el("label", { for: field.id }, label, field);
}

function text(name, label, placeholder) {
  const field = el("input", { id: `option-${name}`, placeholder, autocomplete: "off", input: () => change(name, field.value.trim()) });
  return el("label", { for: field.id }, label, field);
}
