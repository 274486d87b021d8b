// The table as a grid of fields. Only the cells in view exist, so 10,000 rows or 1,000 columns cost no more than ten.

import { eachFrame, el } from "../dom.js";

const ROW_HEIGHT = 30; // pixels, as in panels.css
const MIN_COLUMN_WIDTH = 104;
const NUMBER_WIDTH = 42;
const MARGIN = 3; // rows and columns drawn beyond those in view

/**
 * Make a grid. `source` tells what to show: `table()`, `problemAt(row, column)` and `head(column)`;
 * `edit(row, column, text)`, `rename(column, name)` and `removeRow(row)` change the table.
 */
export function makeGrid(source) {
  const [head, body] = [el("thead"), el("tbody")];
  const table = el("table", {}, head, body);
  const scroll = el("div", { class: "grid", tabindex: 0, role: "group", "aria-label": "Rows of the table", scroll: eachFrame(() => draw()) }, table);
  let shown = "";
  let columnWidth = MIN_COLUMN_WIDTH;

  function draw(isForced = false) {
    const { columns, rows } = source.table();
    const down = windowOf(scroll.scrollTop, scroll.clientHeight || 300, ROW_HEIGHT, rows.length + 1);
    const width = scroll.clientWidth || 400;
    columnWidth = Math.max(MIN_COLUMN_WIDTH, Math.floor((width - NUMBER_WIDTH) / columns.length));
    const across = windowOf(scroll.scrollLeft, width, columnWidth, columns.length);
    const key = [columnWidth, down.first, down.last, across.first, across.last, columns.length, rows.length].join();
    if (key === shown && !isForced) return;
    shown = key;
    const focus = focusedCell();
    table.setAttribute("aria-rowcount", rows.length + 1);
    table.setAttribute("aria-colcount", columns.length);
    table.style.width = `${NUMBER_WIDTH + columns.length * columnWidth}px`;
    table.style.setProperty("--column", `${columnWidth}px`);
    drawHead(columns, across);
    drawBody(columns, rows, down, across);
    if (focus) focusCell(focus.row, focus.column, focus.selection);
  }

  function drawHead(columns, across) {
    const cells = columns.slice(across.first, across.last).map((name, index) => source.head(across.first + index, name));
    head.replaceChildren(el("tr", {}, el("th", { class: "number", scope: "col" }, el("span", { class: "hidden" }, "Row")), ...padded(cells, across, columns.length, columnWidth)));
  }

  function drawBody(columns, rows, down, across) {
    const lines = [];
    for (let row = down.first; row < down.last; row += 1) {
      const cells = columns.slice(across.first, across.last).map((name, index) => cell(row, across.first + index, name, rows[row]));
      lines.push(el("tr", { "aria-rowindex": row + 2 }, rowHead(row, rows.length), ...padded(cells, across, columns.length, columnWidth)));
    }
    body.replaceChildren(spacer(down.first), ...lines, spacer(rows.length + 1 - down.last));
  }

  function rowHead(row, count) {
    if (row === count) return el("th", { class: "number", scope: "row" }, "+");
    const remove = el("button", { type: "button", class: "remove", "aria-label": `Remove row ${row + 1}`, tabindex: -1, click: () => source.removeRow(row) }, "×");
    return el("th", { class: "number", scope: "row" }, el("span", {}, row + 1), remove);
  }

  function cell(row, column, name, texts) {
    const problem = source.problemAt(row, column);
    const field = el("input", {
      value: texts?.[column] ?? "",
      "aria-label": `${name}, ${texts ? `row ${row + 1}` : "new row"}`,
      "aria-invalid": problem ? "true" : null,
      title: problem,
      "data-row": row,
      "data-column": column,
      autocomplete: "off",
      spellcheck: "false",
      input: () => source.edit(row, column, field.value),
      keydown: (event) => move(event, row, column),
    });
    return el("td", { class: problem ? "wrong" : null }, field);
  }

  function move(event, row, column) {
    const step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
    if (!step || event.isComposing) return;
    event.preventDefault();
    showCell(row + step, column);
  }

  /** Scroll to a cell and put the cursor into it. */
  function showCell(row, column) {
    const { columns, rows } = source.table();
    if (row < 0 || row > rows.length || column >= columns.length) return;
    const [top, left] = [row * ROW_HEIGHT, column * columnWidth];
    const [height, width] = [scroll.clientHeight - head.offsetHeight - ROW_HEIGHT, scroll.clientWidth - NUMBER_WIDTH - columnWidth];
    scroll.scrollTop = Math.min(Math.max(scroll.scrollTop, top - height), top);
    scroll.scrollLeft = Math.min(Math.max(scroll.scrollLeft, left - width), left);
    draw();
    focusCell(row, column);
  }

  function focusedCell() {
    const field = document.activeElement;
    if (!body.contains(field) || field.dataset.row === undefined) return null;
    return { row: field.dataset.row, column: field.dataset.column, selection: [field.selectionStart, field.selectionEnd] };
  }

  function focusCell(row, column, selection) {
    const field = body.querySelector(`input[data-row="${row}"][data-column="${column}"]`);
    field?.focus({ preventScroll: true });
    if (field && selection) field.setSelectionRange(...selection);
    else field?.select();
  }

  new ResizeObserver(eachFrame(() => draw())).observe(scroll);
  return { element: scroll, draw: () => draw(true), showCell };
}

function windowOf(offset, extent, size, count) {
  const first = Math.max(0, Math.min(Math.floor(offset / size) - MARGIN, count - 1));
  return { first, last: Math.min(count, Math.ceil((offset + extent) / size) + MARGIN) };
}

/** Put wide empty cells where columns are out of view. */
function padded(cells, { first, last }, count, columnWidth) {
  const gap = (columns) => {
    if (columns === 0) return [];
    const cell = el("td", { class: "gap", "aria-hidden": "true" });
    cell.style.width = `${columns * columnWidth}px`;
    return [cell];
  };
  return [...gap(first), ...cells, ...gap(count - last)];
}

function spacer(rows) {
  const line = el("tr", { class: "gap", "aria-hidden": "true" }, el("td"));
  line.style.height = `${rows * ROW_HEIGHT}px`;
  return line;
}
