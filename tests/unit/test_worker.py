"""The thread that requests run on."""

import asyncio
import concurrent.futures
import gc
import os
import subprocess
import sys
import threading
import weakref

import pytest

from gptrouter_notebook.worker import Worker, check_may_wait, no_waiting, shared_worker


@pytest.fixture
def worker():
    worker = Worker("test-worker")
    yield worker
    worker.close()


def threads_named(name):
    return [thread for thread in threading.enumerate() if thread.name == name]


async def ident():
    return threading.get_ident()


def test_coroutines_run_on_one_thread_of_their_own(worker):
    assert not threads_named("test-worker")
    idents = {worker.submit(ident()).result(5) for _ in range(20)}
    assert idents == {threads_named("test-worker")[0].ident}
    assert threads_named("test-worker")[0].daemon


def test_an_exception_comes_back(worker):
    async def fail():
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        worker.submit(fail()).result(5)


def test_a_wait_that_is_too_long_leaves_the_coroutine_alone(worker):
    go = asyncio.Event()

    async def wait():
        await go.wait()
        return "done"

    handle = worker.submit(wait())
    with pytest.raises(TimeoutError):
        handle.result(0.01)
    assert not handle.done()
    worker.call_soon(go.set)
    assert handle.result(5) == "done"
    assert handle.done()


def test_cancel_ends_a_coroutine_that_waits(worker):
    begun, ended = threading.Event(), threading.Event()

    async def wait():
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            ended.set()

    handle = worker.submit(wait())
    assert begun.wait(5)
    handle.cancel()
    with pytest.raises(concurrent.futures.CancelledError):
        handle.result(5)
    assert ended.is_set()
    handle.cancel()


def test_a_coroutine_cancelled_at_once_has_begun_nevertheless(worker):
    cleaned_up = []

    async def wait():
        try:
            await asyncio.sleep(60)
        finally:
            cleaned_up.append(True)

    handles = [worker.submit(wait()) for _ in range(50)]
    for handle in handles:
        handle.cancel()
    for handle in handles:
        with pytest.raises(concurrent.futures.CancelledError):
            handle.result(5)
    assert len(cleaned_up) == 50


def test_calls_are_made_in_order(worker):
    seen, over = [], threading.Event()
    for number in range(100):
        worker.call_soon(seen.append, number)
    worker.call_soon(over.set)
    assert over.wait(5)
    assert seen == list(range(100))


def test_close_cancels_what_runs_and_the_next_call_starts_anew(worker):
    handle = worker.submit(asyncio.sleep(60))
    old = threads_named("test-worker")[0]
    worker.close()
    assert not old.is_alive()
    with pytest.raises(concurrent.futures.CancelledError):
        handle.result(5)
    worker.submit(ident()).result(5)
    assert threads_named("test-worker") != [old]
    worker.close()
    worker.close()


def test_a_forgotten_worker_takes_its_thread_with_it():
    worker = Worker("forgotten-worker")
    worker.submit(ident()).result(5)
    gone = weakref.ref(worker)
    del worker
    gc.collect()
    assert gone() is None
    assert not threads_named("forgotten-worker")


def test_waiting_on_the_workers_own_thread_is_refused(worker):
    async def wait():
        return worker.submit(ident()).result(5)

    with pytest.raises(RuntimeError, match="cannot be waited for"):
        worker.submit(wait()).result(5)


def test_waiting_is_refused_while_somebody_says_so():
    check_may_wait()
    with no_waiting():
        with no_waiting(), pytest.raises(RuntimeError):
            check_may_wait()
        with pytest.raises(RuntimeError):
            check_may_wait()
    check_may_wait()


def test_there_is_one_worker_for_all():
    assert shared_worker() is shared_worker()


def run(program):
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


def test_the_process_ends_at_once_and_ends_what_runs():
    program = """
import asyncio, threading
from gptrouter_notebook.worker import shared_worker
begun = threading.Event()
async def wait():
    try:
        begun.set()
        await asyncio.sleep(60)
    finally:
        print("ended", flush=True)
shared_worker().submit(wait())
begun.wait()
"""
    assert run(program) == ["ended"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_gets_a_worker_of_its_own_and_the_parents_goes_on():
    program = """
import asyncio, os, threading, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of every fork beside threads
from gptrouter_notebook.worker import shared_worker
async def pid():
    await asyncio.sleep(0.01)
    return os.getpid()
assert shared_worker().submit(pid()).result(5) == os.getpid()
child = os.fork()
if not child:
    assert shared_worker().submit(pid()).result(5) == os.getpid()
    print("child", flush=True)
    raise SystemExit
assert os.waitpid(child, 0)[1] == 0
assert shared_worker().submit(pid()).result(5) == os.getpid()
print("parent")
"""
    assert run(program) == ["child", "parent"]
