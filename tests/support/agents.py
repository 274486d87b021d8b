"""Agents: tools called by the official client of the Model Context Protocol, over HTTP."""

import asyncio
from collections.abc import Mapping
from typing import Any

from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, Tool

from tests.support.server import Server

MODES = ("auto", "legacy")
"""How a client begins: as the newest version of the protocol has it, or with a handshake, as the older ones."""


def list_tools(server: Server, mode: str) -> list[Tool]:
    """Return what the client is told of the tools."""

    async def ask() -> list[Tool]:
        async with Client(_url(server), mode=mode) as client:
            return (await client.list_tools()).tools

    return asyncio.run(ask())


def call(
    server: Server, tool: str, mode: str = "auto", noted: list[float] | None = None, **arguments: Any
) -> CallToolResult:
    """Call a tool, and note its progress; the client checks by itself that the answer has the schema that the tool promises."""

    async def note(progress: float, total: float | None, message: str | None) -> None:
        if noted is not None:
            noted.append(progress)

    async def ask() -> CallToolResult | MCPError:
        async with Client(_url(server), mode=mode) as client:
            await client.list_tools()  # whose schemas answers are checked against
            try:
                return await client.call_tool(tool, arguments, progress_callback=note)
            except MCPError as error:  # raised here it would come in several groups
                return error

    found = asyncio.run(ask())
    if isinstance(found, MCPError):
        raise found
    return found


def answered(result: CallToolResult) -> Mapping[str, Any]:
    """Return what a tool has answered, which has succeeded."""
    assert not result.is_error, result.content
    told: Mapping[str, Any] = result.structured_content
    return told


def refused(result: CallToolResult) -> str:
    """Return why a tool has failed."""
    assert result.is_error, result
    assert result.structured_content is None
    return "\n".join(getattr(each, "text", "") for each in result.content)


def _url(server: Server) -> str:
    return f"{str(server.client.base_url).rstrip('/')}/mcp"
