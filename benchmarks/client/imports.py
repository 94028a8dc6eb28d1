"""What importing costs: fresh processes, A B A B, as multiples of `import httpx`.

python benchmarks/client/imports.py
"""
# ruff: noqa: INP001, T201 - a script that tells

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 21
FLOOR = "import httpx"
STATEMENTS = (
    "pass",
    FLOOR,
    "import gptrouter_notebook",
    "from gptrouter_notebook import GatewayClient",
    "from gptrouter_notebook import GPTRouter",
    "from langchain_core.language_models.chat_models import BaseChatModel",
    "from langchain_community.chat_models.gpt_router import GPTRouter",
)


def seconds(statement: str) -> float:
    """How long the statement takes in a process of its own; the start of the interpreter does not count."""
    timed = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    # The first run after an edit writes the byte code; nobody's first token waits for that.
    done = subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True)  # noqa: S603
    return float(done.stdout)


def main() -> None:
    """Measures all statements in turn, and prints their ratios."""
    for statement in STATEMENTS:
        seconds(statement)
    began = time.monotonic()
    rounds = [{statement: seconds(statement) for statement in STATEMENTS} for _ in range(ROUNDS)]
    print(f"{ROUNDS} rounds, {time.monotonic() - began:.0f} s\n")
    print("| statement | × `import httpx` |\n| --- | --: |")
    for statement in STATEMENTS[1:]:
        ratios = [figures[statement] / figures[FLOOR] for figures in rounds]
        print(f"| `{statement}` | {statistics.median(ratios):.2f} |")


if __name__ == "__main__":
    main()
