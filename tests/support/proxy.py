"""A small HTTP proxy before several servers, as those of production are: it asks them whether they are ready, keeps connections
to them, and tries another server where none can be made. What has been sent once is not sent again: what is lost then is lost.
"""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

Address = tuple[str, int]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

LOOK_SECONDS = 0.1
"""Between two looks at whether a server is ready."""
CONNECT_SECONDS = 5.0
KEEP_OF = 3
"""Every so many answers the connection is closed nevertheless: servers must bear new ones at any moment, too."""
TRIES = 200
"""Rounds in which a server is looked for that can be reached."""
PROBE = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


async def read_message(reader: asyncio.StreamReader) -> bytes:
    """Return one request or answer, whose length is in its head. Raises `IncompleteReadError` where none comes."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return head + await reader.readexactly(int(length[1]) if length else 0)


async def exchange(streams: Streams, request: bytes) -> bytes:
    """Send a request, and return its answer. Raises `OSError` and `IncompleteReadError`."""
    reader, writer = streams
    writer.write(request)
    return await read_message(reader)


class Proxy:
    """What a client connects to instead of a server."""

    def __init__(self, servers: list[Address]) -> None:
        self.servers = servers
        self.lost: Counter[str] = Counter()
        """Requests that a server had taken, and did not answer."""
        self._ready: set[Address] = set()
        self._kept: dict[Address, list[Streams]] = defaultdict(list)
        self._clients: list[asyncio.StreamWriter] = []
        self._turn = 0
        self._passed = 0

    async def look(self) -> None:
        """Ask the servers again and again whether they are ready."""
        while True:
            for server in list(self.servers):
                is_ready = await self._is_ready(server)
                (self._ready.add if is_ready else self._ready.discard)(server)
            await asyncio.sleep(LOOK_SECONDS)

    async def _is_ready(self, server: Address) -> bool:
        with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(1):
                streams = await asyncio.open_connection(*server)
                try:
                    return (await exchange(streams, PROBE)).startswith(b"HTTP/1.1 200")
                finally:
                    streams[1].close()
        return False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes over a client's connection."""
        self._clients.append(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                writer.write(await self._pass_on(await read_message(reader)))
        writer.close()

    async def _pass_on(self, request: bytes) -> bytes:
        server, streams = await self._reach()
        try:
            answer = await exchange(streams, request)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.lost[f"{type(error).__name__}: {error}"] += 1
            streams[1].close()
            return b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
        self._passed += 1
        is_told_to_close = b"\r\nconnection: close\r\n" in answer.partition(b"\r\n\r\n")[0].lower() + b"\r\n"
        if is_told_to_close or self._passed % KEEP_OF == 0:
            streams[1].close()
        else:
            self._kept[server].append(streams)
        return answer

    async def _reach(self) -> tuple[Address, Streams]:
        """Return a connection to a server: one that is kept and open, or a new one."""
        for _ in range(TRIES):
            self._turn += 1
            chosen = [each for each in self.servers if each in self._ready] or self.servers
            server = chosen[self._turn % len(chosen)]
            while self._kept[server]:
                streams = self._kept[server].pop()
                if not (streams[0].at_eof() or streams[1].is_closing()):
                    return server, streams
                streams[1].close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    return server, await asyncio.open_connection(*server)
            self._ready.discard(server)
            await asyncio.sleep(LOOK_SECONDS / 10)
        raise ConnectionError("no server can be reached")

    def close(self) -> None:
        """Close all connections, those of clients and those that are kept."""
        for writer in [*self._clients, *(streams[1] for kept in self._kept.values() for streams in kept)]:
            writer.close()


@asynccontextmanager
async def proxied(servers: list[Address]) -> AsyncIterator[tuple[Proxy, Address]]:
    """A proxy for the time of the block, and its address."""
    proxy = Proxy(servers)
    listener = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    looking = asyncio.create_task(proxy.look())
    try:
        yield proxy, listener.sockets[0].getsockname()[:2]
    finally:
        looking.cancel()
        listener.close()
        proxy.close()
        await asyncio.gather(looking, return_exceptions=True)
        await asyncio.sleep(LOOK_SECONDS)  # in which connections are closed
