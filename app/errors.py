"""What can go wrong in the service, as one tree; `app.rest.statuses` has the HTTP status of each.

    ServiceError
    ├── RequestError                a request that cannot be carried out as it is
    │   ├── MalformedBody           400
    │   ├── InvalidBody             422, with a list of `BodyError`
    │   ├── BodyTooLarge            413
    │   ├── UnsupportedMediaType    415
    │   ├── CrossSiteRequest        403
    │   ├── UnknownHost             421
    │   ├── NotAcceptable           406
    │   └── IdempotencyKeyReused    422
    ├── NotFound
    │   ├── UnknownModel            404
    │   ├── UnknownVersion          404
    │   └── UnknownJob              404
    ├── Conflict                    a request that the model's present state does not allow
    │   ├── UntrainedModel          409
    │   ├── VersionInUse            409
    │   ├── ExistingVersion         409
    │   ├── CannotExtend            409
    │   ├── OtherTargets            409
    │   ├── OtherColumns            409
    │   └── ChangedMeanwhile        412
    ├── Unavailable                 a request that may succeed later
    │   ├── NotReady                503
    │   ├── QueueFull               429
    │   ├── TooBusy                 503
    │   ├── NotWanted               400, which no one receives
    │   └── JobInterrupted          503
    ├── MissingExtra                501, or what the format that it is for is refused with
    ├── DamagedCheckpoint           500
    └── StoreError                  503
        └── StoreFull               507

Those of keys are in `app.access.errors`, of rates in `app.rates.errors`, those of training in `model.errors`. `app.store.MissingKey` belongs to the store's contract and is no
`ServiceError`: each caller catches it. Stored jobs name the exceptions they failed with: a class that is renamed
needs an entry in `FORMER_NAMES`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_REPEATED_CHARACTERS = 200
"""Of a name or another text from a request that an error repeats; as many as the name of a column may have."""


def shorten(text: str, most: int = MAX_REPEATED_CHARACTERS) -> str:
    """Return a text for an error to repeat: its beginning, if it is long."""
    return text if len(text) <= most else f"{text[:most]}..."


class ServiceError(Exception):
    """The base of all errors of the service; the text says what went wrong, for the client."""


class RequestError(ServiceError):
    """The request cannot be carried out as it is."""


class NotFound(ServiceError):
    """The request is for something that does not exist."""


class Conflict(ServiceError):
    """The model's present state does not allow the request."""


class Unavailable(ServiceError):
    """The request cannot be carried out now, but perhaps later."""


@dataclass(frozen=True)
class BodyError:
    """One thing that is wrong with a body, and a JSON pointer (RFC 6901) to it."""

    detail: str
    pointer: str


class MalformedBody(RequestError):
    """The body is not JSON, or not a table."""


class InvalidBody(RequestError):
    """The body is JSON or CSV, but does not fit its schema."""

    def __init__(self, errors: Sequence[BodyError]) -> None:
        more = f" (and {len(errors) - 1} more, see errors)" if len(errors) > 1 else ""
        super().__init__(errors[0].detail + more)
        self.errors = tuple(errors)


class BodyTooLarge(RequestError):
    """The body, or what it asks for, is over a limit."""


class UnsupportedMediaType(RequestError):
    """The body is of a type that is not read here."""


class CrossSiteRequest(RequestError):
    """A page of another site had the reader's browser send the request."""


class UnknownHost(RequestError):
    """The request is for a host that this service is not called by."""


class NotAcceptable(RequestError):
    """The answer cannot have the form that the request accepts."""


class IdempotencyKeyReused(RequestError):
    """The idempotency key has come with another request before."""


class UnknownModel(NotFound):
    """There is no model of this name."""


class UnknownVersion(NotFound):
    """The model has no version of this number."""


class UnknownJob(NotFound):
    """There is no job of this id."""


class UntrainedModel(Conflict):
    """The model has no version yet."""

    def __init__(self, detail: str, name: str = "") -> None:
        super().__init__(detail)
        self.name = name
        """The model's."""


class VersionInUse(Conflict):
    """The version is the model's default, and so cannot be removed."""


class ExistingVersion(Conflict):
    """The model has given the number to a version already."""


class CannotExtend(Conflict):
    """There is no table to add rows to, or it does not fit any more."""


class OtherTargets(Conflict):
    """The model is declared with other targets than the request names."""


class OtherColumns(Conflict):
    """The model is declared with other columns than the request names."""


class ChangedMeanwhile(Conflict):
    """The model is no longer in the state that the change was meant for."""


class NotReady(Unavailable):
    """The service does not answer predictions yet, or no longer."""


class QueueFull(Unavailable):
    """So many trainings are waiting that no more are accepted."""


class TooBusy(Unavailable):
    """So much is being worked on that there is no room for more."""


class NotWanted(Unavailable):
    """The client has gone, so that its request need not be carried out."""


class JobInterrupted(Unavailable):
    """The process that worked on the job died, or was stopped."""


class MissingExtra(ServiceError):
    """What is asked for needs packages that are not installed."""


class DamagedCheckpoint(ServiceError):
    """The version's checkpoint or table cannot be used."""


class StoreError(ServiceError):
    """The store cannot do its work."""


class StoreFull(StoreError):
    """The store has no room left."""


FORMER_NAMES: Mapping[str, type[ServiceError]] = {"OtherRequest": IdempotencyKeyReused}
"""Names that errors had in earlier releases, and may have in stored jobs."""
