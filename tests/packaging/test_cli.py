"""The console command as people run it: a process of its own, real signals, real sockets."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from importlib import metadata

import pytest

from gptrouter_notebook import cli, commands

COMMAND = [sys.executable, "-m", "gptrouter_notebook.cli"]
# A module that is None in sys.modules is one that is not installed, for every import statement.
WITHOUT = (
    "import runpy, sys; sys.modules[{module!r}] = None; "
    "runpy.run_module('gptrouter_notebook.cli', run_name='__main__', alter_sys=True)"
)


@contextmanager
def running(*arguments, **options):
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )
    with process:
        try:
            yield process
        finally:
            process.terminate()  # not kill: the demo is to take its JupyterLab along


def run(*arguments, command=COMMAND):
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60, check=False)


def fetch(url, key=None):
    request = urllib.request.Request(url, headers={"ws-secret": key} if key else {})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as reply:  # noqa: S310 - loopback
        return reply.status, reply.read()


def exports(lines):
    return dict(re.fullmatch(r"export (\w+)=(\S+)", line.strip()).groups() for line in lines)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_gateway_says_how_to_reach_it_answers_and_stops_in_peace(ending):
    with running("gateway") as process:
        first = process.stdout.readline()
        reach = exports([process.stdout.readline(), process.stdout.readline()])
        base, key = reach["GPT_ROUTER_API_BASE"], reach["GPT_ROUTER_API_KEY"]
        assert first == f"# GPTRouter demo gateway: {base}\n"
        assert fetch(f"{base}/healthcheck")[0] == 200
        assert fetch(f"{base}/api/v1/model/all", key)[0] == 200
        process.send_signal(ending)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out, err) == (0, "", "")
        with pytest.raises(urllib.error.URLError):
            fetch(f"{base}/healthcheck")


def test_the_gateway_takes_the_port_and_the_key_it_is_given():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running("gateway", "--port", str(port), "--key", "chosen") as process:
        lines = [process.stdout.readline() for _ in range(3)]
    assert exports(lines[1:]) == {
        "GPT_ROUTER_API_BASE": f"http://127.0.0.1:{port}",
        "GPT_ROUTER_API_KEY": "chosen",
    }


def test_a_port_in_use_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = run("gateway", "--port", str(port))
    assert said.returncode == 1
    assert said.stdout == ""
    assert said.stderr == (
        f"gptrouter-notebook: port {port} on 127.0.0.1 is in use: choose another, "
        "or leave --port out to get a free one.\n"
    )


def test_an_address_that_is_not_ours_is_one_sentence():
    said = run("gateway", "--host", "192.0.2.1")
    assert said.returncode == 1
    assert said.stderr.splitlines()[-1].startswith("gptrouter-notebook: cannot listen on 192.0.2.1, port 0 (")


def test_listening_to_the_network_is_warned_of():
    with running("gateway", "--host", "0.0.0.0") as process:  # noqa: S104 - closed again at once
        process.stdout.readline()
        process.terminate()
        assert "Warning: 0.0.0.0 is not a loopback address" in process.communicate(timeout=10)[1]


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--port", "x"], ["--key", ""], ["--", "--port=1"]])
def test_arguments_that_make_no_sense_are_refused_with_the_usage(arguments):
    said = run("gateway", *arguments)
    assert said.returncode == 2
    assert said.stderr.startswith("usage: gptrouter-notebook")


@pytest.mark.parametrize(
    ("command", "module", "extra"),
    [("demo", "jupyterlab", "demo"), ("demo", "starlette", "demo"), ("gateway", "uvicorn", "gateway")],
)
def test_a_missing_extra_is_one_sentence(command, module, extra):
    said = run(command, command=[sys.executable, "-c", WITHOUT.format(module=module)])
    assert said.returncode == 1
    assert said.stderr == (
        f"gptrouter-notebook: this command needs {module}: "
        f"run pip install 'gptrouter-notebook[{extra}]' and try again.\n"
    )


def test_the_version_is_the_packages():
    assert run("--version").stdout == f"gptrouter-notebook {metadata.version('gptrouter-notebook')}\n"


def test_the_demo_and_the_magic_name_the_same_variable():
    assert cli.DEMO_VARIABLE == commands.DEMO_VARIABLE


def test_the_demo_serves_the_quickstart_and_stops_everything(tmp_path):
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    environment = os.environ | folders | {"JUPYTER_PLATFORM_DIRS": "1"}
    options = ["--", "--ServerApp.base_url=/here/", "--port=0"]
    with running("demo", "--no-browser", *options, env=environment) as process:
        said = iter(process.stdout.readline, "")
        url = next(line for line in said if line.startswith("Open ")).split()[1]
        assert re.fullmatch(r"http://\S+/here/lab/tree/quickstart\.ipynb\?token=\w+", url)
        assert fetch(url)[0] == 200
        assert b'"quickstart.ipynb"' in fetch(url.replace("/lab/tree/", "/api/contents/"))[1]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        with pytest.raises(urllib.error.URLError):
            fetch(url)
