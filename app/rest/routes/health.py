"""Probes: whether the process is alive, and whether it is ready to be sent requests."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from app.errors import NotReady
from app.rest.dependencies import ServicesDependency
from app.rest.rendering import problems

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The answer of a probe; its status code says the same."""

    status: Literal["alive", "ready"]
    warning: str | None = None
    """What an operator should see to, though requests may be sent."""


@router.get("/livez", response_model_exclude_none=True)
async def livez() -> Health:
    """Answer as long as the process lives; looks at nothing else."""
    return Health(status="alive")


@router.get("/readyz", response_model_exclude_none=True, responses=problems(503))
async def readyz(services: ServicesDependency) -> Health:
    """Answer 200 once the store was read and trained models can predict; 503 before that and while stopping.

    A store that has gone since is told in `warning`: predictions are answered from memory then. So are models of which no
    version can be used, unless there is no other model: then the answer is 503.
    """
    await run_in_threadpool(services.look_again)
    if services.not_ready_because:
        raise NotReady(services.not_ready_because)
    return Health(status="ready", warning=services.find_warning())
