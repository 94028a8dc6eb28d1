"""The floor: pooled httpx, lines split by hand, JSON read. Whatever a client does beyond this is its own cost."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import frames
import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

__all__ = ["AsyncHttp", "Http"]

_HEADERS = {"ws-secret": "bench", "accept": "text/event-stream, application/json"}


class Http:
    """One gateway through one `httpx.Client`."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url, headers=_HEADERS)

    def stream(self, text: str) -> Iterator[str]:
        """Yields the answer's pieces."""
        with self._http.stream("POST", frames.EVENTS_PATH, json=_body(text, stream=True)) as response:
            rest = b""
            for data in response.iter_bytes():
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    if line.startswith(b"data: {"):
                        event = json.loads(line[6:])
                        if event["event"] == "update":
                            yield event["data"]["text"]

    def plain(self, text: str) -> str:
        """Returns the answer's text."""
        response = self._http.post(frames.EVENTS_PATH, json=_body(text, stream=False))
        return str(json.loads(response.content)["choices"][0]["text"])


class AsyncHttp:
    """One gateway through one `httpx.AsyncClient`."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, headers=_HEADERS)

    async def stream(self, text: str) -> AsyncIterator[str]:
        """Yields the answer's pieces."""
        async with self._http.stream("POST", frames.EVENTS_PATH, json=_body(text, stream=True)) as response:
            rest = b""
            async for data in response.aiter_bytes():
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    if line.startswith(b"data: {"):
                        event = json.loads(line[6:])
                        if event["event"] == "update":
                            yield event["data"]["text"]

    async def plain(self, text: str) -> str:
        """Returns the answer's text."""
        response = await self._http.post(frames.EVENTS_PATH, json=_body(text, stream=False))
        return str(json.loads(response.content)["choices"][0]["text"])


def _body(text: str, *, stream: bool) -> dict[str, Any]:
    params = {"messages": [{"role": "user", "content": text}]}
    entry = {"modelName": "gpt-4-0613", "providerName": "chat_openai", "order": 1, "promptParams": params}
    return {"stream": stream, "data": [entry]}
