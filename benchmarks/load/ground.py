"""What the load is measured on: the gateway in a process of its own, and what this process holds.

Importing it lets `answers` and `stage` be imported: the gateway and its answers are those of `benchmarks/browser`.
"""
# ruff: noqa: INP001, S603 - scripts, no package, that run our own commands

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comm.base_comm import BaseComm

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

__all__ = ["BROWSER", "FrontEnd", "Held", "Ticks", "gateway", "held", "rss", "sockets"]

BROWSER = Path(__file__).resolve().parents[1] / "browser"
TICK_S = 0.005

sys.path.append(str(BROWSER))


@contextlib.contextmanager
def gateway() -> Iterator[str]:
    """The address of the gateway, which runs meanwhile."""
    command = [sys.executable, str(BROWSER / "gateway.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - both pipes are ours
        assert process.stdout is not None  # noqa: S101
        yield process.stdout.readline().strip()
        process.stdin.close()


class FrontEnd(BaseComm):
    """Stands where a front end would: makes JSON of everything, as a kernel does, counts it and keeps nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.messages = self.bytes = 0
        self.largest = 0
        super().__init__(*args, **kwargs)

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
        """Counts a message."""
        size = len(json.dumps(data or {}).encode())
        self.messages += msg_type == "comm_msg"
        self.bytes += size if msg_type == "comm_msg" else 0
        self.largest = max(self.largest, size)

    def command(self, kind: str, **fields: Any) -> None:
        """Sends what the panel's view would."""
        data = {"method": "custom", "content": {"kind": kind, "id": kind, **fields}}
        self.handle_msg({"content": {"data": data}, "buffers": []})


class Ticks:
    """A kernel's loop with nothing to do but say that it still runs."""

    longest_s = 0.0

    @contextlib.asynccontextmanager
    async def counted(self) -> AsyncIterator[Ticks]:
        """Ticks meanwhile."""
        task = asyncio.create_task(self._tick())
        yield self
        task.cancel()

    async def _tick(self) -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            self.longest_s, last = max(self.longest_s, now - last), now


Held = dict[str, int]


def held() -> Held:
    """What this process holds: bytes of memory, threads, sockets."""
    gc.collect()
    return {"rss": rss(), "threads": threading.active_count(), "sockets": sockets()}


def rss() -> int:
    """Bytes of memory that are resident."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def sockets() -> int:
    """How many sockets are open."""
    found = 0
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found += str(entry.readlink()).startswith("socket:")
    return found
