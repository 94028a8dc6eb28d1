"""The console command `gptrouter-notebook`: the demo in JupyterLab, or the embedded gateway alone.

Only the standard library is imported before a command is chosen, so that `--help` answers at once and a missing extra
is told in a sentence.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import ipaddress
import json
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gptrouter_notebook.gateway import RunningGateway

__all__ = ["main"]

LAB_START_S = 60
LAB_STOP_S = 10
POLL_S = 0.1
HIGHEST_PORT = 65535
DEMO_VARIABLE = "GPTROUTER_DEMO_GATEWAY"
"""Tells `%gptrouter demo` that there is a demo gateway already; `commands` has it too, but is too much to import."""

_GATEWAY_MODULES = ("starlette", "uvicorn")


class _RefusedError(Exception):
    """The command cannot run; the message is the sentence for the person at the terminal."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Args:
        argv: The arguments after the program's name; `sys.argv` if None.

    Returns:
        0 after Ctrl+C or SIGTERM, which is how these commands end; 1 when the command could not run; for `demo`
        JupyterLab's own code when it ended by itself.
    """
    parser = _parser()
    ours, lab_arguments = _split(sys.argv[1:] if argv is None else argv)
    args = parser.parse_args(ours)
    if lab_arguments and args.command != "demo":
        parser.error("only `demo` passes arguments after -- on")
    try:
        with _terms_as_interrupts():
            if args.command == "demo":
                return _demo(lab_arguments, browser=args.browser)
            return _gateway(args.host, args.port, args.key)
    except _RefusedError as refusal:
        print(f"gptrouter-notebook: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gptrouter-notebook",
        description="Talk to language models through a GPTRouter gateway from a notebook.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {metadata.version('gptrouter-notebook')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="open the quickstart notebook in JupyterLab, answered by an embedded gateway",
        description="Start an embedded gateway and JupyterLab on the quickstart notebook: no key, no provider.",
        epilog="What follows -- goes to JupyterLab, for example: gptrouter-notebook demo -- --port=9000",
    )
    demo.add_argument("--no-browser", dest="browser", action="store_false", help="print the URL, open no browser")
    gateway = commands.add_parser(
        "gateway",
        help="run the embedded gateway alone",
        description="Run the embedded gateway until Ctrl+C, and print how to reach it.",
    )
    gateway.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    gateway.add_argument("--port", type=_port, default=0, help="port to listen on (default: 0, any free one)")
    gateway.add_argument("--key", type=_key, help="the key clients must send (default: a new one)")
    return parser


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    # By hand: what argparse makes of "--" before a sub-command has changed between Python versions.
    if "--" not in argv:
        return list(argv), []
    at = argv.index("--")
    return list(argv[:at]), list(argv[at + 1 :])


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: it is a number from 0 to {HIGHEST_PORT}")
    return int(text)


def _key(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("a key cannot be empty: leave --key out to get a new one")
    return text


@contextlib.contextmanager
def _terms_as_interrupts() -> Iterator[None]:
    """End on SIGTERM, or when the terminal is closed, the way Ctrl+C ends: everything started here is stopped."""
    before = {
        number: signal.getsignal(number) for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))
    }
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # under nohup the end of the terminal is to be survived
            signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _require(extra: str, modules: Sequence[str]) -> None:
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise _RefusedError(
            f"this command needs {' and '.join(missing)}: run pip install 'gptrouter-notebook[{extra}]' and try again."
        )


@contextlib.contextmanager
def _listening(host: str, port: int, key: str | None) -> Iterator[RunningGateway]:
    from gptrouter_notebook.gateway import start_gateway  # noqa: PLC0415 - needs an extra that may be missing

    try:
        gateway = start_gateway(host=host, port=port, key=key)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"port {port} on {host} is in use: choose another, or leave --port out to get a free one."
        else:
            reason = f"cannot listen on {host}, port {port} ({error.strerror or error}): choose another address."
        raise _RefusedError(reason) from None
    with gateway:
        yield gateway


def _gateway(host: str, port: int, key: str | None) -> int:
    _require("gateway", _GATEWAY_MODULES)
    if not _is_loopback(host):
        print(f"Warning: {host} is not a loopback address: others on the network can reach this.", file=sys.stderr)
    with _listening(host, port, key) as gateway:
        # A comment and two exports: the three lines can be pasted into a shell as they are.
        print(f"# GPTRouter demo gateway: {gateway.url}")
        print(f"export GPT_ROUTER_API_BASE={shlex.quote(gateway.url)}")
        print(f"export GPT_ROUTER_API_KEY={shlex.quote(gateway.key)}", flush=True)
        threading.Event().wait()
    return 0


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _demo(lab_arguments: Sequence[str], *, browser: bool) -> int:
    _require("demo", ("jupyterlab", *_GATEWAY_MODULES))
    notebook = _quickstart()
    quiet = ("--ServerApp.log_level=WARN", "--LabApp.log_level=WARN")
    # So that the panel can put code into a new cell: nothing else lets an output do that.
    command = [sys.executable, "-m", "jupyterlab", notebook.name, *quiet, "--LabApp.expose_app_in_browser=True"]
    if not (browser and _has_screen()):
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with _listening("127.0.0.1", 0, None) as gateway:
        reach = {"GPT_ROUTER_API_BASE": gateway.url, "GPT_ROUTER_API_KEY": gateway.key, DEMO_VARIABLE: gateway.url}
        # With a token it did not make itself JupyterLab leaves the announcing to us.
        token = {"JUPYTER_TOKEN": os.environ.get("JUPYTER_TOKEN") or secrets.token_hex(24)}
        # A kernel of the same name in the home folder may belong to a Python that lacks this package.
        environment = os.environ | token | {"JUPYTER_PREFER_ENV_PATH": "1"} | reach
        # In a session of its own: Ctrl+C comes here only, else JupyterLab would ask whether it was meant.
        lab = subprocess.Popen(  # noqa: S603 - our own interpreter, and arguments of the person at the terminal
            [*command, *lab_arguments],
            cwd=notebook.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _announce(lab, notebook.name)
            return lab.wait()
        finally:
            _stop(lab)


def _quickstart() -> Path:
    """Return the notebook to open: a checkout's own, or a copy of the packaged one in the working folder."""
    package = Path(__file__).resolve().parent
    checkout = package.parent / "notebooks" / "quickstart.ipynb"
    if (package.parent / "pyproject.toml").exists() and checkout.exists():
        return checkout
    copy = Path.cwd() / "gptrouter-quickstart.ipynb"
    if not copy.exists():
        try:
            shutil.copyfile(package / "quickstart.ipynb", copy)
        except OSError as error:
            raise _RefusedError(
                f"cannot write {copy.name} into {copy.parent} ({error.strerror}): run this in a folder of your own."
            ) from None
    return copy


def _has_screen() -> bool:
    # Without one, Python's webbrowser module would start a text browser inside the terminal.
    return sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _announce(lab: subprocess.Popen[bytes], notebook: str) -> None:
    """Print the notebook's URL as soon as JupyterLab has written down where it listens."""
    from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415 - comes with JupyterLab, an extra

    record = Path(jupyter_runtime_dir()) / f"jpserver-{lab.pid}.json"
    deadline = time.monotonic() + LAB_START_S
    while lab.poll() is None:
        # A record half written is as good as not there yet.
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            server = json.loads(record.read_text(encoding="utf-8"))
            token = f"?token={server['token']}" if server["token"] else ""
            print(f"\nOpen {server['url']}lab/tree/{quote(notebook)}{token}\nCtrl+C here stops it all.", flush=True)
            return
        if time.monotonic() > deadline:
            raise _RefusedError(f"JupyterLab did not start within {LAB_START_S} s: see what it says above.")
        time.sleep(POLL_S)


def _stop(lab: subprocess.Popen[bytes]) -> None:
    if lab.poll() is not None:
        return
    lab.terminate()
    try:
        lab.wait(LAB_STOP_S)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        lab.kill()
        lab.wait()


if __name__ == "__main__":
    sys.exit(main())
