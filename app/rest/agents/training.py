"""The tools that train: a training is begun, watched, and told."""

import json
from typing import Any

from anyio import move_on_after

from app.rest.agents.own_requests import OwnRequest, ToolFailed, ask
from app.rest.agents.reading import read_version
from app.rest.agents.requests import TrainingToolRequest, TrainToolRequest, join_names
from app.rest.agents.tool_call import ToolCall


async def train_model(call: ToolCall, asked: TrainToolRequest) -> dict[str, Any]:
    """Train a new version of a model, and wait for it."""
    query = {
        "targets": None if asked.targets is None else join_names(asked.targets),
        "extend": "true" if asked.extend else None,
        "seed": asked.seed,
    }
    path = f"/models/{asked.model_name}/train"
    begun = await ask(call.request, asked.to_request(path, query, prefer="respond-async"))
    return await _wait(call, begun["job_id"], asked.wait_seconds)


async def read_training(call: ToolCall, asked: TrainingToolRequest) -> dict[str, Any]:
    """Wait for a training that has begun."""
    return await _wait(call, asked.job_id, asked.wait_seconds)


async def _wait(call: ToolCall, job_id: str, seconds: float) -> dict[str, Any]:
    """Return what has become of a training after so many seconds, at the most."""
    with move_on_after(seconds):
        await _follow(call, job_id)
    job = await ask(call.request, OwnRequest("GET", f"/jobs/{job_id}"))
    if job["error"] is not None:
        raise ToolFailed(job["error"])
    if job["status"] == "cancelled":
        raise ToolFailed({"detail": "the training was cancelled"})
    return await _tell(call, job)


async def _tell(call: ToolCall, job: dict[str, Any]) -> dict[str, Any]:
    name, number = job["model_name"], job["model_version"]
    told = {"job_id": job["job_id"], "model_name": name, "status": job["status"], "read": job["read"], "version": None}
    if number is None:
        return {**told, "message": "the training goes on: ask `read_training` for it, with its job_id"}
    version = await read_version(call, name, number)
    return {**told, "version": version, "message": f"version {number} of {name} answers from now on"}


async def _follow(call: ToolCall, job_id: str) -> None:
    """Report a training's progress to the agent until it has finished, or its events end."""
    events, told = bytearray(), 0.0

    async def report(piece: bytes) -> None:
        nonlocal events, told
        *whole, events = (events + piece).split(b"\n\n")
        for job in filter(None, map(_read_event, whole)):
            share, epoch = job.get("progress"), job.get("epoch")
            done = share if share is not None else epoch
            if done is not None and done > told:  # which must never be less than before
                told = done
                await call.report(done, None if share is None else 1.0, f"epoch {epoch}, loss {job.get('loss')}")

    try:
        await ask(call.request, OwnRequest("GET", f"/jobs/{job_id}/events"), report)
    except ToolFailed:  # too many watch; what has become of it is told all the same
        return


def _read_event(event: bytearray) -> dict[str, Any] | None:
    """Return what a server-sent event holds; None of a comment."""
    data = [line.removeprefix(b"data: ") for line in event.split(b"\n") if line.startswith(b"data: ")]
    return json.loads(data[0]) if data else None
