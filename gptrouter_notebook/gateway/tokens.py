"""Text cut into the pieces a model would stream, and counted as the gateway counts them, nearly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MESSAGE_OVERHEAD = 3
"""Tokens around every message."""
REPLY_OVERHEAD = 3
"""Tokens that open the answer, once per request."""

# A space goes with the word behind it; scripts without spaces and emoji are cut letter by letter.
_PIECE = re.compile(
    r"[^\S\n]*(?:\n+|[A-Za-z0-9_\u00c0-\u07ff]+|[\u0800-\U0010ffff]|[^\w\s\u0800-\U0010ffff]+|.)|[^\S\n]+",
    re.DOTALL,
)
_WIDE = 0x800
_ASCII = 0x80


def split(text: str) -> list[str]:
    """Cut a text into streamable pieces; joined they give the text back."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """Estimate the tokens of a text: right for the recorded chat exchanges, near for others."""
    return sum(_weight(piece.strip(" \t")) for piece in split(text))


def count_for_claude(text: str) -> int:
    """Estimate the tokens of a text as Claude's tokenizer has it: every line feed is one by itself."""
    return sum(len(line) if (line := piece.strip(" \t")).startswith("\n") else _weight(line) for piece in split(text))


def count_messages(messages: Iterable[Mapping[str, Any]]) -> int:
    """Estimate the prompt tokens of a chat; content that is not a text counts nothing."""
    total = REPLY_OVERHEAD
    for message in messages:
        content = message.get("content")
        total += MESSAGE_OVERHEAD + count(str(message.get("role", "")))
        total += count(content) if isinstance(content, str) else 0
    return total


def _weight(piece: str) -> int:
    if len(piece) == 1 and ord(piece) >= _WIDE:
        return 2
    return 1 + sum(ord(letter) >= _ASCII for letter in piece if letter.isalpha())
