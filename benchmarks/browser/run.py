"""Measures the panel in real JupyterLab and Chromium, and prints tables in Markdown.

    python benchmarks/browser/run.py                     everything, about half an hour
    python benchmarks/browser/run.py --only transport    one part; --rounds 1 for a first look

It takes the environment of `./dev test browser`, with the front end built.
"""
# ruff: noqa: INP001, T201 - a script that tells

from __future__ import annotations

import argparse
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# The tests' way of driving a page is the benchmarks', too.
sys.path += [str(ROOT), str(ROOT / "tests" / "browser")]

import manners  # noqa: E402
import rendering  # noqa: E402
import transport  # noqa: E402
from stage import Stage  # noqa: E402

PARTS = {"transport": transport.measure, "rendering": rendering.measure, "manners": manners.measure}
PACKAGES = ("jupyterlab", "ipykernel", "anywidget", "ipywidgets", "playwright")


def main() -> None:
    """Run one command line."""
    parser = argparse.ArgumentParser(description="Measures the chat panel in JupyterLab.")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="which parts")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default 3)")
    parser.add_argument("--python", default=sys.executable, help="what runs the kernels, for another ipykernel")
    arguments = parser.parse_args()
    with Stage(arguments.python) as stage:
        versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
        machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
        print(f"{machine}, Chromium {stage.browser.version}, {versions}; {arguments.rounds} rounds.")
        for part in arguments.only:
            tables = PARTS[part](stage, arguments.rounds)
            stage.tell("")
            print(f"\n### {part}\n\n{tables}", flush=True)


if __name__ == "__main__":
    main()
