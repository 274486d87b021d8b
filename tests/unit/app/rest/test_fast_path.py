"""The fast path and the ordinary route: whatever is asked, and whatever else comes with it, both give the same answer."""

import asyncio
import json
import socket
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from app.main import create_app
from app.predict.answer_text_template import ResponseTemplate
from app.predict.batcher import MicroBatcher
from app.rest.access_log import Identified
from app.rest.fast_path import FastPath
from app.settings import Settings
from tests.support.server import Server, running
from tests.support.tables import TABLE

QUICK = {"name": "levenberg_marquardt", "members": 2, "max_epochs": 3}
WIDE = [{"x": x, "größe": x * x - 3, "y": 2 * x + 1, "z": -x} for x in (0.5, -1.25, 2.0, 7.5)]
MIXED = [
    {"colour": colour, "x": x, "y": index + (x or 0.0)}
    for index, (colour, x) in enumerate([("red", 1.0), ("blue", None), ("red", 2.5), ("green", 0.5)])
]
KINDS = [{"x": x, "kind": "low" if x < 2 else "high"} for x in (0.0, 1.0, 1.5, 2.0, 3.0, 4.0)]
DECLARED = {
    "wide": ({"features": [{"name": "x"}, {"name": "größe"}], "targets": [{"name": "y"}, {"name": "z"}]}, WIDE),
    "mixed": (
        {
            "features": [{"name": "colour", "kind": "category", "categories": ["red", "green", "blue"]}, {"name": "x"}],
            "targets": [{"name": "y"}],
            "missing": "mean",
        },
        MIXED,
    ),
    "kinds": (
        {
            "features": [{"name": "x", "minimum": -5, "maximum": 5}],
            "targets": [{"name": "kind", "kind": "category", "categories": ["low", "high"]}],
        },
        KINDS,
    ),
    "constant": ({"features": [{"name": "x"}], "targets": [{"name": "y"}]}, [{"x": 1, "y": 3}, {"x": 2, "y": 3}]),
}


class Asked(NamedTuple):
    """A request, as the server passes it on."""

    path: str
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ((b"content-type", b"application/json"),)
    query: bytes = b""
    method: str = "POST"
    cut: int | None = None
    """The body comes in two pieces, the first of so many bytes."""

    @property
    def scope(self) -> Scope:
        headers = [
            (b"host", b"localhost:8000"),
            (b"x-request-id", b"7"),
            *self.headers,
            (b"content-length", str(len(self.body)).encode()),
        ]
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": self.query,
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 8000),
        }

    @property
    def messages(self) -> list[Message]:
        cut = len(self.body) if self.cut is None else self.cut
        pieces = [self.body[:cut], *([] if self.cut is None else [self.body[cut:]])]
        return [
            {"type": "http.request", "body": piece, "more_body": place + 1 < len(pieces)}
            for place, piece in enumerate(pieces)
        ]


class Answered(NamedTuple):
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


async def ask(app: Any, asked: Asked) -> Answered:
    messages, sent = iter(asked.messages), []

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    async def send(message: Message) -> None:
        sent.append(message)

    await app(asked.scope, receive, send)
    start, *bodies = sent
    return Answered(start["status"], tuple(start["headers"]), b"".join(each.get("body", b"") for each in bodies))


class Both:
    """The two ways, over one service."""

    def __init__(self, app: FastAPI) -> None:
        self.app, self.passed_on = app, 0

        async def ordinary(scope: Scope, receive: Receive, send: Send) -> None:
            self.passed_on += 1
            await FastAPI.__call__(app, scope, receive, send)

        self._ordinary = Identified(ordinary, None)
        self._fast_path = FastPath(ordinary, app.state.services)

    def ask(self, asked: Sequence[Asked]) -> tuple[list[Answered], list[Answered], int]:
        """Return what the fast path answers to requests at once, the ordinary route one by one, and how many were passed on."""

        async def together() -> list[Answered]:
            return await asyncio.gather(*(ask(self._fast_path, each) for each in asked))

        async def alone() -> list[Answered]:
            return [await ask(self._ordinary, each) for each in asked]

        before = self.passed_on
        fast = asyncio.run(together())
        passed_on = self.passed_on - before
        return fast, asyncio.run(alone()), passed_on


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with running(tmp_path_factory.mktemp("server")) as server:
        server.train(TABLE).raise_for_status()
        for name, (declaration, rows) in DECLARED.items():
            server.client.put(f"/models/{name}", json=declaration).raise_for_status()
            trainer = {} if name == "kinds" else {"trainer": QUICK}
            server.client.post(f"/models/{name}/train", json={"rows": rows, **trainer}).raise_for_status()
        server.client.put("/models/untrained", json=DECLARED["wide"][0]).raise_for_status()
        app = create_app(Settings(store=str(server.store)))
        app.state.services.warm_up()
        yield Both(app)
        app.state.services.close()


