"""The key in what IPython shows of failures: tracebacks in every mode, the debugger in every frame, crashes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gptrouter_notebook.gateway import start_gateway

CANARY = "canary-5d41402abc4b2a76"
BEGIN = """
import asyncio, faulthandler, os, signal, sys, threading, traceback
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("%load_ext gptrouter_notebook")
shell.run_cell("from gptrouter_notebook import GPTRouter, GatewayClient")
"""
FAILURES = {
    "a cell": '"%%gptrouter -m demo/nobody\\nHi"',
    "a model": "\"GPTRouter(models_priority_list=['demo/down']).invoke('Hi')\"",
    "a model that breaks": "\"list(GPTRouter(models_priority_list=['demo/breaks']).stream('Hi'))\"",
    "an async model": "\"await GPTRouter(models_priority_list=['demo/down']).ainvoke('Hi')\"",
    "a client": '"GatewayClient().prompt(str(1))"',
    "out of reach": "\"GatewayClient('http://127.0.0.1:9', max_retries=0).models()\"",
    "a bad parameter": "\"GPTRouter(models_priority_list=['demo/echo'], temperatur=1)\"",
    "a callback of the user's": "\"[1 / 0 for _ in GPTRouter(models_priority_list=['demo/echo']).stream('Hi')]\"",
}
INTERRUPTED = {
    "a model": "GPTRouter(models_priority_list=['demo/stalls']).invoke('Hi')",
    "a stream": "list(GPTRouter(models_priority_list=['demo/stalls']).stream('Hi'))",
    "an async model": "await GPTRouter(models_priority_list=['demo/stalls']).ainvoke('Hi')",
    "a cell": "get_ipython().run_cell_magic('gptrouter', '-m demo/stalls', 'Hi')",
}
INTERRUPT = """
# The answer stalls for good, so whenever this comes, it comes in the middle.
threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
"""
GLANCE = "args\npp locals()\n"
LOOK = GLANCE + "".join(
    f"pp vars({name})\n" for name in ("self", "request", "response", "client", "exchange", "model", "http", "error")
)
"""What people type in a frame to see where they are."""
FRAMES = 60


@pytest.fixture(scope="module")
def gateway():
    with start_gateway(key=CANARY, token_delay_s=0) as running:
        yield running


@pytest.fixture
def told(gateway, tmp_path):
    """Runs a script in a process whose environment has the key; what it printed."""

    def told(script, typed=""):
        environment = {"GPT_ROUTER_API_KEY": CANARY, "GPT_ROUTER_API_BASE": gateway.url, "IPYTHONDIR": "/nonexistent"}
        done = subprocess.run(
            [sys.executable, "-c", BEGIN + script],
            capture_output=True,
            text=True,
            timeout=120,
            input=typed,
            env={**environment, "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)},
            check=False,
        )
        return done.stdout + done.stderr

    return told


def modes():
    from IPython.core.interactiveshell import InteractiveShell

    return list(InteractiveShell().InteractiveTB.valid_modes)


def test_no_traceback_in_any_mode_tells_the_key(told):
    assert {"Context", "Docs", "Minimal", "Plain", "Verbose"} <= set(modes())
    script = "".join(
        f"shell.run_line_magic('xmode', {mode!r})\nshell.run_cell({cell})\nshell.run_line_magic('tb', '')\n"
        for mode in modes()
        for cell in FAILURES.values()
    )
    said = told(script)
    for name in ("ModelNotFound", "NoModelAvailable", "StreamInterrupted", "GatewayUnreachable", "ZeroDivisionError"):
        assert said.count(name) >= len(modes()), said[-3_000:]
    assert CANARY not in said


@pytest.mark.parametrize("mode", ["Verbose", "Docs"])
@pytest.mark.parametrize("name", INTERRUPTED)
def test_no_traceback_of_an_interrupt_tells_the_key(told, name, mode):
    said = told(f"shell.run_line_magic('xmode', {mode!r})\n{INTERRUPT}\nshell.run_cell({INTERRUPTED[name]!r})\n")
    assert "KeyboardInterrupt" in said or "CancelledError" in said, said[-3_000:]
    assert CANARY not in said


def debugged(told, cell, look=LOOK, before=""):
    typed = "skip_hidden False\n" + look + f"up\n{look}" * FRAMES + "quit\n"
    said = told(f"{before}\nshell.run_cell({cell})\nshell.run_line_magic('debug', '')\n", typed)
    assert said.count("ipdb>") > FRAMES, said[-3_000:]
    assert "Oldest frame" in said
    return said


@pytest.mark.parametrize("name", FAILURES)
def test_no_frame_in_the_debugger_tells_the_key(told, name):
    assert CANARY not in debugged(told, FAILURES[name])


@pytest.mark.parametrize("name", INTERRUPTED)
def test_no_frame_of_an_interrupt_tells_the_key(told, name):
    # Deeper down the request that is on its way can be taken apart: SECURITY.md says so.
    assert CANARY not in debugged(told, repr(INTERRUPTED[name]), GLANCE, INTERRUPT)


def test_the_debugger_shows_the_user_s_own_variable(told):
    """What is told here is the user's to tell; and it shows that these tests would see the key."""
    cell = "import os\ndef ask(key): GPTRouter(models_priority_list=['demo/down'], api_key=key).invoke('Hi')\n"
    assert CANARY in debugged(told, repr(f"{cell}ask(os.environ['GPT_ROUTER_API_KEY'])"))


CRASH = """
def crash():
    raise LookupError("the worker's thread crashed")
from gptrouter_notebook.worker import shared_worker
shared_worker().call_soon(crash)
shared_worker().submit(asyncio.sleep(0)).result(5)
shell.run_cell("chat = GPTRouter(models_priority_list=['demo/echo']); stream = chat.stream('Hi'); next(stream)")
faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
traceback.print_stack()
faulthandler.enable(all_threads=True)
os.abort()
"""


def test_neither_a_crash_of_the_worker_nor_of_the_process_tells_the_key(told):
    said = told(CRASH)
    assert "the worker's thread crashed" in said
    assert "Fatal Python error: Aborted" in said
    assert said.count("gptrouter_notebook/worker.py") >= 2
    assert CANARY not in said


def test_nothing_a_cell_leaves_in_its_notebook_tells_the_key(gateway, tmp_path, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    monkeypatch.setenv("GPT_ROUTER_API_KEY", CANARY)
    monkeypatch.setenv("GPT_ROUTER_API_BASE", gateway.url)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    cells = [
        "%load_ext gptrouter_notebook\nfrom gptrouter_notebook import ChatWidget, GPTRouter",
        "%%gptrouter -m demo/echo\nHi",
        "%%gptrouter -m demo/down\nHi",
        "%gptrouter models",
        "%gptrouter explain",
        "chat = ChatWidget(models_priority_list=['demo/echo'])\nchat",
        "GPTRouter(models_priority_list=['demo/down']).invoke('Hi')",
        "%xmode Verbose\nGPTRouter(models_priority_list=['demo/down']).invoke('Hi')",
        "%tb",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    nbclient.NotebookClient(notebook, timeout=60, allow_errors=True, kernel_name="python3").execute()
    path = tmp_path / "told.ipynb"
    nbformat.write(notebook, path)
    saved = path.read_text("utf-8")
    assert "you said" in saved
    assert "NoModelAvailable" in saved
    assert "widget-state" in json.dumps(notebook.metadata)
    assert CANARY not in saved
