"""The kinds of load, each the same for every subject; what comes back are plain figures."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from typing import TYPE_CHECKING, Any

from answers import pieces, question
from ground import Ticks, held, rss, sockets

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PARTS"]

Figures = dict[str, Any]
MIB = 1024 * 1024


def _text(count: int) -> str:
    return "".join(pieces("plain", count))


def panels(subject: Any, url: str, scale: float) -> Figures:
    """Many chats in one kernel, some of them streaming at once."""
    many, streaming, tokens = int(200 * scale), int(20 * scale), 1000
    first = subject(url)
    first.ask(question("plain", 5))
    first.answer()
    before = rss()
    chats = [first, *(subject(url) for _ in range(many - 1))]
    time.sleep(1)
    figures: Figures = {"panels": many, "streaming at once": streaming}
    figures["KiB per idle panel"] = (rss() - before) / 1024 / (many - 1)
    asked = chats[:: many // streaming][:streaming]
    figures["longest gap, idle (ms)"] = asyncio.run(_gap(lambda: time.sleep(4))) * 1000
    sent = [chat.comm.messages for chat in asked], [chat.comm.bytes for chat in asked]
    began, texts = time.process_time(), []

    def stream() -> None:
        for chat in asked:
            chat.ask(question("plain", tokens, 200))
        texts.extend(chat.answer() for chat in asked)

    figures["longest gap, streaming (ms)"] = asyncio.run(_gap(stream)) * 1000
    figures["CPU per token (µs)"] = (time.process_time() - began) / (streaming * tokens) * 1e6
    figures["whole answers"] = sum(text == _text(tokens) for text in texts)
    figures["messages per answer"] = (sum(chat.comm.messages for chat in asked) - sum(sent[0])) / streaming
    length = len(_text(tokens).encode())
    figures["bytes to the page × text"] = (sum(chat.comm.bytes for chat in asked) - sum(sent[1])) / streaming / length
    figures["threads"] = threading.active_count()
    for chat in chats:
        chat.close()
    return figures


async def _gap(work: Callable[[], object]) -> float:
    """The longest time the loop was not heard of while something worked on other threads."""
    async with Ticks().counted() as ticks:
        await asyncio.to_thread(work)
    return ticks.longest_s


def turns(subject: Any, url: str, scale: float) -> Figures:
    """One chat with very many turns."""
    many = int(2000 * scale)
    chat = subject(url)
    cpu_s, sent, memory = [], [], []
    for _ in range(many):
        began, size = time.process_time(), chat.comm.bytes
        chat.ask(question("plain", 20))
        if chat.answer() != _text(20):
            raise RuntimeError("An answer is not whole.")
        time.sleep(0.005)  # what follows the answer belongs to it
        cpu_s.append(time.process_time() - began)
        sent.append(chat.comm.bytes - size)
        memory.append(rss())
    early, late = slice(10, 30), slice(-20, None)
    figures: Figures = {"turns": many}
    figures["bytes to the page, late / early turn"] = sum(sent[late]) / sum(sent[early])
    figures["CPU, late / early turn"] = sum(cpu_s[late]) / sum(cpu_s[early])
    figures["memory per turn (KiB)"] = (memory[-1] - memory[30]) / 1024 / (many - 30)
    if panel := getattr(chat, "panel", None):
        # The same question and the same conversation, without a panel.
        said = panel.messages[: 2 * many]
        figures["CPU, late turn / the model alone"] = sum(cpu_s[late]) / _model_alone_s(chat.model, said)
        text = sum(len(str(message.content).encode()) for message in panel.messages)
        chat.comm.largest = 0
        chat.comm.command("hello")
        chat.comm.command("take_snapshot")
        time.sleep(2)
        figures["opening: snapshot × text"] = chat.comm.largest / text
        figures["opening: state × text"] = len(json.dumps(panel.get_state(["conversation"]))) / text
        began = time.process_time()
        copy = panel._saved.bundle()  # noqa: SLF001 - what a notebook is sent after each answer
        figures["first readable copy / the next (CPU)"] = (time.process_time() - began) / _cpu_s(panel._saved.bundle)  # noqa: SLF001
        figures["readable copy × text"] = len(json.dumps(copy)) / text
    chat.close()
    return figures


def _cpu_s(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _model_alone_s(model: Any, said: list[Any]) -> float:
    async def ask() -> None:
        for _ in range(20):
            async for _chunk in model.astream([*said, ("user", question("plain", 20))]):
                pass

    return _cpu_s(lambda: asyncio.run(ask()))


def streams(subject: Any, url: str, scale: float) -> Figures:
    """Very many `astream` at once on one model."""
    many, tokens = int(1000 * scale), 100
    model = subject.model_at(url)
    most = 0

    async def read() -> str:
        return "".join([str(chunk.content) async for chunk in model.astream(question("plain", tokens, 20))])

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, sockets())
            await asyncio.sleep(0.1)

    async def run() -> Figures:
        before = sockets()
        watching = asyncio.create_task(watch())
        began = time.process_time()
        texts = await asyncio.gather(*(read() for _ in range(many)), return_exceptions=True)
        used_s = time.process_time() - began
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        failures = [repr(text)[:80] for text in texts if isinstance(text, BaseException)]
        return {
            "streams": many,
            "whole answers": sum(text == _text(tokens) for text in texts),
            "CPU per token (µs)": used_s / many / tokens * 1e6,
            "sockets at most": most - before,
            "sockets kept for the next call": sockets() - before,
            "tasks left": len(asyncio.all_tasks()) - 1,
            **({"first failure": failures[0]} if failures else {}),
        }

    before = sockets()
    figures = asyncio.run(run())
    figures["sockets left when the loop is over"] = sockets() - before
    return figures


def soak(subject: Any, url: str, scale: float) -> Figures:
    """A day's short turns, the conversation cleared every hundred."""
    rounds = int(100 * scale)
    chat = subject(url)
    found = []
    for at in range(rounds):
        for _ in range(100):
            chat.ask(question("plain", 5))
            if chat.answer() != _text(5):
                raise RuntimeError("An answer is not whole.")
        chat.clear()
        if (at + 1) % max(rounds // 10, 1) == 0:
            time.sleep(2.5)  # prices come late
            found.append(held())
    warm = found[1]
    figures: Figures = {"turns": rounds * 100}
    figures["memory, end / after a fifth"] = found[-1]["rss"] / warm["rss"]
    figures["memory, most / after a fifth"] = max(one["rss"] for one in found[1:]) / warm["rss"]
    for name in ("threads", "sockets"):
        figures[f"{name}, after a fifth"] = warm[name]
        figures[f"{name}, end"] = found[-1][name]
    chat.close()
    return figures


def stops(subject: Any, url: str, scale: float) -> Figures:
    """Stop at random moments of an answer, and then another question."""
    many = int(1000 * scale)
    chat = subject(url)
    moments = random.Random(7)  # noqa: S311 - the same ones every time
    was_stopped = next_whole = 0
    chat.ask(question("plain", 3))
    chat.answer()
    before = held()
    for at in range(many):
        chat.ask(question("plain", 100, 1000))
        time.sleep(moments.uniform(0, 0.12))
        chat.stop()
        was_stopped += chat.answer() != _text(100)
        chat.ask(question("plain", 3))
        next_whole += chat.answer() == _text(3)
        if at % 20 == 19:  # noqa: PLR2004
            chat.clear()
    time.sleep(2.5)
    after = held()
    # A provider that thinks for half a minute, and a person who does not want to wait for it.
    chat.ask(question("plain", 30, 1))
    time.sleep(1.5)
    began = time.monotonic()
    chat.stop()
    chat.answer()
    figures: Figures = {"stops": many, "stopped before the end": was_stopped, "next answer whole": next_whole}
    figures |= {f"{name} more than before": after[name] - before[name] for name in ("threads", "sockets")}
    figures["memory, after / before"] = after["rss"] / before["rss"]
    figures["stop between two slow tokens (ms)"] = (time.monotonic() - began) * 1000
    chat.close()
    return figures


PARTS: dict[str, Callable[[Any, str, float], Figures]] = {
    "panels": panels,
    "turns": turns,
    "streams": streams,
    "soak": soak,
    "stops": stops,
}