PLAIN = [
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}'),
    Asked("/predict", b'{"hours_slept":8.5,"hours_studied":1e0}', ((b"content-type", b"application/json"), (b"accept", b"*/*"))),
    Asked("/models/exam-score/predict", b' {"hours_studied": 0, "hours_slept": 24}\n'),
    Asked("/models/wide/predict", '{"x": -3, "größe": 1e3}'.encode()),
    Asked("/models/mixed/predict", b'{"colour": "blue", "x": 1}'),
    Asked("/models/mixed/predict", b'{"colour": "red", "x": null}'),
    Asked("/models/mixed/predict", b'{"colour": "green"}'),
    Asked("/models/kinds/predict", b'{"x": 0.25}'),
    Asked("/models/constant/predict", b'{"x": 1}'),
    Asked("/models/wide/predict", '{"x": 1e100, "größe": -1e100}'.encode()),
]  # fmt: skip


@pytest.mark.parametrize("asked", PLAIN)
def test_what_is_plain_is_answered_on_the_fast_path_as_it_would_be_by_the_route(both: Both, asked: Asked) -> None:
    fast, ordinary, passed_on = both.ask([asked])

    assert fast == ordinary
    assert fast[0].status == 200
    assert passed_on == 0


def test_a_checkpoint_that_is_not_in_memory_is_not_read_by_the_event_loop(both: Both) -> None:
    app = create_app(both.app.state.services.settings)
    cold, asked = Both(app), PLAIN[:1]

    assert cold.ask(asked)[2] == 1
    assert cold.ask(asked)[2] == 0  # the route has read it
    app.state.services.close()


def test_what_comes_at_once_is_answered_as_if_it_had_come_alone(both: Both) -> None:
    asked = [*PLAIN * 3, *(Asked("/predict", json.dumps({"hours_studied": n / 9, "hours_slept": n}).encode()) for n in range(24))]  # fmt: skip

    fast, ordinary, passed_on = both.ask(asked)

    assert fast == ordinary
    assert passed_on == 0


UNUSUAL = [
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', query=b"coverage=0.5"),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', cut=7),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', ((b"content-type", b"application/json; charset=utf-8"),)),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', ()),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', ((b"content-type", b"application/json"), (b"accept", b"text/csv"))),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', ((b"content-type", b"application/json"), (b"content-encoding", b"gzip"))),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', ((b"content-type", b"text/csv"), (b"content-type", b"application/json"))),
    Asked("/predict", b"hours_studied,hours_slept\n4,8\n", ((b"content-type", b"text/csv"),)),
    Asked("/predict", b'{"rows": [{"hours_studied": 4, "hours_slept": 8}]}'),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', method="PUT"),
    Asked("/predict/", b'{"hours_studied": 4, "hours_slept": 8}'),
    Asked("/predict", b""),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8}', ((b"content-type", b"application/json"), (b"expect", b"100-continue"))),
    Asked("/predict", b" " * 70_000 + b'{"hours_studied": 4, "hours_slept": 8}'),
    Asked("/predict", b'{"hours_studied": 4, "hours_slept": 8, "hours_slept": 9}'),
    Asked("/predict", b'{"hours_studied": 4, "hours\\u005fslept": 8}'),
    Asked("/predict", b'{"hours_studied": "4", "hours_slept": 8}'),
    Asked("/predict", b'{"hours_studied": true, "hours_slept": 8}'),
    Asked("/predict", b'{"hours_studied": NaN, "hours_slept": 8}'),
    Asked("/predict", b'{"hours_studied": 25, "hours_slept": 8}'),
    Asked("/predict", b'{"hours_studied": 4}'),
    Asked("/predict", b'\xef\xbb\xbf{"hours_studied": 4, "hours_slept": 8}'),
    Asked("/models/mixed/predict", b'{"colour": "red", "colour": "blue", "x": 1}'),
    Asked("/models/mixed/predict", b'{"colour": "pink", "x": 1}'),
    Asked("/models/untrained/predict", '{"x": 1, "größe": 2}'.encode()),
    Asked("/models/unknown/predict", b'{"x": 1}'),
    Asked("/models/No Name/predict", b'{"x": 1}'),
]  # fmt: skip


@pytest.mark.parametrize("asked", UNUSUAL)
def test_what_is_unusual_or_wrong_is_passed_on_as_it_came(both: Both, asked: Asked) -> None:
    fast, ordinary, passed_on = both.ask([asked])

    assert fast == ordinary
    assert passed_on == 1


def test_what_is_wrong_spoils_nothing_for_what_came_with_it(both: Both) -> None:
    asked = [*PLAIN, *UNUSUAL, *PLAIN]

    fast, ordinary, passed_on = both.ask(asked)

    assert fast == ordinary
    assert passed_on == len(UNUSUAL)


