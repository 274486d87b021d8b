"""The tools that change nothing: models listed and described, predictions, and what of them is extrapolated."""

from typing import Any

from app.rest.agents.explaining import explain
from app.rest.agents.own_requests import OwnRequest, ToolFailed, ask
from app.rest.agents.requests import (
    ExplanationToolRequest,
    ModelsToolRequest,
    ModelToolRequest,
    PredictToolRequest,
    RowsToolRequest,
)
from app.rest.agents.tool_call import ToolCall


async def list_models(call: ToolCall, asked: ModelsToolRequest) -> dict[str, Any]:
    """List models by name."""
    query = {} if asked.after is None else {"after": asked.after}
    found = await ask(call.request, OwnRequest("GET", "/models", query))
    return {"models": [_summarise(each) for each in found["models"]], "next": found["next"]}


def _summarise(model: dict[str, Any]) -> dict[str, Any]:
    columns = {side: [column["name"] for column in model[side]] for side in ("features", "targets")}
    return {member: model[member] for member in ("name", "default_version", "versions")} | columns


async def describe_model(call: ToolCall, asked: ModelToolRequest) -> dict[str, Any]:
    """Tell what a model reads and predicts, and how well a version of it does."""
    found = await ask(call.request, OwnRequest("GET", f"/models/{asked.model_name}"))
    number = asked.model_version or found["default_version"]
    version = await read_version(call, asked.model_name, number) if number else None
    told = {member: found[member] for member in ("name", "features", "targets", "left_out", "default_version")}
    return {**told, "version": version}


async def read_version(call: ToolCall, name: str, number: int) -> dict[str, Any]:
    """Return what an agent is told of a version."""
    found = await ask(call.request, OwnRequest("GET", f"/models/{name}/versions/{number}"))
    report = found["report"]
    return {
        "model_version": number,
        "created": found["created"],
        "rows": report["rows"],
        "unseen_scores": report.get("held_out") or report["leave_one_out"],
        "judged_by": report.get("judged_by", ""),
        "warnings": report["warnings"],
    }


async def predict(call: ToolCall, asked: PredictToolRequest) -> dict[str, Any]:
    """Predict rows."""
    coverage = "null" if asked.coverage is None else asked.coverage
    path = _find_path(asked.model_name, asked.model_version)
    found: dict[str, Any] = await ask(call.request, asked.to_request(f"{path}/predict", {"coverage": coverage}))
    return found


async def explain_extrapolation(call: ToolCall, asked: ExplanationToolRequest) -> dict[str, Any]:
    """Tell which features of some rows lie outside of what the training had, and of what that was."""
    table = RowsToolRequest(model_name=asked.model_name, rows=asked.rows)
    path = _find_path(asked.model_name, asked.model_version)
    predicted = await ask(call.request, table.to_request(f"{path}/predict", {"coverage": "null"}))
    number, outside = predicted["model_version"], predicted["extrapolated"]
    ranges = await _read_ranges(call, asked.model_name, number) if any(outside) else {}
    found = [
        explain(row, feature, asked.rows[row].get(feature), ranges.get(feature))
        for row, features in enumerate(outside)
        for feature in features
    ]
    rows = sum(map(bool, outside))
    return {
        "model_name": asked.model_name,
        "model_version": number,
        "rows": len(outside),
        "extrapolated": found,
        "message": f"{rows} of {len(outside)} rows lie outside the range of the training rows: "
        "their intervals are wider, and their answers should be trusted less"
        if rows
        else "all rows lie within the range of the training rows",
    }


def _find_path(name: str, version: int | None) -> str:
    return f"/models/{name}" + (f"/versions/{version}" if version else "")


async def _read_ranges(call: ToolCall, name: str, version: int) -> dict[str, Any]:
    """Return the least and the greatest value of features in a version's table; nothing where that was not kept."""
    try:
        fit = await ask(call.request, OwnRequest("GET", f"{_find_path(name, version)}/fit", {"limit": "1"}))
    except ToolFailed:
        return {}
    ranges: dict[str, Any] = fit["ranges"]
    return ranges
