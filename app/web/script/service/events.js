// A training's progress, from its stream of server-sent events. `EventSource` could not send a key with its request.

import { send, Unreachable } from "./api.js";

const RETRY_MILLISECONDS = 1000;

/** Call `onJob` with each state of a job, and return the last one. Goes on where the stream was cut. */
export async function followJob(jobId, onJob) {
  let last = { id: null, job: null };
  while (!last.job?.finished) {
    try {
      last = await readStream(jobId, last, onJob);
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof TypeError)) throw error;
    }
    if (!last.job?.finished) await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
  }
  return last.job;
}

async function readStream(jobId, last, onJob) {
  const headers = last.id ? { "Last-Event-ID": last.id } : {};
  const response = await send(`jobs/${encodeURIComponent(jobId)}/events`, { headers });
  let seen = last;
  for await (const event of events(response)) {
    if (event.name === "stopping") return seen;
    seen = { id: event.id, job: JSON.parse(event.data) };
    onJob(seen.job);
  }
  return seen;
}

/** Yield the events of a response, each with its name, id and data. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s)).map(([name, rest]) => [name, rest]));
      if (fields.data !== undefined) yield { name: fields.event, id: fields.id, data: fields.data };
    }
  }
}
