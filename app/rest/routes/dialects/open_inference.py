"""The Open Inference Protocol, version 2 (`/v2`): what Triton's, KServe's and MLServer's clients ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as find_release
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from app.bootstrap import Services
from app.errors import MalformedBody, NotReady, UnknownVersion
from app.metrics import OneAnswer
from app.predict import ask, check_costs, choose_values_size
from app.rest.access import MayUseDependency
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.dialects import (
    InferenceCounts,
    Stopwatch,
    describe_model,
    list_versions,
    make_tensors,
    read_inference,
    write_inference,
)
from app.rest.rendering import problems
from app.rest.request_body import read_raw_body
from app.rest.work import load, run
from model.predictors import Classifier, Regressor

router = APIRouter(prefix="/v2", tags=["open inference protocol"])

JSON_LENGTH = "Inference-Header-Content-Length"
EXTENSIONS = ["binary_tensor_data", "model_repository", "statistics"]
OCTETS = "application/octet-stream"


@router.get("")
@router.get("/", include_in_schema=False)
async def server_metadata() -> dict[str, Any]:
    """Tell the server's name, its version, and which extensions of the protocol it speaks."""
    return {"name": "scorecast", "version": find_release("scorecast"), "extensions": EXTENSIONS}


@router.get("/health/live")
async def server_live() -> dict[str, bool]:
    """Answer as long as the process lives."""
    return {"live": True}


@router.get("/health/ready", responses=problems(503))
async def server_ready(services: ServicesDependency) -> dict[str, bool]:
    """Answer 200 once every trained model can predict; 503 before that and while stopping."""
    if services.not_ready_because:
        raise NotReady(services.not_ready_because)
    return {"ready": True}


@router.post("/repository/index")
def repository_index(services: ServicesDependency, may_use: MayUseDependency) -> list[dict[str, str]]:
    """List the versions of all models, as Triton's extension for repositories does; the body is not read."""
    return [
        {"name": name, "version": str(number), "state": "READY", "reason": ""}
        for name, number in list_versions(services.registry)
        if may_use(name)
    ]


@router.get("/models")
def list_inference_models(services: ServicesDependency, may_use: MayUseDependency) -> dict[str, list[str]]:
    """List the models that can be asked, as KServe does."""
    return {"models": sorted({name for name, _ in list_versions(services.registry) if may_use(name)})}


@router.get("/models/{name}", responses=problems(404))
def model_metadata(name: ModelName, services: ServicesDependency) -> dict[str, Any]:
    """Tell the tensors that a model reads and answers with."""
    model = services.registry.model(name)
    return describe_model(name, sorted(model.versions), model.declared.signature)


@router.get("/models/{name}/versions/{version}", responses=problems(404))
def version_metadata(name: ModelName, version: ModelVersion, services: ServicesDependency) -> dict[str, Any]:
    """Tell the tensors that one version reads and answers with."""
    services.registry.version(name, version)
    return describe_model(name, [version], services.registry.declaration(name).signature)


@router.get("/models/{name}/ready", responses=problems(404))
def model_ready(name: ModelName, services: ServicesDependency) -> dict[str, Any]:
    """Answer 200 if a model can be asked; 404 for one that has no version yet."""
    if services.registry.model(name).default_version is None:
        raise UnknownVersion(f"model {name!r} has no version yet: POST a table to /models/{name}/train first")
    return {"name": name, "ready": True}


@router.get("/models/{name}/versions/{version}/ready", responses=problems(404))
def version_ready(name: ModelName, version: ModelVersion, services: ServicesDependency) -> dict[str, Any]:
    """Answer 200 if a version can be asked."""
    services.registry.version(name, version)
    return {"name": name, "ready": True}


ASKED: dict[str, Any] = {
    "schema": {
        "type": "object",
        "properties": {"inputs": {"type": "array", "items": {"type": "object"}}},
        "required": ["inputs"],
    },
    "example": {
        "id": "7",
        "inputs": [{"name": "features", "shape": [2, 2], "datatype": "FP64", "data": [[4, 8], [2, 6]]}],
        "parameters": {"coverage": 0.9},
    },
}
INFERRED: dict[str, Any] = {
    "response_class": JSONResponse,
    "responses": problems(400, 404, 409, 413, 415, 500),
    "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": ASKED, OCTETS: {}}}},
}


@router.post("/models/{name}/infer", **INFERRED)
async def infer(name: ModelName, request: Request, services: ServicesDependency) -> Response:
    """Predict with a model's default version: tensors in, tensors out, as JSON, or as bytes after it."""
    return await _infer(request, services, name)


@router.post("/models/{name}/versions/{version}/infer", **INFERRED)
async def infer_with_version(
    name: ModelName, version: ModelVersion, request: Request, services: ServicesDependency
) -> Response:
    """Predict with one version of a model."""
    return await _infer(request, services, name, version)


async def _infer(request: Request, services: Services, name: str, version: int | None = None) -> Response:
    number, checkpoint = await load(services.registry, name, version)
    counts: InferenceCounts = request.app.state.inference_counts
    with counts.measuring((name, number)) as watch:
        body = await read_raw_body(request, services.settings.max_body_bytes)
        answering = services.metrics.begin(name, checkpoint)
        question = _Question(body, _find_json_length(request), checkpoint.predictor, watch, answering)
        head = {"model_name": name, "model_version": str(number)}
        size, buffers = choose_values_size(len(body), question.predictor), question.predictor.buffer_bytes
        content, length = await run(request, size, len(body), lambda: question.answer(head), buffers)
        answering.end()
    if length is None:
        return Response(content, media_type="application/json")
    return Response(content, media_type=OCTETS, headers={JSON_LENGTH: str(length)})


@dataclass(frozen=True, eq=False)
class _Question:
    """A request to infer that has arrived."""

    body: bytes
    json_length: int | None
    predictor: Regressor | Classifier
    watch: Stopwatch
    answering: OneAnswer

    def answer(self, head: Mapping[str, Any]) -> tuple[bytes, int | None]:
        """Return the answer, and how much of it is JSON, where bytes of tensors come behind that."""
        self.watch.end_phase("queue")
        signature = self.predictor.signature
        asked = read_inference(self.body, self.json_length, signature)
        rows = check_costs(ask(asked.table, signature, asked.coverage), self.predictor, self.answering.note)
        self.watch.rows = len(rows.features)
        self.watch.end_phase("compute_input")
        tensors = make_tensors(rows, self.predictor)
        self.watch.end_phase("compute_infer")
        answer = write_inference(asked, tensors, head)
        self.watch.end_phase("compute_output")
        return answer


def _find_json_length(request: Request) -> int | None:
    """Return how long the JSON before the bytes of tensors is; None: all of the body is JSON."""
    text = request.headers.get(JSON_LENGTH)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise MalformedBody(f"the header {JSON_LENGTH} should be a number of bytes")
    return int(text)
