"""Every fault a network, a proxy or a gateway can have, as a reply, and what it must end in.

The texts are answers that must come whole; the classes are those of the one error that must be raised instead.
"""

from __future__ import annotations

import gzip
import json

from replay import END_OF_BODY, Answer, chunk

from gptrouter_notebook import GPTRouter
from gptrouter_notebook.errors import (
    ConfigurationError,
    GatewayUnreachable,
    GPTRouterError,
    InvalidRequest,
    NoModelAvailable,
    RateLimited,
    StreamInterrupted,
)

TEXT = "Größe: 3 µm 😀."
SILENCE_S = 0.4
PATIENCE_S = 10
"""No fault may take longer: silence is noticed after `SILENCE_S`, and nothing is asked twice."""

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


def event(**fields):
    return f"data: {json.dumps(fields, ensure_ascii=False)}\n\n".encode()


def update(text, finish=None):
    return event(event="update", id="c1", data={"text": text, "finish_reason": finish})


PIECES = [update(letter) for letter in TEXT]
CLOSING = [
    update("", "stop"),
    event(event="meta", data={"text": TEXT}),
    event(event="generation_source", data={"modelId": "m", "providerId": "p"}),
    event(event="end", data="end"),
]
FRAMES = [*PIECES, *CLOSING]


def chunked(*frames, end=END_OF_BODY):
    return CHUNKED + b"".join(map(chunk, frames)) + end


def whole(*frames, headers=b""):
    body = b"".join(frames)
    return HEAD + headers + f"content-length: {len(body)}\r\n\r\n".encode() + body


HALF = chunked(*PIECES[:6], end=b"")
BROKEN = (StreamInterrupted, NoModelAvailable)
AWAY = (GatewayUnreachable,)
EITHER = (*BROKEN, *AWAY)
NO_GATEWAY = (ConfigurationError,)
COMPRESSED = gzip.compress(b"".join(FRAMES))
LONG = "x" * 10_000_000

