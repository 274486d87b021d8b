"""Clients that hold their connections: they send a byte a second, or nothing, or bodies that never end."""

import asyncio
import resource
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import chain, cycle, repeat

Address = tuple[str, int]
Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

AT_ONCE = 50
"""Clients that connect at a time: fewer than a listener lets wait."""
HEAD = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
ENDLESS = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PROBE = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@contextmanager
def many_files(wanted: int) -> Iterator[None]:
    """Let this process have so many files open, for the time of the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def send_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte of a head a second, until the server has had enough."""
    for byte in cycle(HEAD):
        writer.write(bytes([byte]))
        if await _is_closed(reader):
            return


async def send_body_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte of a body a second, without end, until the server has had enough."""
    for piece in chain([ENDLESS], repeat(b"1\r\n[\r\n")):
        writer.write(piece)
        if await _is_closed(reader):
            return


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    """Return whether the server closes the connection within a second."""
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            while await reader.read(65536):
                pass
            return True
    return False


async def stay_idle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Have one request answered, and keep the connection."""
    writer.write(PROBE)
    await reader.readuntil(b"}")
    await reader.read(65536)


@asynccontextmanager
async def connected(address: Address, clients: Mapping[Act, int]) -> AsyncIterator["Counter[str]"]:
    """Have so many clients of each kind connected for the time of the block; counts the connections that are open."""
    opening, seen = asyncio.Semaphore(AT_ONCE), Counter[str]()

    async def run(act: Act) -> None:
        async with opening:
            reader, writer = await asyncio.open_connection(*address)
        seen["open"] += 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await act(reader, writer)
        finally:
            writer.close()
        seen["open"] -= 1
        seen["closed"] += 1

    running = [asyncio.create_task(run(act)) for act, count in clients.items() for _ in range(count)]
    try:
        while seen.total() < len(running):
            await asyncio.sleep(0.05)
        yield seen
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
