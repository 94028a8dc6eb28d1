"""One client in a process of its own, measured whenever the runner asks.

A question comes as a line of JSON on standard input, its figure goes back as one on standard output. What is read is
compared with what was sent, so that no client gains by losing text.
"""
# ruff: noqa: INP001, T201 - a script that speaks on stdout

from __future__ import annotations

import asyncio
import gc
import inspect
import json
import statistics
import sys
import time
from typing import TYPE_CHECKING

import frames
from clients import CLIENTS

if TYPE_CHECKING:
    from clients import Client

MIN_SECONDS = 0.05
"""Short answers are asked for again until that much time has passed."""
MIN_CALLS = 5


class Worker:
    """Measures one client; the first call of each measurement is not counted, for its connection may be gone."""

    def __init__(self, client: Client, base_url: str) -> None:
        self._client = client
        self._opened = client.open(base_url)

    async def measure(self, kind: str, tokens: int) -> float | None:
        """CPU seconds per token (`cpu`), or seconds to the first token (`first`) or per plain call (`plain`).

        None when the client cannot do it.
        """
        if self._opened.stream is None if kind != "plain" else self._opened.plain is None:
            return None
        if kind == "first" and not self._client.hands_out:
            return None
        gc.collect()
        return await {"cpu": self._cpu_s, "first": self._first_token_s, "plain": self._call_s}[kind](tokens)

    async def _cpu_s(self, tokens: int) -> float:
        await self._read(frames.PLAIN_TOKENS)
        calls, used_s, ends_at = 0, 0.0, time.monotonic() + MIN_SECONDS
        while not calls or time.monotonic() < ends_at:
            began = time.process_time()
            await self._read(tokens)
            used_s += time.process_time() - began
            calls += 1
        return used_s / (calls * tokens)

    async def _first_token_s(self, tokens: int) -> float:
        seconds: list[float] = []
        ends_at = time.monotonic() + MIN_SECONDS
        while len(seconds) <= MIN_CALLS or time.monotonic() < ends_at:
            began = time.perf_counter()
            seconds.append(await self._read(tokens) - began)
        return statistics.median(seconds[1:])

    async def _call_s(self, tokens: int) -> float:
        assert self._opened.plain is not None  # noqa: S101 - measure() has looked
        expected = "".join(frames.tokens(tokens))
        seconds: list[float] = []
        ends_at = time.monotonic() + MIN_SECONDS
        while len(seconds) <= MIN_CALLS or time.monotonic() < ends_at:
            began = time.perf_counter()
            text = self._opened.plain(frames.question(tokens))
            if inspect.isawaitable(text):
                text = await text
            seconds.append(time.perf_counter() - began)
            if text != expected:
                raise RuntimeError("The plain answer is not what the gateway said.")
        return statistics.median(seconds[1:])

    async def _read(self, tokens: int) -> float:
        """Reads a whole stream; returns when its first text came."""
        assert self._opened.stream is not None  # noqa: S101 - measure() has looked
        text_of = self._opened.text_of
        pieces = self._opened.stream(frames.question(tokens))
        length, first_at = 0, 0.0
        # Twice the same loop: the one must not pay for the other's awaits.
        if hasattr(pieces, "__aiter__"):
            async for piece in pieces:
                length += len(text_of(piece))
                if not first_at and length:
                    first_at = time.perf_counter()
        else:
            for piece in pieces:
                length += len(text_of(piece))
                if not first_at and length:
                    first_at = time.perf_counter()
        if length != (expected := sum(map(len, frames.tokens(tokens)))):
            raise RuntimeError(f"The streamed answer has {length} characters instead of {expected}.")
        return first_at


async def _serve(name: str, base_url: str) -> None:
    worker = Worker(CLIENTS[name], base_url)
    print(json.dumps("ready"), flush=True)
    # Reading blocks the loop on purpose: nothing is to run while another client is measured.
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(await worker.measure(asked["kind"], asked["tokens"])), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