FAULTS = {
    "reset before the first byte": (Answer(b"", then="reset"), AWAY),
    "closed before the first byte": (Answer(b"", then="close"), AWAY),
    "silent before the first byte": (Answer(b"", then="hold"), AWAY),
    "closed within the headers": (Answer(HEAD[:30], then="close"), AWAY),
    "no HTTP": (Answer(b"220 smtp ready\r\n\r\n", then="close"), AWAY),
    "reset after the headers": (Answer(CHUNKED, then="reset"), EITHER),
    "closed after the headers": (Answer(CHUNKED, then="close"), EITHER),
    "reset after some tokens": (Answer(HALF, then="reset"), EITHER),
    "closed after some tokens": (Answer(HALF, then="close"), BROKEN),
    "silent after some tokens": (Answer(HALF, then="hold"), BROKEN),
    "half-closed after some tokens": (Answer(HALF, then="half-close"), BROKEN),
    "silent but for some comments": (Answer(HALF + chunk(b": ping\n\n") * 50, then="hold"), BROKEN),
    "silent but for comments without end": (Answer(HALF, pause_s=0.05, again=chunk(b": ping\n\n")), BROKEN),
    "silent but for unknown events without end": (Answer(HALF, pause_s=0.05, again=chunk(event(event="ping"))), BROKEN),
    "an event without end": (Answer(HALF + chunk(b"data: "), pause_s=0.05, again=chunk(b"x")), BROKEN),
    "closed within a character": (Answer(CHUNKED + chunk(update("ö")[:-8]), then="close"), EITHER),
    "closed within a frame": (Answer(HALF + chunk(b'data: {"event": "upd'), then="close"), BROKEN),
    "closed within a chunk": (Answer(HALF + b"ff\r\nshort", then="close"), BROKEN),
    "a chunk without a length": (Answer(HALF + b"zz\r\nnonsense\r\n", then="close"), BROKEN),
    "shorter than it said": (Answer(whole(*FRAMES)[:-200], then="close"), BROKEN),
    "a chunk of another length": (Answer(HALF + b"5\r\n" + update("x") + b"\r\n"), BROKEN),
    "compressed, and broken": (Answer(whole(b"\x1f\x8bno gzip", headers=b"content-encoding: gzip\r\n")), EITHER),
    "compressed, and cut": (Answer(whole(COMPRESSED[:-40], headers=b"content-encoding: gzip\r\n")), EITHER),
    "compressed in a way nobody knows": (Answer(whole(b"\0\1", headers=b"content-encoding: x-own\r\n")), EITHER),
    "no end": (Answer(chunked(*FRAMES[:-1])), BROKEN),
    "an empty stream": (Answer(chunked()), EITHER),
    "an error without a message": (Answer(chunked(*PIECES[:3], event(event="error", data={}))), BROKEN),
    "an error that is no object": (Answer(chunked(*PIECES[:3], event(event="error", data=None))), BROKEN),
    "a web page": (Answer(whole(b"<html></html>").replace(b"text/event-stream", b"text/html")), NO_GATEWAY),
    "plain text": (Answer(whole(*FRAMES).replace(b"text/event-stream", b"text/plain")), NO_GATEWAY),
    "no type": (Answer(whole(*FRAMES).replace(b"content-type", b"x-type")), NO_GATEWAY),
    "a slow drip": (Answer(chunked(*FRAMES), split=40, pause_s=0.01), TEXT),
    "a meta chunk twice": (Answer(chunked(*PIECES, *CLOSING[:2], *CLOSING[1:])), TEXT),
    "a text chunk twice": (Answer(chunked(*PIECES, PIECES[-1], *CLOSING)), f"{TEXT}{TEXT[-1]}"),
    "a drip of single bytes": (Answer(chunked(*FRAMES), split=1), TEXT),
    "cut within every character": (Answer(chunked(*FRAMES), split=3), TEXT),
    "no chunks": (Answer(whole(*FRAMES)), TEXT),
    "no length": (Answer(HEAD + b"connection: close\r\n\r\n" + b"".join(FRAMES), then="close"), TEXT),
    "compressed": (Answer(whole(COMPRESSED, headers=b"content-encoding: gzip\r\n")), TEXT),
    "unknown events": (Answer(chunked(event(event="party", data=[1]), *FRAMES, event(event="later"))), TEXT),
    "comments and blank lines": (Answer(chunked(b": hi\n\n\n\n", *FRAMES)), TEXT),
    "lines that end in CRLF": (Answer(chunked(*(frame.replace(b"\n", b"\r\n") for frame in FRAMES))), TEXT),
    "the end twice": (Answer(chunked(*FRAMES, FRAMES[-1])), TEXT),
    "NUL bytes in the text": (Answer(chunked(update("a\x00b"), *CLOSING)), "a\x00b"),
    "a line of 10 MB": (Answer(chunked(update(LONG), *CLOSING)), LONG),
    **{
        f"a redirect, {status}{' to nowhere' if not where else ''}": (
            Answer(b"HTTP/1.1 %d X\r\n%scontent-length: 0\r\n\r\n" % (status, where)),
            NO_GATEWAY,
        )
        for status in (301, 302, 303, 307, 308)
        for where in (b"location: https://example.org/\r\n", b"")
    },
    **{
        f"too many requests, {f'again after {wait}' if wait else 'without a word when'}": (
            Answer(
                b"HTTP/1.1 429 X\r\n%scontent-length: 0\r\n\r\n" % (f"retry-after: {wait}\r\n" * bool(wait)).encode()
            ),
            (RateLimited,),
        )
        for wait in ("", "0", "7", "86400", "-1", "nan", "Wed, 21 Oct 2099 07:28:00 GMT")
    },
}
STATUSES = {
    400: (InvalidRequest,),
    401: (ConfigurationError,),
    403: (ConfigurationError,),
    404: (GPTRouterError,),
    408: (GPTRouterError,),
    413: (InvalidRequest,),
    429: (RateLimited,),
    500: (GPTRouterError,),
    502: (GatewayUnreachable,),
    503: (GatewayUnreachable,),
    504: (GatewayUnreachable,),
}


def model_at(url, timeout):
    return GPTRouter(models_priority_list=["p/m"], base_url=url, api_key="k", max_retries=0, timeout=timeout)
