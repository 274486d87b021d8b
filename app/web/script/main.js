// The page: its panels put together, and the model that it begins with.

import { showAnswer } from "./answer/answer_view.js";
import { ask, begin, chooseModel, loadModels, TUTORIAL } from "./data/actions.js";
import { countOf } from "./data/format.js";
import { state, update, watch } from "./data/state.js";
import { byId, el } from "./dom.js";
import { showPictures } from "./pictures/pictures_view.js";
import { Unreachable } from "./service/api.js";
import { onRestored } from "./service/connection.js";
import { showTable } from "./table/table_view.js";

const NEW = "";

function showModelChoice() {
  const choice = byId("model-choice");
  choice.addEventListener("change", () => chooseModel(choice.value === NEW ? null : choice.value));
  watch(["models", "model"], ({ models, model }) => {
    const options = models.map((name) => el("option", { value: name, selected: name === model?.name }, name));
    choice.replaceChildren(...options, el("option", { value: NEW, selected: model === null }, "New table…"));
  });
  watch(["model", "version", "versions"], ({ model, version }) => {
    byId("model-summary").textContent = summarise(model, version);
  });
}

function summarise(model, version) {
  if (!model) return "A table of yours: paste it, drop it, or type it.";
  if (version === null) return "not trained yet";
  const which = version === model.default_version ? `version ${version}` : `version ${version}, while version ${model.default_version} answers others`;
  return `${which}, ${countOf(model.features.length, "feature")}`;
}

update({ table: TUTORIAL });
showModelChoice();
showTable();
showAnswer();
showPictures();
const asked = decodeURIComponent(location.hash.slice(1));
onRestored(async () => {
  if (!state().models.length) return begin(asked);
  await loadModels();
  return ask();
});
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof Unreachable) event.preventDefault(); // the page says so at its top
});
begin(asked);
