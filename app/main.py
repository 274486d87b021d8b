"""The application: services, routes and errors put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi_swagger import patch_fastapi
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from app.bootstrap import BUILT_IN, EXAM_SCORE, bootstrap
from app.errors import install
from app.openapi import complete
from app.routes import ROUTERS
from app.settings import Settings


class HeadAsGet:
    """Has HEAD answered as GET wherever there is one (RFC 9110); the server leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, as what it is answered as."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application, with settings from the environment unless they are given."""
    services = bootstrap(settings or Settings())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(services.start)
        yield
        await run_in_threadpool(services.close)

    app = FastAPI(
        title="Scorecast",
        summary="Train and serve small neural networks on small numeric tables.",
        version=version("scorecast"),
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.services = services
    for router in ROUTERS:
        app.include_router(router)
    install(app)
    app.add_middleware(HeadAsGet)
    patch_fastapi(app, redirect_from_root_to_docs=False)  # Swagger UI from an installed package, not from a CDN
    _complete_document(app)
    return app


def _complete_document(app: FastAPI) -> None:
    gather = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = complete(gather(), BUILT_IN[EXAM_SCORE].signature)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI's own guide extends it
