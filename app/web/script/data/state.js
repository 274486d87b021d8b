// What the page shows, as one frozen value. Views are called when a member that they read has changed.

const BEGINNING = {
  models: [], // names of all models
  model: null, // the declaration of the chosen one; null: a new table
  versions: [], // of the model, the newest first
  version: null, // the one that is asked
  table: { columns: [], rows: [] }, // what stands in the editor: names, and rows of texts
  roles: {}, // of columns of a new table: feature, target or ignored
  check: null, // what the service says about the table
  options: { name: "", trainer: "", hidden_layers: "", activation: "", max_epochs: "", learning_rate: "", seed: "", missing: "" },
  job: null, // the training that runs
  losses: [], // [epoch, loss] of that training
  row: {}, // what is asked: feature to value
  coverage: 0.95,
  target: null, // of several, the one that is shown
  answer: null, // to the row
  picture: "network", // which is looked at
  activations: null, // of the network, for the row
  network: null, // of the version
  fit: null, // the training rows beside the version's answers
};

/** Return an object's own member; undefined if it has none, whatever the name: a column may be called `constructor`. */
export const own = (object, name) => (object && Object.hasOwn(object, name) ? object[name] : undefined);

let value = Object.freeze(BEGINNING);
const listeners = [];

export const state = () => value;

/** Change some members, then call the views that read any of these. */
export function update(change) {
  const changed = Object.keys(change).filter((name) => change[name] !== value[name]);
  if (!changed.length) return;
  value = Object.freeze({ ...value, ...change });
  for (const [names, act] of listeners) if (names.some((name) => changed.includes(name))) act(value);
}

/** Call `act` with the state now and whenever one of these members has changed. */
export function watch(names, act) {
  listeners.push([names, act]);
  act(value);
}

/** Whether the model and the version of an earlier state are those that are shown now. */
export const isShown = ({ model, version }) => value.model?.name === model?.name && value.version === version;

/** The name of the target that is shown, and the declaration of its column. */
export function shownTarget({ model, target }) {
  const targets = model?.targets ?? [];
  return targets.find((column) => column.name === target) ?? targets[0] ?? null;
}
