// Ranges: of a feature in the training rows, and of the axis that a target is drawn on.

import { own } from "./state.js";

/** Return [least, greatest] of a feature in the training rows; null where they are not known. */
export function rangeOf(fit, column) {
  const told = own(fit?.ranges, column.name);
  if (told) return [toNumber(told.minimum), toNumber(told.maximum)];
  return extent(fit?.features[column.name] ?? []);
}

/** Return a cell as a number: of a date its milliseconds. */
export const toNumber = (cell) => (typeof cell === "string" ? Date.parse(cell) : cell);

function extent(cells) {
  let [least, greatest] = [Infinity, -Infinity];
  for (const cell of cells) {
    if (cell === null) continue;
    const number = toNumber(cell);
    if (number < least) least = number;
    if (number > greatest) greatest = number;
  }
  return least > greatest || Number.isNaN(least) ? null : [least, greatest];
}

/** Return the ends of a feature's slider: its bounds, or those of the training rows and of what is asked, with a quarter more on both sides. */
export function sliderEnds({ minimum, maximum }, range, value = null) {
  const [from, to] = range ?? [minimum ?? 0, maximum ?? 1];
  const [least, greatest] = typeof value === "number" ? [Math.min(from, value), Math.max(to, value)] : [from, to];
  const room = (greatest - least || Math.abs(greatest) || 1) / 4;
  return [Math.max(minimum ?? -Infinity, least - room), Math.min(maximum ?? Infinity, greatest + room)];
}

const MIN_WHOLE_EXTENT = 10; // of whole numbers that a slider moves along one by one

/** Whether a feature's training rows are whole numbers, many enough for a slider to move along them. */
export function isWhole(fit, { name }) {
  const [least, greatest] = rangeOf(fit, { name }) ?? [0, 0];
  return greatest - least >= MIN_WHOLE_EXTENT && (fit?.features[name] ?? []).every((cell) => cell === null || Number.isInteger(cell));
}

/** The last scale of each target: it grows by steps and shrinks seldom, so that a picture stands still while a slider moves. */
const scales = new Map();

/** Return the ends of a target's axis: all that is known of it, the answer and its interval, within its bounds. */
export function scaleOf(target, known, value, interval) {
  const [least, greatest] = extent([...known, value, interval?.lower ?? null, interval?.upper ?? null]) ?? [0, 1];
  const room = (greatest - least || Math.abs(greatest) || 1) * 0.06;
  const wanted = [Math.max(target.minimum ?? -Infinity, least - room), Math.min(target.maximum ?? Infinity, greatest + room)];
  const key = `${target.name} ${known.length} ${known[0]}`;
  const last = scales.get(key);
  const isFit = last && last[0] <= wanted[0] && wanted[1] <= last[1] && last[1] - last[0] < 2 * (wanted[1] - wanted[0]);
  if (!isFit) scales.set(key, wanted);
  return isFit ? last : wanted;
}
