"""An agent's tools: what it may call at `/mcp` (Model Context Protocol), each one or a few requests of the API."""

from typing import TYPE_CHECKING

from app.extras import needs_extra

if TYPE_CHECKING:
    from app.rest.agents.server import AgentServer

__all__ = ["open_agent_server"]


def open_agent_server() -> "AgentServer":
    """Return what answers agents; only here is the protocol's library imported. Raises `MissingExtra`."""
    with needs_extra("mcp", "SCORECAST_MCP"):
        from app.rest.agents.server import AgentServer  # noqa: PLC0415 - it takes memory, and is an extra

    return AgentServer()
