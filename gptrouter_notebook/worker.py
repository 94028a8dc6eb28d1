"""The thread that requests run on: one per process, with an event loop of its own.

A kernel's own loop stands still while a cell runs, and a script has none. So whatever waits for a gateway waits here,
and nothing else does: what runs on this thread must not block.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

__all__ = ["Handle", "Worker", "check_may_wait", "no_waiting", "shared_worker"]

END_PATIENCE_S = 2.0
"""How long the end of the process waits for requests to be cancelled."""

T = TypeVar("T")

_forbidden = threading.local()
_inherited: list[asyncio.AbstractEventLoop] = []


class Handle(Generic[T]):
    """One coroutine on the worker's loop, seen from any other thread.

    Args:
        loop: The worker's loop.
        coro: What to run.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, T]) -> None:
        self._loop = loop
        self._outcome: Future[T] = Future()
        self._task: asyncio.Task[T] | None = None
        loop.call_soon_threadsafe(self._begin, coro)

    def cancel(self) -> None:
        """Ends the coroutine at the `await` it is in; does nothing when it is over.

        It has always begun by then, so that its `try … finally` holds however early this is called.
        """
        with suppress(RuntimeError):  # the loop is closed, and with it the coroutine
            self._loop.call_soon_threadsafe(self._cancel)

    def done(self) -> bool:
        """Whether the coroutine is over."""
        return self._outcome.done()

    def result(self, timeout_s: float | None = None) -> T:
        """Waits for what the coroutine returns.

        Args:
            timeout_s: How long to wait, in seconds; None waits for ever.

        Raises:
            TimeoutError: It took longer; the coroutine goes on.
            concurrent.futures.CancelledError: It was cancelled.
            RuntimeError: Called where waiting would wait for itself.
        """
        check_may_wait()
        return self._outcome.result(timeout_s)

    def _begin(self, coro: Coroutine[Any, Any, T]) -> None:
        self._task = self._loop.create_task(coro)
        self._task.add_done_callback(self._end)

    def _cancel(self) -> None:
        # One turn of the loop later: a task cancelled before its first step never enters its `try`.
        if self._task is not None:
            self._loop.call_soon(self._task.cancel)

    def _end(self, task: asyncio.Task[T]) -> None:
        if task.cancelled():
            self._outcome.cancel()
            self._outcome.set_running_or_notify_cancel()
        elif (error := task.exception()) is not None:
            self._outcome.set_exception(error)
        else:
            self._outcome.set_result(task.result())


class Worker:
    """A daemon thread with an event loop, started at the first call and ended with the process.

    In a forked child the thread is not there: the next call makes a new one.
    """

    def __init__(self, name: str = "gptrouter-worker") -> None:
        self._name = name
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._finalizer: weakref.finalize[[asyncio.AbstractEventLoop, threading.Thread, int], Worker] | None = None

    def submit(self, coro: Coroutine[Any, Any, T]) -> Handle[T]:
        """Runs a coroutine on the worker's loop; call it from any thread."""
        return Handle(self._running_loop(), coro)

    def call_soon(self, function: Callable[..., object], *args: object) -> None:
        """Calls a function on the worker's thread, after everything handed over before; returns at once."""
        self._running_loop().call_soon_threadsafe(function, *args)

    def close(self) -> None:
        """Cancels what runs and ends the thread; the next call starts another."""
        with self._lock:
            finalizer, self._finalizer, self._loop = self._finalizer, None, None
        if finalizer is not None:
            finalizer()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._pid != os.getpid():
            self._forget_parent()
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                thread = threading.Thread(target=_serve, args=(self._loop,), name=self._name, daemon=True)
                thread.start()
                # The callback must not know the worker, or the worker would live for ever.
                self._finalizer = weakref.finalize(self, _end, self._loop, thread, self._pid)
            return self._loop

    def _forget_parent(self) -> None:
        # Closing the parent's loop here would unregister its sockets: both share one epoll. And its lock may be held.
        self._pid, self._lock = os.getpid(), threading.Lock()
        if self._finalizer is not None:
            self._finalizer.detach()
        if self._loop is not None:
            _inherited.append(self._loop)
        self._finalizer = self._loop = None


_shared = Worker()


def shared_worker() -> Worker:
    """The process's worker."""
    return _shared


def check_may_wait() -> None:
    """Refuses to wait on a thread that brings what is waited for.

    Raises:
        RuntimeError: This is the worker's thread, or one inside `no_waiting()`.
    """
    if getattr(_forbidden, "depth", 0):
        raise RuntimeError(
            "An answer cannot be waited for inside a callback: the thread that runs callbacks is the one that brings "
            "it. Wait in a cell, or look at it when the widget's `status` is idle."
        )


@contextmanager
def no_waiting() -> Iterator[None]:
    """Lets `check_may_wait` refuse on this thread: the worker waits for something it holds."""
    _forbidden.depth = getattr(_forbidden, "depth", 0) + 1
    try:
        yield
    finally:
        _forbidden.depth -= 1


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    with no_waiting():
        try:
            loop.run_forever()
            while tasks := asyncio.all_tasks(loop):
                for task in tasks:
                    task.cancel()
                loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread, pid: int) -> None:
    if pid != os.getpid():
        return
    with suppress(RuntimeError):  # closed already
        loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join(END_PATIENCE_S)
