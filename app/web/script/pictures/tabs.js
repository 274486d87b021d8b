// Tabs, as the ARIA Authoring Practices describe them: arrow keys move between them.

import { el } from "../dom.js";

/** Make tabs from [name, title, element]; returns their element, and `choose(name)`. `onChange(name)` is called when one is shown. */
export function makeTabs(label, tabs, onChange) {
  const buttons = tabs.map(([name, title]) => el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, click: () => choose(name) }, title));
  const panels = tabs.map(([name, , content]) => el("div", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}`, tabindex: 0 }, content));
  const list = el("div", { role: "tablist", "aria-label": label, keydown: move }, buttons);

  function choose(name) {
    tabs.forEach(([each], index) => {
      const isChosen = each === name;
      buttons[index].setAttribute("aria-selected", isChosen);
      buttons[index].tabIndex = isChosen ? 0 : -1;
      panels[index].hidden = !isChosen;
    });
    onChange(name);
  }

  function move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step) return;
    event.preventDefault();
    const last = buttons.length - 1;
    const now = buttons.indexOf(document.activeElement);
    const next = Number.isFinite(step) ? (now + step + buttons.length) % buttons.length : step > 0 ? last : 0;
    buttons[next].focus();
    choose(tabs[next][0]);
  }

  return { element: el("div", { class: "tabs" }, list, panels), choose };
}
