"""The page: its HTML at `/`, its styles and scripts below `/page`. All by relative paths, so behind any proxy."""

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from app.rest.rendering import PAGE_HEADERS
from app.web import FOLDER

router = APIRouter(include_in_schema=False)

HEADERS = {
    **PAGE_HEADERS,
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}
"""The page may load and run nothing but what is served here, no script or style of its own (Content Security Policy, W3C).

Browsers ask anew each time whether a file has changed: those of two versions of the service do not go together.
"""


class _Files(StaticFiles):
    """The files of a folder, of which browsers keep none without asking whether it has changed."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = HEADERS["Cache-Control"]
        return response


@router.get("/")
async def page() -> FileResponse:
    """Return the page."""
    return FileResponse(FOLDER / "index.html", media_type="text/html", headers=HEADERS)


def page_files() -> dict[str, ASGIApp]:
    """Return what serves the page's styles and scripts, by path; compressed for browsers that read that."""
    folders = {f"/page/{name}": FOLDER / name for name in ("script", "style")}
    return {path: GZipMiddleware(_Files(directory=folder)) for path, folder in folders.items()}
