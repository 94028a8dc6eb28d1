"""A request's body, read within bounds."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.gateway.validation import Invalid

if TYPE_CHECKING:
    from starlette.requests import Request

BODY_LIMIT_BYTES = 1_048_576
DRAINED_BYTES = 16 * BODY_LIMIT_BYTES
"""Read and thrown away behind a body too large, so that its sender lives to read the answer."""
BODY_PATIENCE_S = 30.0


class BodyTooLarge(Exception):
    """The request body is over 1 MiB; the real gateway answers that with its 500, not with 413 [L51]."""


async def read_body(request: Request) -> Any:
    """The JSON a request carries; `{}` if it has no content type, as a check of all models may [L04].

    Raises:
        BodyTooLarge: It is over 1 MiB.
        Invalid: It is not declared as JSON.
        ValueError: It is not JSON.
        TimeoutError: It did not arrive in half a minute.
    """
    if "content-type" not in request.headers:
        return {}
    if request.headers["content-type"].partition(";")[0].strip().lower() != "application/json":
        raise Invalid
    read = bytearray()
    length = 0
    async with asyncio.timeout(BODY_PATIENCE_S):
        async for part in request.stream():
            length += len(part)
            if length > DRAINED_BYTES:
                break
            if length <= BODY_LIMIT_BYTES:
                read += part
    if length > BODY_LIMIT_BYTES:
        raise BodyTooLarge
    return json.loads(read, parse_constant=_refuse_constant)


def _refuse_constant(_name: str) -> None:
    raise Invalid  # NaN and Infinity are Python's, not JSON's
