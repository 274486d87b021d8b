"""The client: one method for each thing that a service does."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar, overload
from uuid import uuid4

from scorecast.client.asking import Question, ask, ask_file
from scorecast.client.catalogue import Catalogue
from scorecast.client.errors import Refused, TrainingStopped, Unreachable
from scorecast.client.events import read_events
from scorecast.client.frames import is_array, is_frame, like_frame, to_array
from scorecast.client.prediction import Prediction, join_answers
from scorecast.client.query import add_categories, job_path, path_of, to_query
from scorecast.client.results import Document, Evaluation, Progress, Training
from scorecast.client.tables import CSV, MEDIA_TYPES, Table, write_body
from scorecast.client.transport import AGAIN

FINAL = frozenset({"succeeded", "failed", "cancelled"})
ACCEPTED = 202
RECONNECT_SECONDS = 0.5
DEFAULT_COVERAGE = 0.95

Coverage = float | Sequence[float] | None
"""How often intervals hold the truth; several: an interval for each; None: no intervals."""

OnProgress = Callable[[Progress], object]


class Framed(Protocol):
    """A data frame of pandas or polars, or an array of NumPy."""

    @property
    def shape(self) -> Any:
        """How many rows and columns it has."""


Frame = TypeVar("Frame", bound=Framed)


class Client(Catalogue):
    """A Scorecast service; threads may share it.

    What found no answer, or a busy service, is sent again if it can do no harm: a training is begun once, and what changes
    or removes something is not repeated unless it cannot have been carried out.
    """

    def train(self, name: str, table: Any, on_progress: OnProgress | None = None, **options: Any) -> Training:
        """Train a new version, and return once it has succeeded.

        Options are the query parameters of the API: `targets`, `ignore`, `categories`, `missing`, `trainer`, `max_epochs`
        and so on; lists are joined by commas. Ctrl-C cancels it. Raises `Refused`, `TrainingStopped`, `Unreachable`.
        """
        tell = on_progress or (lambda _: None)
        job = self.submit(name, table, **options)
        try:
            tell(job)
            for progress in self.watch(job.job_id):
                job = progress
                tell(job)
        except KeyboardInterrupt:
            self.cancel(job.job_id)
            raise
        if job.status != "succeeded":
            error = job.document.get("error") or {}
            raise TrainingStopped(job.status, error.get("detail") or f"the training was {job.status}")
        version = self.version(name, job.document["model_version"])
        return Training(job.job_id, name, version, job.document.get("read", []))

    def submit(self, name: str, table: Any, **options: Any) -> Progress:
        """Begin a training, without waiting for it; one that is sent again is not begun again."""
        body = write_body(table)
        headers = {"Content-Type": body.media_type, "Prefer": "respond-async", "Idempotency-Key": uuid4().hex}
        query = to_query(add_categories(options, body.categories))
        path = path_of(name, "train")
        answer = self._transport.send("POST", path, query=query, content=body.content, headers=headers)
        job = self._transport.read(answer)
        return Progress.read(job) if answer.status_code == ACCEPTED else self.progress(job["job_id"])

    def progress(self, job_id: str) -> Progress:
        """Return where a training stands."""
        return Progress.read(self._transport.get(job_path(job_id)))

    def watch(self, job_id: str) -> Iterator[Progress]:
        """Yield where a training stands whenever that has changed, and last how it ended."""
        seen: str | None = None
        while True:
            try:
                for event_id, job in self._events(job_id, seen):
                    seen = event_id
                    yield Progress.read(job)
                    if job["status"] in FINAL:
                        return
            except Unreachable:
                pass
            except Refused as error:  # too many may watch
                if error.status not in AGAIN:
                    raise
            time.sleep(RECONNECT_SECONDS)
            if (last := self.progress(job_id)).status in FINAL:  # raises if the job is forgotten
                yield last
                return

    def cancel(self, job_id: str) -> Progress:
        """Ask a training to stop."""
        return Progress.read(self._transport.read(self._transport.send("POST", job_path(job_id, "cancel"))))

    @overload
    def predict(
        self, name: str, table: Table, version: int | None = None, *, coverage: Coverage = ..., **options: Any
    ) -> Prediction: ...

    @overload
    def predict(
        self, name: str, table: Frame, version: int | None = None, *, coverage: Coverage = ..., **options: Any
    ) -> Frame: ...

    def predict(
        self,
        name: str,
        table: Any,
        version: int | None = None,
        *,
        coverage: Coverage = DEFAULT_COVERAGE,
        **options: Any,
    ) -> Any:
        """Return the answers to rows; to those of a data frame as a frame of the same kind, with its index.

        An array holds the model's features in their order, and is answered by an array of what is predicted, without the
        intervals. `coverage` says how often these hold the truth; several give an interval each, None leaves them out.
        Options are `quantiles`, `standard_deviation`, `above`, `between`, `ignore`, `unseen` and `sheet`.
        """
        answer = self.ask(name, table, version, coverage=coverage, **options)
        if is_frame(table):
            return like_frame(table, answer.columns)
        if is_array(table):
            targets = answer.predictions[0] if answer.predictions else {}
            return to_array({target: answer.columns[target] for target in targets})
        return answer

    def ask(
        self,
        name: str,
        table: Any,
        version: int | None = None,
        *,
        coverage: Coverage = DEFAULT_COVERAGE,
        names: Sequence[str] = (),
        **options: Any,
    ) -> Prediction:
        """Return the answers to rows with all that the service says, whatever the rows are held in.

        `names` are those of an array's columns, if it does not hold the model's features in their order.
        """
        question = self._question(name, table, version, {"coverage": coverage, **options}, names)
        return Prediction.read(join_answers([*ask(self._transport, question, table)]))

    def predict_file(
        self, name: str, table: Any, version: int | None = None, *, file_type: str = ".csv", **options: Any
    ) -> bytes:
        """Return the table as a file, with the columns of the answers behind its own.

        `file_type` is how its name would end: .csv, .xlsx, .parquet, .arrow or .json (the answers alone).
        """
        question = self._question(name, table, version, options)
        return ask_file(self._transport, question, table, MEDIA_TYPES.get(file_type.lower(), CSV))

    def evaluate(self, name: str, table: Any, version: int | None = None, **options: Any) -> Evaluation:
        """Judge a version by rows whose targets are known; the default version unless another one is named."""
        number = version if version is not None else self.model(name).default_version
        body = write_body(table)
        headers = {"Content-Type": body.media_type}
        path = path_of(name, "versions", number or 0, "evaluate")
        query = to_query(options)
        answer = self._transport.send("POST", path, query=query, content=body.content, headers=headers)
        return Evaluation.read(self._transport.read(answer))

    def _question(
        self, name: str, table: Any, version: int | None, options: dict[str, Any], names: Sequence[str] = ()
    ) -> Question:
        if not names and is_array(table) and not table.dtype.names:
            names = self.model(name).features
        query = {"coverage": "null"} if options.get("coverage", 0) is None else {}
        return Question(name, version, {**to_query(options), **query}, tuple(names))

    def _events(self, job_id: str, seen: str | None) -> Iterator[tuple[str | None, Document]]:
        """Yield a job's events, and their ids, from the one that was seen last."""
        headers = {} if seen is None else {"Last-Event-ID": seen}
        with self._transport.stream(job_path(job_id, "events"), headers) as lines:
            yield from read_events(lines)
