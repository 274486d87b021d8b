// The key of a service that asks for one: kept for this tab alone, in the session's storage.

import { byId, el } from "../dom.js";

const NAME = "scorecast-key";

export function keyHeader() {
  const key = sessionStorage.getItem(NAME);
  return key ? { Authorization: `Bearer ${key}` } : {};
}

let asking = null;

/** Ask the user for a key, once however many requests need it. Resolves to whether one was given. */
export function askForKey() {
  asking ??= show().finally(() => {
    asking = null;
  });
  return asking;
}

function show() {
  const dialog = byId("key-dialog");
  const hadKey = sessionStorage.getItem(NAME) !== null;
  const field = el("input", { id: "key", type: "password", autocomplete: "off", required: true });
  const form = el(
    "form",
    { method: "dialog" },
    el("h2", { id: "key-title" }, "A key, please"),
    el("p", {}, hadKey ? "The service does not accept this key." : "This service answers those who have a key."),
    el("label", { for: "key" }, "Key"),
    field,
    el("p", { class: "quiet" }, "It is kept until you close this tab."),
    el("div", { class: "buttons" }, el("button", { class: "primary", value: "use" }, "Use this key")),
  );
  dialog.replaceChildren(form);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const isGiven = dialog.returnValue === "use" && field.value !== "";
        if (isGiven) sessionStorage.setItem(NAME, field.value);
        resolve(isGiven);
      },
      { once: true },
    );
  });
}
