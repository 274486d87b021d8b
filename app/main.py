"""The application: services, routes and errors put together."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import Response
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from app.bootstrap import Services, bootstrap
from app.registry import BUILT_IN, EXAM_SCORE
from app.rest import AccessLog, FastPath, complete_openapi, install_error_handlers
from app.rest.routes import ROUTERS
from app.settings import Settings

log = logging.getLogger("scorecast.main")


class HeadAsGet:
    """Has HEAD answered as GET wherever there is one (RFC 9110); the server leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, as what it is answered as."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


class Application(FastAPI):
    """The application, with what comes before all that the framework does with a request."""

    def __init__(self, services: Services, **options: Any) -> None:
        super().__init__(**options)
        self.state.services = services
        fast_path = FastPath(super().__call__, services)
        self._asgi: ASGIApp = AccessLog(fast_path) if services.settings.logs_access else fast_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request. What the framework does with each before its middleware costs a tenth of a fast answer."""
        await self._asgi(scope, receive, send)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application, with settings from the environment unless they are given."""
    services = bootstrap(settings or Settings())

    app = Application(
        services,
        title="Scorecast",
        summary="Train and serve small neural networks on small numeric tables.",
        version=version("scorecast"),
        lifespan=_lifespan(services),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    for router in ROUTERS:
        app.include_router(router)
    install_error_handlers(app)
    app.add_middleware(HeadAsGet)
    _add_page_of_documentation(app)
    _complete_document(app)
    return app


def _lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(services.start)
        gc.freeze()  # what is there now stays: looking through all of it again and again would hold up answers
        # Meanwhile predictions are answered: the first training finds a process ready, and no other request waits for that.
        preparing = asyncio.create_task(run_in_threadpool(_prepare, services))
        yield
        await preparing
        await run_in_threadpool(services.close)

    return lifespan


def _prepare(services: Services) -> None:
    try:
        services.jobs.prepare()
    except Exception:  # a training that is asked for tries again, and says why it cannot be
        log.exception("no training process could be got ready")


def _add_page_of_documentation(app: FastAPI) -> None:
    """Serve Swagger UI from an installed package, not from a CDN; by relative paths, so behind any proxy."""
    app.mount("/swagger", StaticFiles(packages=[("fastapi_swagger", "resources")]))
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=app.title,
        swagger_js_url="swagger/swagger-ui-bundle.js",
        swagger_css_url="swagger/swagger-ui.css",
        swagger_favicon_url="swagger/favicon-32x32.png",
    )

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return page


def _complete_document(app: FastAPI) -> None:
    gather = app.openapi

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = complete_openapi(gather(), BUILT_IN[EXAM_SCORE].signature)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI's own guide extends it
