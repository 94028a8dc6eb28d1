"""What the benchmarks' gateway says: whole HTTP replies in the gateway's form and in OpenAI's, no I/O.

Framing as it was recorded from a real gateway: chunked, one event per HTTP chunk, one `data:` line per event.
"""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import json
from typing import Any

__all__ = [
    "EVENTS_PATH",
    "OPENAI_PATH",
    "PLAIN_TOKENS",
    "STREAM_HEADERS",
    "chunked",
    "gateway_events",
    "plain_reply",
    "question",
    "streamed_reply",
    "tokens",
]

EVENTS_PATH = "/api/v1/generate"
OPENAI_PATH = "/v1/chat/completions"

PLAIN_TOKENS = 100
"""The length of an answer in one piece, and of the one whose first token is waited for."""

STREAM_HEADERS = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache,no-transform\r\ntransfer-encoding: chunked\r\n\r\n"
)

_WORDS = (
    " sky",
    " is",
    " blue",
    " because",
    " the",
    " air",
    " scat",
    "ters",
    " short",
    " waves",
    ",",
    " naïve",
    " 😀.",
)
_MODEL = "gpt-4-0613"
_CREATED = 1700000000
_USAGE = {"prompt_tokens": 9, "completion_tokens": 100, "total_tokens": 109}
_SOURCE = {"modelId": "28472b6a-3ae5-4b93-9bcc-b17a458300fa", "providerId": "bb65b370-d759-402e-9f4d-dfb6655b0fb2"}


def question(count: int) -> str:
    """What is asked for an answer of `count` tokens."""
    return f"Why is the sky blue? [[{count}]]"


def tokens(count: int) -> list[str]:
    """The pieces of an answer of `count` tokens, the same in every form."""
    return [_WORDS[at % len(_WORDS)] for at in range(count)]


def streamed_reply(path: str, count: int) -> bytes:
    """The whole reply to a streamed question, headers included."""
    events = _openai_events(count) if path == OPENAI_PATH else gateway_events(tokens(count))
    return STREAM_HEADERS + b"".join(map(chunked, events)) + chunked(b"")


def chunked(data: bytes) -> bytes:
    """One HTTP chunk; an empty one ends the body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def gateway_events(pieces: list[str]) -> list[bytes]:
    """An answer of these pieces as the gateway's events."""
    updates = [_update(piece, None) for piece in pieces]
    closing = [
        _update("", "stop"),
        _data({"event": "meta", "data": {"text": "".join(pieces), "model": _MODEL, "usage": _USAGE}}),
        _data({"event": "generation_source", "data": _SOURCE}),
        _data({"event": "end", "data": "end"}),
        b"event: end\ndata: Stream closed\n\n",
    ]
    return [b"retry: 3000\n\n", *updates, *closing]


def plain_reply(path: str) -> bytes:
    """The whole reply to a question that is answered in one piece."""
    text = "".join(tokens(PLAIN_TOKENS))
    body: dict[str, Any] = {"id": "chatcmpl-1", "model": _MODEL}
    if path == OPENAI_PATH:
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        body |= {"object": "chat.completion", "created": _CREATED, "choices": [choice], "usage": _USAGE}
    else:
        choice = {"index": 0, "text": text, "finish_reason": "stop", "role": "assistant"}
        body |= {"choices": [choice], "meta": {"usage": _USAGE}, **_SOURCE}
    content = _json(body)
    headers = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    return headers.encode() + content


def _update(text: str, finish_reason: str | None) -> bytes:
    return _data({"id": "chatcmpl-1", "event": "update", "data": {"text": text, "finish_reason": finish_reason}})


def _openai_events(count: int) -> list[bytes]:
    updates = [_openai_update({"content": piece}, None) for piece in tokens(count)]
    opening = _openai_update({"role": "assistant", "content": ""}, None)
    return [opening, *updates, _openai_update({}, "stop"), b"data: [DONE]\n\n"]


def _openai_update(delta: dict[str, str], finish_reason: str | None) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": _CREATED, "model": _MODEL}
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return _data({**head, "system_fingerprint": None, "choices": [choice]})


def _data(value: Any) -> bytes:
    return b"data: " + _json(value) + b"\n\n"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
