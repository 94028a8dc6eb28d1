"""Every fault a network, a proxy or a gateway can have: the whole right answer or the right error, and nothing left.

Each fault is asked for in eight ways: client and model, plain and streamed, sync and async. The client's plain calls
get a plain reply with the same fault where it has one.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
import operator
import socket
import threading
import time

import pytest
from replay import END_OF_BODY, Answer, Replay, chunk, eventually, json_reply

from gptrouter_notebook import GatewayClient, GPTRouter, pool
from gptrouter_notebook.errors import (
    ConfigurationError,
    GatewayUnreachable,
    GPTRouterError,
    InvalidRequest,
    NoModelAvailable,
    RateLimited,
    StreamInterrupted,
)
from gptrouter_notebook.sse import End, StreamError, TextDelta
from gptrouter_notebook.wire import GenerateRequest, RequestEntry

TEXT = "Größe: 3 µm 😀."
SILENCE_S = 0.4
PATIENCE_S = 10
"""No fault may take longer: silence is noticed after `SILENCE_S`, and nothing is asked twice here."""

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
    "silent but for comments": (Answer(HALF + chunk(b": ping\n\n") * 50, then="hold"), BROKEN),
    "closed within a character": (Answer(CHUNKED + chunk(update("ö")[:-8]), then="close"), EITHER),
    "closed within a frame": (Answer(HALF + chunk(b'data: {"event": "upd'), then="close"), BROKEN),
    "closed within a chunk": (Answer(HALF + b"ff\r\nshort", then="close"), BROKEN),
    "a chunk without a length": (Answer(HALF + b"zz\r\nnonsense\r\n", then="close"), BROKEN),
    "shorter than it said": (Answer(whole(*FRAMES)[:-200], then="close"), BROKEN),
    "no end": (Answer(chunked(*FRAMES[:-1])), BROKEN),
    "an empty stream": (Answer(chunked()), EITHER),
    "an error without a message": (Answer(chunked(*PIECES[:3], event(event="error", data={}))), BROKEN),
    "an error that is no object": (Answer(chunked(*PIECES[:3], event(event="error", data=None))), BROKEN),
    "a web page": (Answer(whole(b"<html></html>").replace(b"text/event-stream", b"text/html")), NO_GATEWAY),
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
    "a redirect": (
        Answer(b"HTTP/1.1 307 X\r\nlocation: https://example.org/\r\ncontent-length: 0\r\n\r\n"),
        NO_GATEWAY,
    ),
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


def client_at(url, timeout):
    return GatewayClient(url, "k", max_retries=0, timeout=timeout)


def request():
    params = {"messages": [{"role": "user", "content": "Hi"}]}
    return GenerateRequest((RequestEntry("m", "p", 1, params),), stream=True)


def of_events(events):
    """The text of a client's stream, which hands the gateway's error event on as the last event."""
    events = list(events)
    if errors := [event for event in events if isinstance(event, StreamError)]:
        raise NoModelAvailable(f"The gateway ended the answer: {errors}.")
    assert any(isinstance(event, End) for event in events)
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def collected(events):
    return [one async for one in events]


WAYS = {
    "invoke": lambda url, timeout: model_at(url, timeout).invoke("Hi").text,
    "ainvoke": lambda url, timeout: asyncio.run(model_at(url, timeout).ainvoke("Hi")).text,
    "stream": lambda url, timeout: functools.reduce(operator.add, model_at(url, timeout).stream("Hi")).text,
    "astream": lambda url, timeout: (
        functools.reduce(operator.add, asyncio.run(collected(model_at(url, timeout).astream("Hi")))).text
    ),
    "client": lambda url, timeout: of_events(client_at(url, timeout).stream(request())),
    "client, async": lambda url, timeout: of_events(asyncio.run(collected(client_at(url, timeout).astream(request())))),
}


@pytest.fixture(scope="module")
def server():
    with Replay() as replay:
        replay.on("/api/v1/model", json_reply(200, []))
        replay.on("/api/v1/healthcheck", json_reply(200, []))
        yield replay


def check(ask, url, expected, timeout=SILENCE_S):
    """Asks; holds what comes against what is right."""
    threads, began = threading.active_count(), time.monotonic()
    if isinstance(expected, str):
        assert ask(url, 30.0) == expected
    else:
        with pytest.raises(GPTRouterError) as caught:
            ask(url, timeout)
        assert isinstance(caught.value, expected), repr(caught.value)
        sentence = str(caught.value)
        assert "\n" not in sentence
        assert "Traceback" not in sentence
        assert sentence.rstrip("*_`")[-1] in ".!?", sentence
    assert time.monotonic() - began < PATIENCE_S
    eventually(lambda: threading.active_count() <= threads + 1)  # the worker's, once


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_ends_in_the_whole_answer_or_the_right_error(server, fault, way):
    answer, expected = FAULTS[fault]
    server.on("/api/v1/generate", answer)
    check(WAYS[way], server.url, expected)
    pool.close()
    eventually(lambda: server.open_connections == 0)


@pytest.mark.parametrize("way", ["invoke", "astream", "client"])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message": "No."}', b'{"error": ', b"\xff\xfe"])
@pytest.mark.parametrize("status", STATUSES)
def test_a_refusal_is_understood_with_and_without_a_body(server, status, body, way):
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    server.on("/api/v1/generate", head.encode() + body)
    check(WAYS[way], server.url, STATUSES[status], timeout=5.0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "http://nowhere.invalid", "http://[::1]:9"],
    ids=["refused", "no such name", "refused, IPv6"],
)
def test_a_gateway_out_of_reach_is_said_to_be(url, way):
    check(WAYS[way], url, AWAY, timeout=5.0)


@pytest.fixture
def no_tls():
    """The port of a server that has never heard of TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(10_000)
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        serving = threading.Thread(target=serve)
        serving.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        serving.join()


@pytest.mark.parametrize("way", WAYS)
def test_an_address_with_https_where_there_is_none_is_out_of_reach(no_tls, way):
    check(WAYS[way], f"https://127.0.0.1:{no_tls}", AWAY, timeout=5.0)


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_that_refuses_is_a_gateway_out_of_reach(monkeypatch, way):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    pool.close()  # a pool has read its environment when it was made
    check(WAYS[way], "http://gateway.example", AWAY, timeout=5.0)
    monkeypatch.undo()
    pool.close()
