"""Keys of requests: which one has come, and whether it may do what is asked for."""

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from app.access import ApiKey, KeyNotAllowed, KeyRequired, Keys, Role, UnknownKey
from app.bootstrap import Services
from app.errors import NotReady, UnknownJob
from app.registry import EXAM_SCORE
from app.rest.access.clients import name_client
from app.rest.dependencies import may_change, services

ROLES: Mapping[str, Role] = {
    "call_tool": Role.PREDICT,  # each tool sends requests of its own, with the caller's key
    "train": Role.TRAIN,
    "train_exam_score": Role.TRAIN,
    "list_jobs": Role.TRAIN,
    "read_job": Role.TRAIN,
    "watch_job": Role.TRAIN,
    "cancel_job": Role.TRAIN,
    "read_table": Role.TRAIN,
    "read_fit": Role.TRAIN,
    "export_version": Role.TRAIN,
    "upload_version": Role.ADMIN,
    "declare_model": Role.ADMIN,
    "move_default_version": Role.ADMIN,
    "delete_version": Role.ADMIN,
    "delete_model": Role.ADMIN,
}
"""Which role an operation needs. Any other needs `PREDICT`, or `ADMIN` if it may change something."""

PROBES = frozenset({"livez", "readyz", "server_live", "server_ready", "ping"})
OPEN = frozenset({"page", "docs", "start"})
"""What has nothing of the models in it: the page asks for a key itself, when it needs one."""

OF_ALL_MODELS = frozenset({"metrics"})
"""What tells of all models together: no key for some of them may read it."""

_OF_THE_TUTORIAL = frozenset({"train_exam_score", "predict_exam_score"})

MayUse = Callable[[str], bool]


async def require_key(request: Request) -> None:
    """Raise `KeyRequired`, `UnknownKey` or `KeyNotAllowed` unless the request has a key that is for what it asks."""
    given = await services(request)
    name = request.scope["route"].name
    if given.keys is None or name in OPEN or (name in PROBES and given.settings.open_probes):
        return
    if name == "metrics" and given.settings.open_metrics:
        return
    key = find_key(given.keys(), request.headers)
    needed = needed_role(name, request.method, request.url.path)
    if key.role < needed:
        raise KeyNotAllowed(f"key {key.name!r} has the role {key.role.word}: this needs the role {needed.word}")
    if name in OF_ALL_MODELS and key.models is not None:
        raise KeyNotAllowed(f"key {key.name!r} is for some models: this tells of all of them")
    request.state.key = key
    model = await _find_model(request, given, name)
    if model is not None:
        check_model(request, model)


def check_model(request: Request, name: str) -> None:
    """Raise `KeyNotAllowed` unless whoever asks may use a model."""
    if not may_use(request)(name):
        raise KeyNotAllowed(f"key {request.state.key.name!r} is not for model {name!r}")


def needed_role(operation: str, method: str, path: str) -> Role:
    """Return the role that an operation needs."""
    return ROLES.get(operation, Role.ADMIN if may_change(method, path) else Role.PREDICT)


def find_key(keys: Keys, headers: Mapping[str, str]) -> ApiKey:
    """Return the key that has come with these headers. Raises `KeyRequired`, `UnknownKey`, and `NotReady` while keys are not known."""
    secret = read_secret(headers.get("authorization", ""), headers.get("x-api-key"))
    if secret is None:
        raise KeyRequired("this service needs a key: send it as Authorization: Bearer KEY, or as X-API-Key: KEY")
    if not keys.are_known:
        raise NotReady(
            "the file of keys could not be read when this process started: try again once the operator has mended it"
        )
    key = keys.find(secret.encode("latin-1", "replace"))
    if key is None:
        raise UnknownKey("this service has no such key")
    return key


def has_key(headers: Mapping[bytes, bytes], keys: Keys, model: str) -> bool:
    """Whether the headers of a request, each there once, bring a key for a model; all keys may predict.

    It is asked for each fast answer, so it takes no text apart that it need not; a key that it does not see has the ordinary way.
    """
    scheme, _, secret = headers.get(b"authorization", b"").partition(b" ")
    is_bearer = secret and scheme.lower() == b"bearer"
    secret = secret.strip() if is_bearer else headers.get(b"x-api-key", b"")
    key = keys.find(secret) if secret else None
    return key is not None and key.may_use(model)


def read_secret(authorization: str, api_key: str | None) -> str | None:
    """Return the key in a request's headers (RFC 6750, section 2.1), if there is one."""
    scheme, _, secret = authorization.partition(" ")
    if secret and scheme.lower() == "bearer":
        return secret.strip()
    return api_key


async def _find_model(request: Request, given: Services, operation: str) -> str | None:
    """Return the name of the model that a request is about, if it is about one."""
    if operation in _OF_THE_TUTORIAL:
        return EXAM_SCORE
    if "job_id" in request.path_params:
        try:
            job = await run_in_threadpool(given.jobs.job, request.path_params["job_id"])
        except UnknownJob:  # the route reports it
            return None
        return job.model_name
    name: str | None = request.path_params.get("name")
    return name


def may_use(request: Request) -> MayUse:
    """Return whether a model may be shown to whoever asks."""
    key: ApiKey | None = getattr(request.state, "key", None)
    return key.may_use if key is not None else lambda _: True


def find_client(request: Request) -> str:
    """Return who asks: by the key's name, or else by address; nothing where neither is known."""
    key: ApiKey | None = getattr(request.state, "key", None)
    return name_client(key, request.scope)


def is_still_allowed(request: Request, given: Services) -> Callable[[], bool]:
    """Return a function that says whether the key of a request is still there, and still for the same: answers may take long."""
    key: ApiKey | None = getattr(request.state, "key", None)
    keys = given.keys
    return (lambda: True) if key is None or keys is None else lambda: keys().by_digest.get(key.digest) == key


MayUseDependency = Annotated[MayUse, Depends(may_use)]