def test_a_row_without_a_finite_answer_sends_its_batch_to_the_route(both: Both) -> None:
    far = Asked("/models/wide/predict", '{"x": 1.7e308, "größe": -1.7e308}'.encode())

    fast, ordinary, passed_on = both.ask([PLAIN[3], far, PLAIN[0]])

    assert fast == ordinary
    assert [each.status for each in fast] == [200, 422, 200]
    assert passed_on == 2  # not the row of the other model


DIGITS = st.text("0123456789", min_size=1, max_size=40)
NUMBERS = st.one_of(
    st.floats(0, 24).map(repr),
    st.integers().map(str),
    st.floats(allow_nan=False).map(repr),
    st.builds("{}{}.{}".format, st.sampled_from(["", "-"]), DIGITS, DIGITS),
    st.builds("{}.{}e{}".format, DIGITS, DIGITS, st.integers(-400, 400)),
    st.sampled_from(["-0", "-0.0", "1e999", "1.", ".5", "01", "+1", "null", "true", '"4"', "[]", "{}", "NaN", "-Infinity"]),
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(["red", "green", "blue", "low"]), st.text(max_size=5)).map(
    lambda text: json.dumps(text, ensure_ascii=False)
)
KEYS = st.sampled_from(["hours_studied", "hours_slept", "x", "größe", "colour", "y", "rows", "coverage", ""])
SPACE = st.sampled_from(["", "", "", " ", "\n", "\t", "\r", "\f", "\x00"])


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A row for one of the models, more or less."""
    keys = draw(
        st.sampled_from([["hours_studied", "hours_slept"], ["x", "größe"], ["colour", "x"], ["x"]])
        | st.lists(KEYS, max_size=4)
    )
    value = NUMBERS | TEXTS
    pairs = (f'{draw(SPACE)}"{key}"{draw(SPACE)}:{draw(SPACE)}{draw(value)}{draw(SPACE)}' for key in keys)
    text = f"{draw(SPACE)}{{{','.join(pairs)}}}{draw(SPACE)}"
    return text.encode("utf-8", "surrogatepass")


PATHS = st.sampled_from(["/predict", *(f"/models/{name}/predict" for name in ["exam-score", *DECLARED])])
HEADERS = st.sampled_from([each.headers for each in PLAIN + UNUSUAL])
ASKED = st.builds(
    Asked, PATHS, bodies(), st.just(PLAIN[0].headers) | HEADERS, st.just(b"") | st.sampled_from([b"coverage=0.9", b"x=1"]),
    st.just("POST") | st.sampled_from(["GET", "PUT", "HEAD"]), st.none() | st.integers(0, 60),
)  # fmt: skip


@settings(max_examples=3 * settings().max_examples)
@given(st.lists(ASKED, min_size=1, max_size=12))
@example([Asked("/models/wide/predict", '{"x": 100000000000000000000000000001, "größe": 9007199254740993}'.encode())])
@example([Asked("/models/wide/predict", '{"x": -0, "größe": 0.1000000000000000055511151231257827}'.encode())])
def test_both_ways_answer_the_same(both: Both, asked: list[Asked]) -> None:
    fast, ordinary, _ = both.ask(asked)

    assert fast == ordinary


@pytest.mark.parametrize(("path", "length"), [("/predict", 99_000_000), ("/models/unknown/predict", 10)])
def test_what_is_refused_by_its_head_is_refused_before_its_body_comes(server: Server, path: str, length: int) -> None:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    address = (server.client.base_url.host, server.client.base_url.port or 80)

    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(head.encode())

        assert connection.recv(12) in {b"HTTP/1.1 413", b"HTTP/1.1 404"}


def test_a_mistake_of_the_fast_path_is_logged_once_and_the_ordinary_route_answers(
    both: Both, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(MicroBatcher, "for_default", fail)

    fast, ordinary, passed_on = Both(both.app).ask([PLAIN[3]] * 3)

    assert fast == ordinary
    assert fast[0].status == 200
    assert passed_on == 3
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [
        "model wide cannot have the fast path; its requests take the ordinary route"
    ]


def test_a_mistake_of_a_batch_is_logged_once_and_the_ordinary_route_answers(
    both: Both, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(ResponseTemplate, "fill", fail)
    ways = Both(both.app)

    answers = [ways.ask([PLAIN[0]]) for _ in range(3)]

    assert all(fast == ordinary and fast[0].status == 200 and passed_on == 1 for fast, ordinary, passed_on in answers)
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [
        "a batch of model exam-score, version 1 failed; its rows go one by one"
    ]


def test_what_may_well_happen_is_no_mistake_and_is_not_logged(both: Both, caplog: pytest.LogCaptureFixture) -> None:
    asked = [each for each in UNUSUAL if each.path in {"/models/untrained/predict", "/models/unknown/predict"}]

    _, _, passed_on = both.ask([*asked, Asked("/models/wide/predict", '{"x": 1e308, "größe": 1e308}'.encode())])

    assert passed_on >= len(asked) == 2
    assert not [record for record in caplog.records if record.exc_info]
