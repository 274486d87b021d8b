// Elements of the page, made without HTML text: what users enter can only ever become text.

const SVG = "http://www.w3.org/2000/svg";

/** Make an HTML element. Attributes that are functions are listened with, `true` stands alone, null and false are left out. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  set(element, attributes);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Set attributes of an element, as `el` does. */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === null || value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Have `draw(width)` called now and whenever the element gets another width; returns what draws it again. */
export function drawSized(element, draw) {
  let width = 0;
  const redraw = () => width > 0 && draw(width);
  new ResizeObserver(([entry]) => {
    const wide = Math.round(entry.contentRect.width);
    if (wide === width || wide === 0) return;
    width = wide;
    redraw();
  }).observe(element);
  return redraw;
}

/** Return a function that calls `act` at the next frame, once however often it is called before. */
export function eachFrame(act) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      act();
    });
  };
}

/** Return a function that calls `act` once it has not been called for so many milliseconds. */
export function afterPause(milliseconds, act) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
}
