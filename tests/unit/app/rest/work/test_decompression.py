"""Compressed bodies: read as what they are, and never larger in memory than a body may be."""

import gzip
import json
import random
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


def test_all_members_of_a_gzip_body_are_read_within_the_same_limit() -> None:
    members = [gzip.compress(bytes([65 + number]) * 10) for number in range(10)]
    assert decompress(b"".join(members), "gzip", 100) == b"".join(gzip.decompress(each) for each in members)
    large = [gzip.compress(random.Random(number).randbytes(100_000)) for number in range(3)]  # over the ends of pieces
    assert decompress(b"".join(large), "gzip", 300_000) == b"".join(gzip.decompress(each) for each in large)
    with pytest.raises(BodyTooLarge):
        decompress(b"".join([*members, gzip.compress(b"x")]), "gzip", 100)
    with pytest.raises(MalformedBody, match="gzip members"):
        decompress(gzip.compress(b"") * 10_001, "gzip", 100)


@pytest.mark.parametrize("after", [b"x", b"garbage that is no member", b"\0" * 8, gzip.compress(b"more")[:-1]])
def test_what_stands_after_the_members_is_refused(after: bytes) -> None:
    with pytest.raises(MalformedBody):
        decompress(gzip.compress(b"whole") + after, "gzip", 100)


@pytest.mark.parametrize("after", [b"x", zlib.compress(b"more")])
def test_what_stands_after_deflate_is_refused(after: bytes) -> None:
    with pytest.raises(MalformedBody, match="goes on after its deflate data"):
        decompress(zlib.compress(b"whole") + after, "deflate", 100)


def test_a_table_in_two_members_is_trained_on_whole(server: Server) -> None:
    table = json.dumps({"rows": TABLE}).encode()
    body = gzip.compress(table[:20]) + gzip.compress(table[20:])
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert server.client.post("/train", content=body, headers=headers).status_code == 200
    problem(server.client.post("/train", content=body + b"x", headers=headers), 400)
