// Whether the service can be reached. While it cannot, the page says so and tries again by itself.

import { byId } from "../dom.js";

const RETRY_MILLISECONDS = 1000;

let isLost = false;
const waiting = new Set();

/** Have `act` called whenever the service can be reached again. */
export const onRestored = (act) => waiting.add(act);

/** Note that a request did not reach the service. */
export function lost() {
  if (isLost) return;
  isLost = true;
  const banner = byId("connection");
  banner.textContent = "The service cannot be reached. Your table is safe here; this page tries again every second.";
  banner.hidden = false;
  setTimeout(retry, RETRY_MILLISECONDS);
}

/** Note that a request reached the service. */
export function restored() {
  if (!isLost) return;
  isLost = false;
  byId("connection").hidden = true;
  for (const act of waiting) act();
}

async function retry() {
  if (!isLost) return;
  try {
    await fetch("livez", { cache: "no-store" });
    restored();
  } catch {
    setTimeout(retry, RETRY_MILLISECONDS);
  }
}
