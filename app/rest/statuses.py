"""The only table from what went wrong to the status that it is answered with, and to headers that go with that."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import ClientDisconnect

from app.access import KeyNotAllowed, KeyRequired, UnknownKey
from app.errors import (
    FORMER_NAMES,
    BodyTooLarge,
    CannotExtend,
    ChangedMeanwhile,
    CrossSiteRequest,
    DamagedCheckpoint,
    ExistingVersion,
    IdempotencyKeyReused,
    InvalidBody,
    JobInterrupted,
    MalformedBody,
    MissingExtra,
    NotAcceptable,
    NotReady,
    NotWanted,
    OtherColumns,
    OtherTargets,
    QueueFull,
    StoreError,
    StoreFull,
    TooBusy,
    UnknownHost,
    UnknownJob,
    UnknownModel,
    UnknownVersion,
    UnsupportedMediaType,
    UntrainedModel,
    VersionInUse,
)
from app.jobs import Failure
from app.rates import TooManyRequests
from app.rest.bodies import make_problem
from model.errors import OptionsError, SignatureError, TrainingCancelled, TrainingFailed

STATUSES: Mapping[type[Exception], HTTPStatus] = {
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    CannotExtend: HTTPStatus.CONFLICT,
    ChangedMeanwhile: HTTPStatus.PRECONDITION_FAILED,
    ClientDisconnect: HTTPStatus.BAD_REQUEST,  # no one receives the response any more
    CrossSiteRequest: HTTPStatus.FORBIDDEN,
    DamagedCheckpoint: HTTPStatus.INTERNAL_SERVER_ERROR,
    ExistingVersion: HTTPStatus.CONFLICT,
    JobInterrupted: HTTPStatus.SERVICE_UNAVAILABLE,
    KeyNotAllowed: HTTPStatus.FORBIDDEN,
    KeyRequired: HTTPStatus.UNAUTHORIZED,
    InvalidBody: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedBody: HTTPStatus.BAD_REQUEST,
    MissingExtra: HTTPStatus.NOT_IMPLEMENTED,
    MemoryError: HTTPStatus.SERVICE_UNAVAILABLE,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    NotWanted: HTTPStatus.BAD_REQUEST,  # as above
    OptionsError: HTTPStatus.UNPROCESSABLE_ENTITY,
    IdempotencyKeyReused: HTTPStatus.UNPROCESSABLE_ENTITY,
    OtherColumns: HTTPStatus.CONFLICT,
    OtherTargets: HTTPStatus.CONFLICT,
    QueueFull: HTTPStatus.TOO_MANY_REQUESTS,
    SignatureError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreFull: HTTPStatus.INSUFFICIENT_STORAGE,
    TooBusy: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    TrainingCancelled: HTTPStatus.CONFLICT,
    TrainingFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownHost: HTTPStatus.MISDIRECTED_REQUEST,
    UnknownJob: HTTPStatus.NOT_FOUND,
    UnknownKey: HTTPStatus.UNAUTHORIZED,
    UnknownModel: HTTPStatus.NOT_FOUND,
    UnknownVersion: HTTPStatus.NOT_FOUND,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UntrainedModel: HTTPStatus.CONFLICT,
    VersionInUse: HTTPStatus.CONFLICT,
}

HEADERS: Mapping[type[Exception], dict[str, str]] = {
    **{kind: {"Retry-After": "1"} for kind in (QueueFull, NotReady, TooBusy)},
    KeyRequired: {"WWW-Authenticate": 'Bearer realm="scorecast"'},
    UnknownKey: {"WWW-Authenticate": 'Bearer realm="scorecast", error="invalid_token"'},  # RFC 6750, section 3
    UnsupportedMediaType: {"Accept": "application/json"},
}

_KINDS: Mapping[str, type[Exception]] = {**{kind.__name__: kind for kind in STATUSES}, **FORMER_NAMES}


def failure_problem(failure: Failure, instance: str) -> dict[str, Any]:
    """Return the problem document for why a job failed."""
    status = STATUSES.get(_KINDS.get(failure.kind, Exception), HTTPStatus.INTERNAL_SERVER_ERROR)
    return make_problem(status, failure.detail, instance)


def to_exception(failure: Failure) -> Exception:
    """Return why a job failed as the exception that it was in the worker."""
    return _KINDS.get(failure.kind, RuntimeError)(failure.detail)
