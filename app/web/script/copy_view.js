// Lines to copy: what the page has just done, or is about to do, as a request of one's own.

import { el } from "./dom.js";

/** Return an element with the lines that `lines()` gives when it is opened, and what brings them up to date. */
export function copyView(summary, lines) {
  const body = el("div");
  const details = el("details", { class: "copy", toggle: () => details.open && refresh() }, el("summary", {}, summary), body);

  function refresh() {
    if (!details.open) return;
    body.replaceChildren(...Object.entries(lines()).map(([name, text]) => block(name, text)));
  }
  return { element: details, refresh };
}

function block(name, text) {
  const button = el("button", { type: "button", "aria-label": `Copy for ${name}`, click: () => copy(text, button) }, "Copy");
  return el("div", { class: "lines" }, el("div", { class: "lines-head" }, el("span", {}, name), button), el("pre", { tabindex: 0 }, text));
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select and copy";
  }
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1500);
}
