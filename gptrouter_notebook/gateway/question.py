"""What a demo model was asked, read from a provider's request body."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.gateway import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

_HUMAN = "\n\nHuman:"
_ASSISTANT = "\n\nAssistant:"
_DATA_URL = re.compile(r"data:(?P<type>[\w.+/-]+)(?:;[^,]*)?;base64,(?P<data>.*)", re.DOTALL)
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_BYTES = 24


class Question:
    """The end of a conversation, as far as an answer depends on it.

    Args:
        body: A provider's request body, with `messages` or a `prompt`.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body
        self._messages: list[dict[str, Any]] = body.get("messages") or []

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to answer."""
        return "prompt" in self._body or bool(self._messages)

    @property
    def tokens(self) -> int:
        """The prompt's tokens, roughly."""
        if "prompt" in self._body:
            return tokens.count(self._body["prompt"])
        return tokens.count_messages([{**message, "content": _text_of(message)} for message in self._messages])

    @cached_property
    def text(self) -> str:
        """The user's last words."""
        if "prompt" in self._body:
            return _last_human(self._body["prompt"])
        asked = [message for message in self._messages if message["role"] == "user"]
        return _text_of(asked[-1]).strip() if asked else ""

    @property
    def results(self) -> list[tuple[str, str]]:
        """Tool results at the end of the history: what was called, what it said."""
        found: list[tuple[str, str]] = []
        for message in reversed(self._messages):
            if message["role"] not in {"tool", "function"}:
                break
            name = message.get("name") or self._called(message.get("tool_call_id"))
            found.append((str(name), _text_of(message)))
        return found[::-1]

    @property
    def pictures(self) -> list[str]:
        """One line about each picture of the last user message; none is fetched."""
        asked = [message for message in self._messages if message["role"] == "user"]
        content = asked[-1].get("content") if asked else None
        parts = content if isinstance(content, list) else []
        urls = [part.get("image_url") for part in parts if part.get("type") == "image_url"]
        return [_described(url.get("url") if isinstance(url, dict) else url) for url in urls]

    def _called(self, call_id: Any) -> str:
        for message in self._messages:
            for call in message.get("tool_calls") or []:
                if call.get("id") == call_id and isinstance(call.get("function"), dict):
                    return str(call["function"].get("name"))
        return "tool"


def _text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")
    return content or ""


def _last_human(prompt: str) -> str:
    before, mark, last = prompt.rpartition(_HUMAN)
    said = last if mark else before or last
    return said.removesuffix(_ASSISTANT).strip()


def _described(url: Any) -> str:
    if not isinstance(url, str):
        return "a picture without an address"
    held = _DATA_URL.fullmatch(url)
    if held is None:
        return f"a picture at {url[:200]} (I did not fetch it)"
    try:
        data = base64.b64decode(held["data"], validate=True)
    except binascii.Error:
        return f"{held['type']}, not readable as base64"
    size = f"{held['type']}, {len(data):,} byte{'s' * (len(data) != 1)}"
    if data.startswith(_PNG) and len(data) >= _PNG_HEADER_BYTES:
        width, height = struct.unpack(">II", data[16:_PNG_HEADER_BYTES])
        size += f", {width} × {height} pixels"
    return size
