"""Compressed bodies: read as what they are, and never larger in memory than a body may be."""

import gzip
import json
import zlib

import pytest

from app.errors import BodyTooLarge, MalformedBody
from app.rest.work import decompress
from tests.support.problems import problem
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE


@pytest.mark.parametrize("coding", ["gzip", "deflate", "GZIP"])
def test_every_body_may_be_compressed(server: Server, coding: str) -> None:
    pack = zlib.compress if coding == "deflate" else gzip.compress
    headers = {"Content-Type": "application/json", "Content-Encoding": coding}

    trained = server.client.post("/train", content=pack(json.dumps({"rows": TABLE}).encode()), headers=headers)
    asked = server.client.post("/predict", content=pack(json.dumps(QUESTION).encode()), headers=headers)

    assert trained.status_code == 200
    assert asked.json() == server.client.post("/predict", json=QUESTION).json()


def test_what_is_not_what_it_says_is_refused(server: Server) -> None:
    whole = gzip.compress(json.dumps(QUESTION).encode())
    for body in (b"{}", whole[:-9], b""):
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        problem(server.client.post("/predict", content=body, headers=headers), 400)
    headers = {"Content-Type": "application/json", "Content-Encoding": "br"}
    assert "gzip or deflate" in problem(server.client.post("/predict", content=whole, headers=headers), 415)["detail"]


def test_a_bomb_is_refused_before_it_is_large(server: Server) -> None:
    bomb = gzip.compress(b" " * 50_000_000)  # 49 KB
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert "decompressed" in problem(server.client.post("/predict", content=bomb, headers=headers), 413)["detail"]


@pytest.mark.parametrize("size", [0, 1, 99, 100])
def test_as_many_bytes_are_read_as_a_body_may_have(size: int) -> None:
    assert decompress(gzip.compress(b"x" * size), "gzip", 100) == b"x" * size


def test_one_byte_more_is_too_many_and_one_less_is_no_whole() -> None:
    with pytest.raises(BodyTooLarge):
        decompress(gzip.compress(b"x" * 101), "gzip", 100)
    with pytest.raises(MalformedBody):
        decompress(zlib.compress(b"x" * 100)[:-1], "deflate", 100)
