// Numbers, dates and sizes as texts.

/** Write a number with as many decimals as the width of its interval, or its own size, deserves. */
export function writeNumber(number, width = null) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "–";
  const scale = width > 0 ? width : Math.abs(number);
  if (number !== 0 && (Math.abs(number) >= 1e12 || (Math.abs(number) < 1e-4 && scale < 1e-2))) {
    const digits = width > 0 ? Math.floor(Math.log10(Math.abs(number) / width)) + 1 : 2;
    return number.toExponential(Math.min(8, Math.max(0, digits)));
  }
  const decimals = scale > 0 ? Math.min(8, Math.max(0, (width > 0 ? 1 : 3) - Math.floor(Math.log10(scale)))) : 0;
  const text = number.toLocaleString("en", { maximumFractionDigits: decimals, minimumFractionDigits: width > 0 ? decimals : 0 });
  return text.replace(/^-/, "−");
}

/** Write a whole number with separated thousands. */
export const writeCount = (count) => count.toLocaleString("en");

/** Write a share as a percentage. */
export const writeShare = (share, decimals = 0) => `${(share * 100).toFixed(decimals)}\u00a0%`;

/** Write a time, such as `27 Nov, 14:05`, with the year if that is another one. */
export function writeTime(iso) {
  const time = new Date(iso);
  const year = time.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return time.toLocaleString("en-GB", { day: "numeric", month: "short", year, hour: "2-digit", minute: "2-digit" });
}

/** Write a span of seconds. */
export function writeSpan(seconds) {
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - 60 * minutes)} s`;
}

/** Return "1 row" or "3 rows". */
export const countOf = (count, noun) => `${writeCount(count)} ${noun}${count === 1 ? "" : "s"}`;

/** Write a column's name as a person would: without underscores. */
export const spoken = (name) => name.replaceAll("_", " ");

/** Write names as "a, b and c". */
export function listOf(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
