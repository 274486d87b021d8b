"""The access log, of a real server: a line for each request, in uvicorn's form; and none if it is off."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import StartServer
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

LINE = re.compile(r'^INFO: +127\.0\.0\.1:\d+ - "(.*) HTTP/1\.1" (\d{3}) (.*)$', re.MULTILINE)


@pytest.mark.slow
def test_each_request_has_its_line(start_server: StartServer) -> None:
    server = start_server(access_log=True)
    server.train(TABLE).raise_for_status()
    server.client.post("/predict", json=QUESTION)
    server.client.post("/predict?coverage=0.9", json=QUESTION)
    server.client.get("/no%20such%0Athing")

    until(lambda: "Not Found" in server.log, "the lines are written")
    assert LINE.findall(server.log)[-3:] == [
        ("POST /predict", "200", "OK"),
        ("POST /predict?coverage=0.9", "200", "OK"),
        ("GET /no%20such%0Athing", "404", "Not Found"),
    ]


@pytest.mark.slow
def test_of_many_at_once_none_is_forgotten(start_server: StartServer) -> None:
    server = start_server(access_log=True)
    server.train(TABLE).raise_for_status()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: server.client.post("/predict", json=QUESTION), range(200)))

    until(lambda: server.log.count('"POST /predict HTTP/1.1" 200 OK\n') == 200, "the lines are written")


def test_it_is_off_unless_it_is_asked_for(server: Server) -> None:
    server.client.get("/livez")

    assert LINE.findall(server.log) == []
