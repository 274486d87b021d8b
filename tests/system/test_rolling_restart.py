"""Two servers over one store, behind a proxy, are restarted in turn under load: no request fails."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.dose import IS_FULL, figures, times
from tests.support.proxy import Address, Proxy, exchange, proxied, read_message
from tests.support.server import Server, running
from tests.support.tables import TABLE

CLIENTS = 8
REQUESTS = times(1_000, 20_000)
ROUNDS = times(1, 4)
"""How often each server is restarted."""
PAUSE = times(3, 0) / 1000
"""Seconds between two requests of a client, so that starting servers have some of the machine."""
BODY = b'{"hours_studied": 4, "hours_slept": 8}'
REQUEST = (
    b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    % len(BODY)
) + BODY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@contextmanager
def two_servers(folder: Path, workers: int) -> Iterator[list[Server]]:
    with ExitStack() as stack:
        servers: list[Server] = []
        for name in ("first", "second"):
            own = folder / name
            own.mkdir()
            servers.append(stack.enter_context(running(own, store=folder / "store", workers=workers)))
        servers[0].train(TABLE).raise_for_status()
        yield servers


def find_address(server: Server) -> Address:
    return server.client.base_url.host, server.client.base_url.port or 80


async def predict(address: Address, seen: "Counter[bytes]", is_over: asyncio.Event) -> None:
    """Predict over one connection until so many requests have been made and the servers have been restarted."""
    streams = await asyncio.open_connection(*address)
    while seen.total() < REQUESTS or not is_over.is_set():
        answer = await exchange(streams, REQUEST)
        status, _, body = answer.partition(b"\r\n\r\n")
        seen[status[:12] + b" " + body] += 1
        await asyncio.sleep(PAUSE)
    streams[1].close()


async def restart_in_turn(servers: list[Server], proxy: Proxy, seen: "Counter[bytes]") -> list[int]:
    """Restart each server, when some requests have been answered since the one before; return the exit codes."""
    codes = []
    for number in range(ROUNDS * len(servers)):
        place = number % len(servers)
        before = seen.total()
        while seen.total() < before + REQUESTS // (ROUNDS * len(servers) + 1):
            await asyncio.sleep(0.02)
        codes.append(await asyncio.to_thread(servers[place].stop))
        await asyncio.to_thread(servers[place].start)
        proxy.servers[place] = find_address(servers[place])
    return codes


async def roll(servers: list[Server]) -> tuple[Counter[bytes], Counter[str], list[int]]:
    """Return the answers, what was lost, and the exit codes."""
    seen, is_over = Counter[bytes](), asyncio.Event()
    async with proxied([find_address(server) for server in servers]) as (proxy, address):
        clients = [asyncio.create_task(predict(address, seen, is_over)) for _ in range(CLIENTS)]
        codes = await restart_in_turn(servers, proxy, seen)
        is_over.set()
        await asyncio.gather(*clients)
        return seen, proxy.lost, codes


@pytest.mark.parametrize("workers", [1, 2] if IS_FULL else [1])
def test_no_request_fails_while_servers_are_restarted_in_turn(tmp_path: Path, workers: int) -> None:
    with two_servers(tmp_path, workers) as servers:
        seen, lost, codes = asyncio.run(roll(servers))

    figures.append(
        f"{seen.total()} predictions while {len(codes)} servers with {workers} workers stopped and began: {dict(lost)}"
    )
    assert not lost
    assert codes == [0] * ROUNDS * 2
    assert seen.total() >= REQUESTS
    assert [answer[:12] for answer in seen] == [b"HTTP/1.1 200"], seen  # one and the same


def test_the_proxy_tells_what_a_server_has_lost() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_message(reader)
        writer.close()

    async def ask() -> tuple[bytes, int]:
        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        async with server, proxied([server.sockets[0].getsockname()[:2]]) as (proxy, address):
            reader, writer = await asyncio.open_connection(*address)
            answer = await exchange((reader, writer), REQUEST)
            writer.close()
            return answer, proxy.lost.total()

    answer, lost = asyncio.run(ask())
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert lost == 1
