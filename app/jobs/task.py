"""What a worker needs to do a job: what is asked for, as bytes and back, and what its server adds."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from app.jobs.job import Waiting
from app.jobs.liveness import ServerProcess
from app.jobs.records import JobRecords
from app.limits import TrainingLimits
from app.logs import RequestIdentity
from app.registry import Declaration, Registry
from model.checkpoint import DAMAGE, read_arrays, read_header, write_file
from model.fitting import TrainingSpec
from model.table import Dataset, Signature
from model.trainers import TRAINERS, NetworkOptions


@dataclass(frozen=True)
class Policy:
    """What a server lets its trainings do."""

    max_seconds: float
    keep_versions: int | None
    keep_tables: bool
    lock_name: str
    """The name of the lock that a training holds, so that one runs at a time."""
    limits: TrainingLimits = field(default_factory=TrainingLimits)


Connect = Callable[[], tuple[JobRecords, Registry]]
"""Opens in a worker what its server has open."""


@dataclass(frozen=True, eq=False)
class Task:
    """What a worker needs to do a job."""

    spec: TrainingSpec
    connect: Connect
    policy: Policy
    model_name: str
    extend: bool = False
    """Whether the rows are added to those of the default version."""
    keep_table: bool = True
    restart: bool = True
    """Whether it is begun anew, once, if its server is told to stop while it runs."""
    deletions: int | None = None
    """Of the model, when the training was asked for."""
    declaration: Declaration | None = None
    """What the first version declares the model to be; None: it is declared already."""
    read: tuple[str, ...] = ()
    """What was assumed of the table, in sentences."""
    client: str = ""
    """Who asked for it, by key or address; nothing where that is not known."""
    trace: Mapping[str, str] = field(default_factory=dict)
    """What is needed to go on with the trace of that request; nothing if it is part of none."""
    request_id: str = ""
    """Of the request that asked for it, as the log has it; nothing where it is not known."""
    job_id: str = ""
    server: ServerProcess | None = None
    """Whose job it must be when a worker begins it; None: anyone's."""

    @property
    def waiting(self) -> Waiting:
        """The task as it waits in a queue."""
        dataset = self.spec.dataset
        table_bytes = dataset.features.nbytes + dataset.targets.nbytes
        return Waiting(self.job_id, self.model_name, self.client, table_bytes, self.request_id, self.restart)

    @property
    def request(self) -> RequestIdentity:
        """The request that asked for it, as the log tells it."""
        return RequestIdentity(self.request_id, model_name=self.model_name)

    def to_bytes(self) -> bytes:
        """Return a safetensors file behind its digest (SHA-256), without what belongs to the server.

        It holds the table as arrays behind a JSON header.
        """
        spec = self.spec
        header = {
            "signature": spec.signature.to_dict(),
            "network": asdict(spec.network),
            "trainer": {"name": spec.trainer.name, **asdict(spec.trainer)},  # type: ignore[call-overload]  # every trainer is a dataclass
            "seed": spec.seed,
            "declaration": self.declaration and self.declaration.to_dict(),
            "trace": dict(self.trace),
            **{name: getattr(self, name) for name in (*_PLAIN, "request_id", "restart")},
        }
        arrays = {"features": spec.dataset.features, "targets": spec.dataset.targets}
        file = write_file(_HEADER, json.dumps(header), arrays)
        return sha256(file).digest() + file

    @staticmethod
    def from_bytes(data: bytes, connect: Connect, policy: Policy) -> "Task":
        """Return what `to_bytes` wrote, for a worker of this server. Raises `ValueError` if it is damaged."""
        file = data[_DIGEST_BYTES:]
        if sha256(file).digest() != data[:_DIGEST_BYTES]:
            raise ValueError("it is not what was written")
        try:
            header = json.loads(read_header(_HEADER, file))
            plain = {name: header[name] for name in _PLAIN} | {"read": tuple(header["read"])}
            plain |= {name: header.get(name, default) for name, default in _LATER.items()}
            declared = header["declaration"]
            declaration = None if declared is None else Declaration.from_dict(declared)
            return Task(_read_spec(header, file), connect, policy, declaration=declaration, **plain)
        except DAMAGE as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error


def is_task(data: bytes) -> bool:
    """Whether bytes are a task as it was written."""
    return sha256(data[_DIGEST_BYTES:]).digest() == data[:_DIGEST_BYTES]


_DIGEST_BYTES = 32
_HEADER = "scorecast-task"
_PLAIN = ("model_name", "extend", "keep_table", "deletions", "read", "client", "job_id")
"""Members that JSON can hold."""
_LATER = {"request_id": "", "trace": {}, "restart": True}
"""What tasks of earlier versions lack, as it is then."""


def _read_spec(header: dict[str, Any], data: bytes) -> TrainingSpec:
    network, trainer = dict(header["network"]), dict(header["trainer"])
    arrays = read_arrays(data)
    network["hidden_layers"] = tuple(network["hidden_layers"])
    return TrainingSpec(
        Signature.from_dict(header["signature"]),
        Dataset(arrays["features"], arrays["targets"]),
        NetworkOptions(**network),
        TRAINERS[trainer.pop("name")](**trainer),
        header["seed"],
    )
