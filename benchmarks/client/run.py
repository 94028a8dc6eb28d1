"""Measures all clients side by side, in turn, against one loopback gateway, and prints tables in Markdown.

    python benchmarks/client/run.py            about six minutes
    python benchmarks/client/run.py --quick    about one: fewer rounds, no answers of 100,000 tokens

It takes the environment that `requirements.txt` describes. `--only` names the clients for a closer look.
"""
# ruff: noqa: INP001, T201 - a script that tells

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import IO, Any, Self

from clients import CLIENTS
from figures import COLUMNS, GOALS, Figures, goals_table, table

HERE = Path(__file__).resolve().parent
PACKAGES = ("httpx", "langchain-core", "GPTRouter", "langchain-community", "langchain-openai", "openai")


class Child:
    """A script of ours in a process of its own, asked line by line."""

    def __init__(self, script: str, *arguments: str) -> None:
        command = [sys.executable, str(HERE / script), *arguments]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=_environment())  # noqa: S603
        self.greeting = self._line()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _pipe(self._process.stdin).close()
        self._process.wait()

    def ask(self, question: dict[str, Any]) -> Any:
        """Sends one line of JSON and waits for the one that comes back."""
        stdin = _pipe(self._process.stdin)
        stdin.write(json.dumps(question) + "\n")
        stdin.flush()
        return json.loads(self._line())

    def _line(self) -> str:
        if not (line := _pipe(self._process.stdout).readline()):
            raise SystemExit("A measured process ended too early; see its words above.")
        return line.strip()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None  # noqa: S101 - all pipes are ours
    return pipe


def _environment() -> dict[str, str]:
    """Ours without what would change the figures: proxies, tracing."""
    unwanted = ("LANGCHAIN_", "LANGSMITH_", "OPENAI_", "GPT_ROUTER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}


def measure(names: list[str], columns: list[str], rounds: int) -> Figures:
    """Asks every client for every column, A B C …, and the whole of it again for every round."""
    figures = Figures()
    with contextlib.ExitStack() as children:
        gateway = children.enter_context(Child("gateway.py"))
        workers = {name: children.enter_context(Child("worker.py", name, gateway.greeting)) for name in names}
        for at in range(rounds):
            for key in [key for key in columns if at % COLUMNS[key].every == 0]:
                print(f"\rround {at + 1} of {rounds}, {key:<6}", end="", file=sys.stderr, flush=True)
                column = COLUMNS[key]
                for name, worker in workers.items():
                    if CLIENTS[name].is_peer and not column.with_peers:
                        continue
                    figures.add(name, key, at, worker.ask({"kind": column.kind, "tokens": column.tokens}))
    print(file=sys.stderr)
    return figures


def machine() -> str:
    """What the figures were made on."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"{platform.python_implementation()} {platform.python_version()}, {versions}"
    )


def main() -> None:
    """Run one command line."""
    parser = argparse.ArgumentParser(description="Measures GPTRouter clients side by side on loopback.")
    parser.add_argument("--quick", action="store_true", help="five rounds, no answers of 100,000 tokens")
    parser.add_argument("--rounds", type=int, help="how often everything is measured (default 15, with --quick 5)")
    parser.add_argument("--only", nargs="+", choices=CLIENTS, metavar="CLIENT", help=", ".join(CLIENTS))
    arguments = parser.parse_args()
    columns = [key for key in COLUMNS if not (arguments.quick and key == "100k")]
    names = arguments.only or list(CLIENTS)
    # A ratio needs its other half.
    names = [name for name in CLIENTS if name in names or name in {CLIENTS[other].floor for other in names}]
    rounds = arguments.rounds or (5 if arguments.quick else 15)
    figures = measure(names, columns, rounds)
    print(f"{machine()}; medians of {rounds} rounds, each ratio taken within a round.\n")
    print(table(figures))
    goals = [goal for goal in GOALS if {goal.over, goal.under} <= set(names)]
    if goals:
        print(f"\n{goals_table(figures, goals)}")


if __name__ == "__main__":
    main()
