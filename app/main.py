"""The application: services, routes and errors put together."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from importlib.metadata import version
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from app.bootstrap import Services, bootstrap
from app.counts import SharedCounts
from app.rates import limit_rate
from app.registry import BUILT_IN, EXAM_SCORE
from app.rest import (
    Application,
    complete_openapi,
    install_error_handlers,
    limit_requests,
    open_agent_server,
    refuse_cross_site,
    refuse_unknown_host,
    require_key,
)
from app.rest.routes import ROUTERS, page_files
from app.settings import Settings
from app.store import StoreIdentity

log = logging.getLogger("scorecast.main")


class HeadAsGet:
    """Has HEAD answered as GET wherever there is one (RFC 9110); the server leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, as what it is answered as."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", "is_head": True}
        await self._app(scope, receive, send)


def create_app(
    settings: Settings | None = None, identity: StoreIdentity | None = None, counts: SharedCounts | None = None
) -> FastAPI:
    """Return the application, with settings from the environment unless they are given; with an identity for that store.

    `counts` are those that it shares with other processes of the server; None: it is the only one.
    """
    services = bootstrap(settings or Settings(), identity, counts)
    agents = open_agent_server() if services.settings.mcp else None
    app = Application(
        services,
        limit_rate(services.settings.max_rate, counts.buckets if counts else None),
        title="Scorecast",
        summary="Train and serve small neural networks on small numeric tables.",
        version=version("scorecast"),
        lifespan=_lifespan(services, agents.run if agents else nullcontext),
        dependencies=[Depends(refuse_unknown_host), Depends(refuse_cross_site), Depends(require_key)],
        redirect_slashes=False,
        generate_unique_id_function=_name_operation,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    for router in [*ROUTERS, *([agents.router] if agents else [])]:
        app.include_router(router)
    install_error_handlers(app, services.metrics)
    app.add_middleware(HeadAsGet)
    _mount_files(app)
    _complete_document(app, services.settings.root_path)
    return app


def _mount_files(app: FastAPI) -> None:
    for path, files in page_files().items():
        app.mount(path, files)
    app.mount("/swagger", StaticFiles(packages=[("fastapi_swagger", "resources")]))


def _lifespan(
    services: Services, answer_agents: Callable[[], AbstractAsyncContextManager[None]]
) -> Callable[[FastAPI], AbstractAsyncContextManager[dict[str, Any]]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        await run_in_threadpool(services.start)
        if services.keys is None:
            log.info("no keys are set: whoever can reach this service may do everything (SCORECAST_API_KEYS_FILE)")
        limit_requests(services.settings.max_concurrent_predictions)
        gc.freeze()  # what is there now stays: looking through all of it again and again would hold up answers
        # Meanwhile predictions are answered: the first training finds a process ready, and no other request waits for that.
        preparing = asyncio.create_task(run_in_threadpool(_prepare, services))
        async with answer_agents():
            # For the server to call at the signal, and for its protocol.
            yield {"stop": services.stop, "receive_seconds": services.settings.receive_seconds}
        await preparing
        await run_in_threadpool(services.close)

    return lifespan


def _prepare(services: Services) -> None:
    try:
        services.prepare()
    except Exception:  # a training that is asked for tries again, and says why it cannot be
        log.exception("no training process could be got ready")


def _name_operation(route: APIRoute) -> str:
    """Return an operation's `operationId`, which clients are made from: the name of the route's function."""
    return route.name


def _complete_document(app: FastAPI, root_path: str) -> None:
    app.servers = [{"url": root_path}] if root_path else []
    gather = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = complete_openapi(gather(), BUILT_IN[EXAM_SCORE].signature)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI's own guide extends it
