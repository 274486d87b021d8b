"""What answers agents: the official library of the Model Context Protocol, over HTTP, at `/mcp`.

It keeps nothing between two requests, so that any of several processes may answer. The only file that imports the library.
"""

from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as ToolTold
from pydantic_core import to_json
from sse_starlette.sse import AppStatus
from starlette.types import Message, Receive, Scope, Send

from app.errors import InvalidBody, UnsupportedMediaType, shorten
from app.rest.agents.own_requests import ToolFailed, describe_error
from app.rest.agents.tool_call import ToolCall
from app.rest.agents.tools import INSTRUCTIONS, TOOLS, Tool
from app.rest.dependencies import AGENTS_PATH, ServicesDependency
from app.rest.request_body import read_raw_body
from app.tables import JSON, as_integers, check

MAX_CALL_BYTES = 1024 * 1024
"""Of a call with its table. The library holds it in memory several times, as values; a larger table comes in a request."""


class AgentServer:
    """Answers agents that ask over HTTP."""

    def __init__(self) -> None:
        server: Server[Any] = Server(
            "scorecast",
            version=version("scorecast"),
            instructions=INSTRUCTIONS,
            on_list_tools=_list_tools,
            on_call_tool=_call_tool,
        )
        # Hosts and origins are looked at by the dependencies that all routes have.
        self._sessions = StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=MAX_CALL_BYTES)
        # When the service stops, calls end by themselves, and are answered: their streams must not be cut off before.
        AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]
        self.router = APIRouter(include_in_schema=False)
        self.router.post(AGENTS_PATH, name="call_tool")(self._answer)

    def run(self) -> AbstractAsyncContextManager[None]:
        """Answer within this context."""
        return self._sessions.run()

    async def _answer(self, request: Request, services: ServicesDependency) -> Response:
        """Answer a message of the protocol."""
        if not request.headers.get("content-type", "").lower().startswith(JSON):
            raise UnsupportedMediaType("a message to the tools is JSON: send it with Content-Type: application/json")
        body = await read_raw_body(request, min(MAX_CALL_BYTES, services.settings.max_body_bytes))
        return _Answer(self._sessions, body)


class _Answer(Response):
    """What the library answers to a message."""

    def __init__(self, sessions: StreamableHTTPSessionManager, message: bytes) -> None:
        super().__init__()
        self._sessions, self._message = sessions, message

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the message on."""
        messages: list[Message] = [{"type": "http.request", "body": self._message, "more_body": False}]

        async def receive_again() -> Message:
            return messages.pop() if messages else await receive()

        await self._sessions.handle_request(scope, receive_again, send)


async def _list_tools(*_: object) -> ListToolsResult:
    return ListToolsResult(tools=[_tell(tool) for tool in TOOLS.values()])


def _tell(tool: Tool) -> ToolTold:
    return ToolTold(
        name=tool.name,
        description=tool.description,
        input_schema=tool.request.model_json_schema(),
        output_schema=tool.answer.model_json_schema(mode="serialization"),
        annotations=ToolAnnotations(
            read_only_hint=not tool.changes,
            destructive_hint=False,
            idempotent_hint=not tool.changes,
            open_world_hint=False,
        ),
    )


async def _call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
    """Return what a tool answers, or why it does not."""
    tool = TOOLS.get(params.name)
    if tool is None:
        raise MCPError(INVALID_PARAMS, f"there is no tool {shorten(params.name)!r}: there are {', '.join(TOOLS)}")
    try:
        asked = check(tool.request, as_integers(params.arguments or {}, 1))
        answer = await tool.run(ToolCall(context.request, context.session.report_progress), asked)
    except (InvalidBody, ToolFailed) as error:
        return CallToolResult(content=[TextContent(text=_explain(error))], is_error=True)
    return CallToolResult(content=[TextContent(text=to_json(answer).decode())], structured_content=answer)


def _explain(error: InvalidBody | ToolFailed) -> str:
    """Return why a tool has failed, in lines."""
    if isinstance(error, ToolFailed):
        return str(error)
    return "\n".join(describe_error(each.detail, each.pointer) for each in error.errors)
