"""What routes depend on: the services, the names in their paths, and that the request was meant for this service."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Path, Request

from app.bootstrap import Services
from app.errors import CrossSiteRequest, MalformedBody, UnknownHost, shorten
from app.setting_texts import EVERY_ORIGIN
from app.tables import FORM


async def services(request: Request) -> Services:
    """Return the services of the application; async, since FastAPI runs a plain function in a thread."""
    found: Services = request.app.state.services
    return found


async def refuse_unknown_host(request: Request) -> None:
    """Raise `UnknownHost` for a request whose Host is none that the service is called by, `MalformedBody` for two or none.

    A page of any site may have its own name point to this machine, and then ask here as if it were that site (DNS
    rebinding); but browsers say by which name they ask, and pages cannot change that.
    """
    found = request.headers.getlist("host")
    if len(found) > 1 or (not found and request.scope.get("http_version") != "1.0"):
        raise MalformedBody("the head must have one Host (RFC 9112, section 3.2)")
    hosts = (await services(request)).settings.hosts
    if found and not is_allowed_host(found[0], hosts):
        raise UnknownHost(
            f"this service is not called {shorten(found[0])!r}: call it by {' or '.join(sorted(hosts))}, "
            "or name the host in SCORECAST_ALLOWED_HOSTS"
        )


def is_allowed_host(header: str, hosts: frozenset[str]) -> bool:
    """Return whether a Host header has one of these names, whatever its port; `*` stands for all."""
    return "*" in hosts or _PORT.sub("", header).strip().lower() in hosts


_PORT = re.compile(r":[0-9]*$")

AGENTS_PATH = "/mcp"
"""Where agents call tools."""

_REFUSED = (
    "a web page of another site may not change anything here; to allow it, add its origin to SCORECAST_CORS_ORIGINS"
)

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_COMPUTING = (
    "/predict",
    "/evaluate",
    "/check",
    "/activations",
    "/infer",
    "/repository/index",
    ":predict",
    "/invocations",
)
"""How the paths end that a body is sent to, but where nothing is changed."""


async def refuse_cross_site(request: Request) -> None:
    """Raise `CrossSiteRequest` for a change that a page of another site asks for: the reader has not meant it.

    Browsers say where a request comes from, and pages cannot change what they say (Fetch Metadata Request Headers, W3C).
    Other clients say nothing.
    """
    if not may_change(request.method, request.url.path) or await _is_of_allowed_origin(request):
        return
    if request.headers.get("content-type", "").lower().startswith(FORM) or request.url.path == AGENTS_PATH:
        _refuse_foreign_origin(request)
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise CrossSiteRequest(_REFUSED)


async def _is_of_allowed_origin(request: Request) -> bool:
    """Return whether a page has sent a request that an operator has let ask here; a page cannot change its `Origin`."""
    origins, origin = (await services(request)).settings.origins, request.headers.get("origin")
    return origin is not None and not origins.isdisjoint({origin, EVERY_ORIGIN})


def may_change(method: str, path: str) -> bool:
    """Return whether requests of this method to a path may change anything."""
    return method not in _READING and not (method == "POST" and path.endswith(_COMPUTING))


def _refuse_foreign_origin(request: Request) -> None:
    """Raise `CrossSiteRequest` for what a page of another site has sent, by its `Origin`.

    Of the bodies that are read, only forms are sent without asking; a service without TLS is told no more than `Origin`.
    The protocol of agents asks for it, too.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise CrossSiteRequest(_REFUSED)


ServicesDependency = Annotated[Services, Depends(services)]
ModelName = Annotated[str, Path(description="The model's name.", examples=["exam-score"])]
ModelVersion = Annotated[int, Path(ge=1, description="The version's number.", examples=[1])]
JobId = Annotated[
    str,
    Path(description="The job's id, as the answer to its training has it.", examples=["0195d2c8a1f0-5e6f7a8b"]),
]
