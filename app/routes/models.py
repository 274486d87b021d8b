"""Models and their versions."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from app.answers import ColumnAnswer, ModelAnswer, ModelsAnswer, VersionAnswer, VersionsAnswer
from app.bootstrap import Services
from app.dependencies import ModelName, ModelVersion, ServicesDependency
from app.export import EXPORTS, ExportFormat
from app.model_state import Version
from app.routes.problems import problems

router = APIRouter(tags=["models"])


@router.get("/models")
def list_models(services: ServicesDependency) -> ModelsAnswer:
    """List all models."""
    return ModelsAnswer(models=[_model(services, name) for name in services.registry.names()])


@router.get("/models/{name}", responses=problems(404))
def read_model(name: ModelName, services: ServicesDependency) -> ModelAnswer:
    """Tell what a model reads and predicts, and which version answers."""
    return _model(services, name)


@router.get("/models/{name}/versions", responses=problems(404))
def list_versions(name: ModelName, services: ServicesDependency) -> VersionsAnswer:
    """List a model's versions, the newest first."""
    versions = services.registry.model(name).versions
    return VersionsAnswer(versions=[_version(versions[number]) for number in sorted(versions, reverse=True)])


@router.get("/models/{name}/versions/{version}", responses=problems(404))
def read_version(name: ModelName, version: ModelVersion, services: ServicesDependency) -> VersionAnswer:
    """Tell how a version was trained and how well it does."""
    return _version(services.registry.version(name, version))


@router.get(
    "/models/{name}/versions/{version}/export",
    response_class=Response,
    responses={200: {"content": {export.media_type: {} for export in EXPORTS.values()}}, **problems(404, 500)},
)
def export_version(
    name: ModelName,
    version: ModelVersion,
    services: ServicesDependency,
    file_format: Annotated[ExportFormat, Query(alias="format")] = "safetensors",
) -> Response:
    """Download a version's weights: as the checkpoint itself, or as text that `numpy.loadtxt` reads, zipped."""
    export = EXPORTS[file_format]
    filename = f"{name}-{version}.{export.suffix}"
    return Response(
        export.write(services.registry.checkpoint(name, version)),
        media_type=export.media_type,
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )


def _model(services: Services, name: str) -> ModelAnswer:
    state, signature = services.registry.model(name), services.registry.declaration(name).signature
    return ModelAnswer(
        name=name,
        features=[ColumnAnswer(**asdict(column)) for column in signature.features],
        targets=[ColumnAnswer(**asdict(column)) for column in signature.targets],
        default_version=state.default_version,
        versions=len(state.versions),
    )


def _version(version: Version) -> VersionAnswer:
    facts = {name: value for name, value in vars(version).items() if name not in {"number", "checkpoint"}}
    return VersionAnswer(model_version=version.number, **facts)
