// Requests to the service, and what it answers: JSON, or a problem (RFC 9457) that says what was wrong.

import { askForKey, keyHeader } from "./key.js";
import { lost, restored } from "./connection.js";

/** What the service has refused, in its own words. */
export class Problem extends Error {
  constructor(document) {
    super(document.detail || document.title || "the service answered with an error");
    this.status = document.status;
    this.errors = document.errors ?? [];
  }
}

/** The service could not be reached. */
export class Unreachable extends Error {
  constructor() {
    super("the service cannot be reached");
  }
}

/** Send a request, and return the response if it is one of success. Raises `Problem` or `Unreachable`. */
export async function send(path, options = {}) {
  const response = await reach(path, options);
  if (response.status === 401 && (await askForKey())) return send(path, options);
  if (!response.ok) throw new Problem(await readProblem(response));
  return response;
}

async function reach(path, options) {
  try {
    const response = await fetch(path, { ...options, headers: { ...options.headers, ...keyHeader() } });
    restored();
    return response;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    lost();
    throw new Unreachable();
  }
}

async function readProblem(response) {
  const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
  const fallback = { status: response.status, detail: `the service answered with status ${response.status}` };
  return isJson ? { ...fallback, ...(await response.json()) } : fallback;
}

export const get = async (path) => (await send(path)).json();

/** Send JSON, and return the JSON that is answered. */
export async function postJson(path, body, method = "POST") {
  const response = await send(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return response.status === 204 ? null : response.json();
}

/** Send a table, and return the JSON that is answered. */
export async function postTable(path, body, type, headers = {}) {
  const sent = type ? { "Content-Type": type, Accept: "application/json", ...headers } : { Accept: "application/json", ...headers };
  return (await send(path, { method: "POST", headers: sent, body })).json();
}

/** Return the path of a model, or of something below it. */
export const modelPath = (name, ...rest) => ["models", encodeURIComponent(name), ...rest].join("/");

/** Return a path with query parameters; those that are empty are left out. */
export function withQuery(path, parameters) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "" && value !== false) query.set(name, value);
  }
  return query.size ? `${path}?${query}` : path;
}

/** Save what the service answers as a file, with the name that the service gives it. */
export async function download(path) {
  const response = await send(path);
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "download";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
