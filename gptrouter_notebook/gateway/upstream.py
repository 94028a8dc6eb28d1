"""What stands behind a model of the gateway: the provider, as the gateway sees it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

RETRIED_STATUSES = frozenset({408, 409, 429})
"""Repeated like every 5xx; the other 4xx are not [L31]."""
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of a streamed answer."""

    text: str = ""
    finish_reason: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    without_choices: bool = False
    """Azure's first chunk: no choices, so no finish_reason key either [L10]."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One alternative of a plain answer."""

    text: str
    finish_reason: str
    function_call: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A plain answer; `usage` is the provider's own count, None if it sends none."""

    id: str
    choices: tuple[Choice, ...]
    usage: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream whose headers have arrived; nothing is repeated from here on."""

    id: str
    chunks: AsyncGenerator[Chunk]


@dataclass(frozen=True, slots=True)
class Checked:
    """A health check that was answered: the model's own words and the time they took."""

    words: str
    latency_ms: int


class ProviderError(Exception):
    """The provider refused, broke off or could not be reached.

    Args:
        message: The provider's words.
        status: Its HTTP status; None if the connection or the stream failed.
        body: Its whole reply, which anthropic's errors quote.
        unreached: The provider was never reached, so the call is repeated.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        unreached: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.body = body if body is not None else {"error": {"message": message, "type": "server_error"}}
        self.unreached = unreached

    @property
    def is_repeated(self) -> bool:
        """Whether the provider's SDK asks again by itself."""
        if self.status is None:
            return self.unreached
        return self.status >= _SERVER_ERROR or self.status in RETRIED_STATUSES

    def words(self, kind: str) -> str:
        """The error as the gateway passes it on: `500 …`, with anthropic the status and its JSON [L33]."""
        if self.status is None:
            return self.message
        if kind == "anthropic":
            return f"{self.status} {json.dumps(self.body, ensure_ascii=False, separators=(',', ':'))}"
        return f"{self.status} {self.message}"


class Upstream(Protocol):
    """A provider's side of one model. Each call gets the provider's own request body."""

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Answer in one piece.

        Raises:
            ProviderError: The provider failed.
        """

    async def open_stream(self, body: Mapping[str, Any]) -> Opened:
        """Begin a streamed answer; its chunks may raise `ProviderError` too.

        Raises:
            ProviderError: The provider failed before its headers.
        """

    def check(self, back: int) -> Checked | None:
        """Tell what the health check `back` checks ago found (0: now); None if it was never made.

        Raises:
            ProviderError: The check failed.
        """
