"""Every fault a network, a proxy or a gateway can have: the whole right answer or the right error, and nothing left.

Each fault is asked for in six ways: model and client, plain and streamed, sync and async.
"""

from __future__ import annotations

import asyncio
import functools
import operator
import threading
import time

import pytest
from faults import FAULTS, PATIENCE_S, SILENCE_S, STATUSES, model_at
from replay import Replay, eventually, json_reply

from gptrouter_notebook import GatewayClient, pool
from gptrouter_notebook.errors import GPTRouterError, NoModelAvailable
from gptrouter_notebook.sse import End, StreamError, TextDelta
from gptrouter_notebook.wire import GenerateRequest, RequestEntry


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


async def alone(work):
    """The result of some work that leaves no task behind."""
    try:
        return await work
    finally:
        # asyncio closes generators that broke off in tasks of its own.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others or not (await asyncio.wait(others, timeout=1))[1]


WAYS = {
    "invoke": lambda url, timeout: model_at(url, timeout).invoke("Hi").text,
    "ainvoke": lambda url, timeout: asyncio.run(alone(model_at(url, timeout).ainvoke("Hi"))).text,
    "stream": lambda url, timeout: functools.reduce(operator.add, model_at(url, timeout).stream("Hi")).text,
    "astream": lambda url, timeout: (
        functools.reduce(operator.add, asyncio.run(alone(collected(model_at(url, timeout).astream("Hi"))))).text
    ),
    "client": lambda url, timeout: of_events(client_at(url, timeout).stream(request())),
    "client, async": lambda url, timeout: of_events(
        asyncio.run(alone(collected(client_at(url, timeout).astream(request()))))
    ),
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
