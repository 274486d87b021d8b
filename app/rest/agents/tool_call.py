"""One call of a tool."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request

Report = Callable[[float, float | None, str | None], Awaitable[None]]
"""Tells the agent how much is done, of how much if that is known, and in words."""


@dataclass(frozen=True)
class ToolCall:
    """The request that an agent's call came with, and how to tell it of progress."""

    request: Request
    report: Report
