"""The statistics extension of the Open Inference Protocol (`/v2/models/stats` and below), as Triton has it.

It stands before the routes of models: Triton, too, tells these at a place where a model called `stats` would be described.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request

from app.rest.access import MayUseDependency
from app.rest.dependencies import ModelName, ModelVersion, ServicesDependency
from app.rest.dialects import InferenceCounts, list_versions
from app.rest.rendering import problems

router = APIRouter(prefix="/v2/models", tags=["open inference protocol"])


@router.get("/stats")
def statistics(request: Request, services: ServicesDependency, may_use: MayUseDependency) -> dict[str, Any]:
    """Tell how often each version was asked to infer, and what that took (Triton's extension `statistics`)."""
    seen = ((name, number) for name, number in list_versions(services.registry) if may_use(name))
    return _describe_counts(request, seen)


@router.get("/{name}/stats", responses=problems(404))
def model_statistics(name: ModelName, request: Request, services: ServicesDependency) -> dict[str, Any]:
    """Tell the statistics of one model's versions."""
    return _describe_counts(request, ((name, number) for number in sorted(services.registry.model(name).versions)))


@router.get("/{name}/versions/{version}/stats", responses=problems(404))
def version_statistics(
    name: ModelName, version: ModelVersion, request: Request, services: ServicesDependency
) -> dict[str, Any]:
    """Tell the statistics of one version."""
    services.registry.version(name, version)
    return _describe_counts(request, [(name, version)])


def _describe_counts(request: Request, keys: Iterable[tuple[str, int]]) -> dict[str, Any]:
    counts: InferenceCounts = request.app.state.inference_counts
    return counts.describe(keys)
