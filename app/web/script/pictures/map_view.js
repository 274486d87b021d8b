// The view of maps: two features chosen, the answer and its interval's width over them.

import { afterPause, drawSized, el } from "../dom.js";
import { spoken } from "../data/format.js";
import { state, watch } from "../data/state.js";
import { asker } from "./asker.js";
import { columnWidth, shownWord } from "./curves_view.js";
import { sampled } from "./axes.js";
import { askMap, drawMap } from "./map.js";

const ASK_AFTER = 150;
const MAX_DOTS = 200;

/** Make the view; `isShown()` tells whether anyone looks. */
export function mapView(isShown) {
  const choices = ["across", "up"].map((side) => el("select", { id: `map-${side}`, change: () => refresh() }));
  const [frame, empty] = [el("div", { class: "maps" }), el("p", { class: "empty" }, "A map needs two features that are numbers.")];
  const fields = el("div", { class: "inline-fields" }, ["Across", "Up"].map((title, index) => el("label", { for: choices[index].id }, title, choices[index])));
  let asked = null;
  const draw = drawSized(frame, (width) => frame.replaceChildren(...(asked ? mapsOf(asked, columnWidth(width)) : [])));
  const ask = (now) => askMap(now, choices.map((choice) => numbers().find(({ name }) => name === choice.value)), shownWord());
  const asking = asker(ask, (found) => {
    asked = found;
    draw();
  });
  const refresh = () => {
    if (isShown() && numbers().length > 1) asking();
  };
  watch(["model", "version", "fit", "target"], () => {
    const found = numbers();
    choices.forEach((choice, place) => choice.replaceChildren(...found.map(({ name }, index) => el("option", { value: name, selected: index === place }, spoken(name)))));
    empty.hidden = found.length > 1;
    fields.hidden = frame.hidden = found.length < 2;
    asked = null;
    frame.replaceChildren();
    refresh();
  });
  watch(["row", "coverage"], afterPause(ASK_AFTER, refresh));
  return { element: el("div", {}, fields, empty, frame), refresh };
}

const numbers = () => (state().model?.features ?? []).filter(({ kind }) => kind === "number");

function mapsOf(asked, width) {
  const { row, fit } = state();
  const [across, down] = asked.columns.map(({ name }) => fit?.features[name] ?? []);
  const rows = sampled(across.length, MAX_DOTS).map((index) => [across[index], down[index]]).filter((dot) => dot.every((each) => each !== null));
  const word = shownWord();
  const maps = [drawMap(width, asked, asked.means, { title: word === null ? "The answer" : `Probability of ${word}`, row, rows })];
  if (asked.widths) maps.push(drawMap(width, asked, asked.widths, { title: "Width of its interval", row, rows }));
  return maps;
}
