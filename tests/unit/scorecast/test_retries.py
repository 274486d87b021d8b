"""What the client sends again, and what it does not."""

import json
from collections.abc import Callable
from email.utils import formatdate

import pytest

from scorecast.client import Client, NoService, Refused, Unreachable
from tests.support.scripted import Reply, scripted

MODEL = Reply(
    body=json.dumps({"name": "m", "features": [], "targets": [], "versions": 1, "default_version": 1}).encode()
)
JOB = Reply(202, json.dumps({"job_id": "j", "status": "queued", "epoch": None, "loss": None}).encode())
LOST = Reply(0)
BUSY = Reply(503, headers={"Retry-After": "0"})
FULL = Reply(429, headers={"Retry-After": "0"})


@pytest.mark.parametrize("trouble", [LOST, BUSY, FULL, Reply(503)])
def test_what_may_be_done_twice_is_sent_again(trouble: Reply) -> None:
    with scripted(trouble, MODEL) as server, Client(server.url) as client:
        assert client.model("m").versions == 1

    assert len(server.requests) == 2


def test_a_training_is_sent_again_under_the_same_key() -> None:
    with scripted(LOST, FULL, JOB) as server, Client(server.url) as client:
        client.submit("m", [{"a": 1}], targets="a")
        client.submit("m", [{"a": 1}], targets="a")

    keys = [headers["idempotency-key"] for _, _, headers in server.requests]
    assert len(keys) == 4
    assert keys[0] == keys[1] == keys[2] != keys[3]


CHANGES: dict[str, Callable[[Client], object]] = {
    "delete": lambda client: client.delete("m"),
    "roll back": lambda client: client.roll_back("m", 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_not_repeated_if_it_may_have_been_made(change: str) -> None:
    with scripted(LOST, MODEL) as server, Client(server.url) as client, pytest.raises(Unreachable, match="not known"):
        CHANGES[change](client)

    assert len(server.requests) == 1
    with scripted(Reply(503), MODEL) as server, Client(server.url) as client, pytest.raises(Refused):
        CHANGES[change](client)
    assert len(server.requests) == 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_sent_again_if_the_service_asks_for_it(change: str) -> None:
    with scripted(BUSY, MODEL) as server, Client(server.url) as client:
        CHANGES[change](client)

    assert len(server.requests) == 2


def test_it_gives_up_after_as_many_attempts_as_it_was_told() -> None:
    with scripted(BUSY) as server, Client(server.url, retries=1) as client, pytest.raises(Refused) as refused:
        client.models()

    assert refused.value.status == 503
    assert len(server.requests) == 2


@pytest.mark.parametrize("after", ["3600", formatdate(4e9, usegmt=True)])
def test_a_pause_that_is_too_long_is_not_waited_for(after: str) -> None:
    asked = Reply(429, headers={"Retry-After": after})
    with scripted(asked) as server, Client(server.url) as client, pytest.raises(Refused):
        client.models()

    assert len(server.requests) == 1


def test_what_is_wrong_is_not_sent_again() -> None:
    with scripted(Reply(422)) as server, Client(server.url) as client, pytest.raises(Refused, match="status 422"):
        client.models()

    assert len(server.requests) == 1


def test_the_key_is_sent_as_a_bearer_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(MODEL) as server:
        with Client(server.url, "secret") as client:
            client.model("m")
        monkeypatch.setenv("SCORECAST_KEY", "of the environment")
        with Client(server.url) as client:
            client.model("m")

    sent = [headers["authorization"] for _, _, headers in server.requests]
    assert sent == ["Bearer secret", "Bearer of the environment"]


def test_another_service_is_told_from_ours() -> None:
    with scripted(Reply(body=b"<html>")) as server, Client(server.url) as client, pytest.raises(NoService) as error:
        client.models()

    assert server.url in str(error.value)


def test_an_address_may_lack_its_scheme() -> None:
    with scripted(MODEL) as server, Client(server.url.removeprefix("http://")) as client:
        assert client.model("m").versions == 1
    with Client("ftp://127.0.0.1") as client, pytest.raises(Unreachable, match="ftp"):
        client.models()
