// Tables as CSV (RFC 4180).

const quote = (text) => (/[",\r\n;|\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Write a table; rows without any text are left out. */
export function writeCsv({ columns, rows }) {
  const lines = [columns, ...filledRows(rows).map((index) => rows[index])].map((cells) => cells.map(quote).join(","));
  return `${lines.join("\n")}\n`;
}

/** Return the positions of the rows that hold any text: the service counts these alone. */
export function filledRows(rows) {
  const positions = [];
  rows.forEach((cells, index) => {
    if (cells.some((cell) => cell !== "")) positions.push(index);
  });
  return positions;
}
