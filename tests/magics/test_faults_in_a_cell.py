"""The same faults as seen from a cell: the whole answer or one sentence, in time, and the next one is answered."""

from __future__ import annotations

import asyncio
import functools
import threading
import time

import pytest
from faults import FAULTS, FRAMES, PATIENCE_S, SILENCE_S, STATUSES, TEXT, chunked
from replay import Answer, Replay, eventually, json_reply

from gptrouter_notebook import magics, pool
from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.errors import GPTRouterError
from gptrouter_notebook.worker import shared_worker

REFUSALS = {
    f"status {status}{' with a page' if body else ''}": (
        Answer(
            b"HTTP/1.1 %d X\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%s" % (status, len(body), body),
        ),
        (GPTRouterError,),
    )
    for status in STATUSES
    for body in (b"", b"<html>")
}


@pytest.fixture(scope="module")
def server():
    with Replay() as replay:
        replay.on("/api/v1/model", json_reply(200, []))
        replay.on("/api/v1/healthcheck", json_reply(200, []))
        yield replay


@pytest.fixture
def asking(shell, server, monkeypatch, capsys):
    """Runs a cell and returns its result and what it has shown."""
    monkeypatch.setenv("GPT_ROUTER_API_BASE", server.url)

    def asking(flags, silence_s):
        # A cell waits a minute and asks three times, which is right for people and too long for tests.
        impatient = functools.partial(GPTRouter, timeout=silence_s, max_retries=0)
        monkeypatch.setattr(magics, "GPTRouter", impatient)
        result = shell.run_cell(f"%%gptrouter -m p/m {flags}\nHi")
        return result, "".join(capsys.readouterr())

    return asking


def threads_of_ours():
    """Not the server's, and not those that a loop keeps to look names up."""
    return {one for one in threading.enumerate() if "(_serve)" not in one.name and not one.name.startswith("asyncio_")}


def tasks_of_the_worker():
    async def count():
        return len(asyncio.all_tasks()) - 1

    return shared_worker().submit(count()).result(PATIENCE_S)


@pytest.mark.parametrize("flags", ["", "--no-stream"])
@pytest.mark.parametrize("fault", [*FAULTS, *REFUSALS])
def test_a_cell_ends_and_the_next_one_is_answered(asking, shell, server, fault, flags):
    answer, expected = {**FAULTS, **REFUSALS}[fault]
    is_whole = isinstance(expected, str)
    server.on("/api/v1/generate", answer)
    tasks = tasks_of_the_worker()  # and the worker is there by now
    threads, began = threads_of_ours(), time.monotonic()
    result, shown = asking(f"-o ans {flags}", 30.0 if is_whole else SILENCE_S)
    assert time.monotonic() - began < PATIENCE_S
    if is_whole:
        assert result.success
        assert shell.user_ns["ans"].text == expected
    else:
        assert isinstance(result.error_in_exec, expected), repr(result.error_in_exec)
        assert "ans" not in shell.user_ns
        assert "Traceback" not in shown
        assert shown.count(f"{type(result.error_in_exec).__name__}: ") == 1
        sentence = str(result.error_in_exec)
        assert "\n" not in sentence
        assert sentence in shown
        assert sentence.rstrip("*_`")[-1] in ".!?"
    if not is_whole and "tokens" in fault and not flags:
        assert TEXT[:6] in shown
    eventually(lambda: threads_of_ours() <= threads)
    eventually(lambda: tasks_of_the_worker() <= tasks)
    server.on("/api/v1/generate", chunked(*FRAMES))
    result, _ = asking("-o ans --no-history", 30.0)
    assert result.success
    assert shell.user_ns["ans"].text == TEXT
    pool.close()
