"""Puts the panel, and what people write without it, under load side by side, and prints tables in Markdown.

    python benchmarks/load/run.py                   everything, about half an hour
    python benchmarks/load/run.py --scale 0.1       a first look
    python benchmarks/load/run.py --only page       the page's memory alone

It takes the environment of `benchmarks/client/requirements.txt`, and for `page` that of `./dev test browser`.
"""
# ruff: noqa: INP001, S603, T201 - a script that runs our own commands and tells

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SUBJECTS = {"ours": "the panel", "today": "community's model, a trait with everything"}
PARTS = ("panels", "turns", "streams", "soak", "stops")
DIGITS = 100


def main() -> None:
    """Run one command line."""
    parser = argparse.ArgumentParser(description="Puts the chat panel under load.")
    parser.add_argument("--only", nargs="+", choices=(*PARTS, "page"), default=[*PARTS, "page"], help="which parts")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of it (default 1)")
    parser.add_argument("--measure", nargs=2, metavar=("PART", "SUBJECT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(_measure(*arguments.measure, arguments.scale)))
        return
    print(f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}.")
    for part in arguments.only:
        if part == "page":
            import page  # noqa: PLC0415 - Playwright is not everybody's

            print(f"\n### page\n\n{_table(page.measure(arguments.scale))}", flush=True)
        else:
            figures = {title: _in_process(part, name, arguments.scale) for name, title in SUBJECTS.items()}
            print(f"\n### {part}\n\n{_table(figures)}", flush=True)


def _measure(part: str, name: str, scale: float) -> dict[str, Any]:
    import comm  # noqa: PLC0415 - in the measured process only
    from ground import FrontEnd, gateway  # noqa: PLC0415

    comm.create_comm = FrontEnd
    import parts  # noqa: PLC0415 - finds what `subjects` has put on the path
    from subjects import SUBJECTS as FOUND  # noqa: PLC0415

    with gateway() as url:
        return parts.PARTS[part](FOUND[name], url, scale)


def _in_process(part: str, name: str, scale: float) -> dict[str, Any]:
    """A process of its own for each: memory is what is measured."""
    command = [sys.executable, __file__, "--measure", part, name, "--scale", str(scale)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else {"failed": "see above"}


def _table(figures: dict[str, dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for column in figures.values() for name in column))
    lines = [["", *figures], ["---", *["--:" for _ in figures]]]
    lines += [[name, *(_short(column.get(name)) for column in figures.values())] for name in names]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _short(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.0f}" if value >= DIGITS else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
