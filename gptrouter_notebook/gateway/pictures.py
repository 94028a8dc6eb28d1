"""Demo pictures: drawn here, never fetched, and plainly no work of an AI."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

MOST_PICTURES = 10
_SIDE = 64
_SHOWN_CHARACTERS = 80


def drawn(prompt: str, many: int, *, vendor: str) -> Any:
    """The `response` of `POST /generate/generate-image`.

    Args:
        prompt: What was asked for.
        many: How many pictures, 1 to 10.
        vendor: `dall-e` gets addresses [49]; every other is Stability, which gets PNGs [L46].

    Raises:
        ValueError: Too many pictures or none.
    """
    if not 1 <= many <= MOST_PICTURES:
        raise ValueError(f"Ask for 1 to {MOST_PICTURES} pictures.")
    if vendor == "dall-e":
        return [{"revised_prompt": prompt, "url": _svg_url(prompt)} for _ in range(many)]
    artifact = {"base64": base64.b64encode(_png()).decode(), "seed": 7, "finishReason": "SUCCESS"}
    return {"artifacts": [artifact] * many}


def _svg_url(prompt: str) -> str:
    words = escape(f"demo picture: {prompt[:_SHOWN_CHARACTERS]}")
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512">'
        '<rect width="512" height="512" fill="#dde6ee"/>'
        f'<text x="256" y="256" text-anchor="middle" font-family="sans-serif">{words}</text></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


def _png() -> bytes:
    rows = b"".join(
        b"\x00" + bytes(channel for x in range(_SIDE) for channel in (4 * x, 4 * y, 160)) for y in range(_SIDE)
    )
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )
