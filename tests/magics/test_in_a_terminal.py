"""`%gptrouter` and `%%gptrouter` in a real IPython at a real terminal."""

from __future__ import annotations

import os
import sys

import pytest

pexpect = pytest.importorskip("pexpect", reason="terminals of this kind are not on Windows")


class Terminal:
    """An IPython, and the hands at its keyboard."""

    def __init__(self, folder, gateway):
        environment = {
            "GPT_ROUTER_API_BASE": gateway.url,
            "GPT_ROUTER_API_KEY": gateway.key,
            "IPYTHONDIR": str(folder),
            "PROMPT_TOOLKIT_NO_CPR": "1",  # nobody here answers where the cursor is
        }
        self.number = 1
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "IPython", "--no-banner", "--no-confirm-exit", "--colors=NoColor"],
            env=os.environ | environment,
            encoding="utf-8",
            dimensions=(60, 160),
            timeout=30,
        )
        self.wait_prompt()

    def wait_prompt(self):
        self.child.expect(rf"In \[{self.number}\]")

    def type(self, first, *more):
        """Types a cell and has it run; a magic of several lines is ended by two empty ones."""
        self.number += 1
        self.child.send(f"{first}\r")
        for line in (*more, "", "") if more else ():
            self.child.expect(r"\.\.\.:")
            self.child.send(f"{line}\r")

    def sees(self, text):
        self.child.expect_exact(text)


@pytest.fixture
def terminal(gateway, tmp_path):
    terminal = Terminal(tmp_path, gateway)
    terminal.type("%load_ext gptrouter_notebook")
    terminal.wait_prompt()
    yield terminal
    terminal.child.close(force=True)


def test_an_answer_is_printed_below_its_cell_and_kept(terminal):
    terminal.type("%%gptrouter -m demo/echo -o ans", "Hello there")
    terminal.sees("you said “Hello there”.")
    terminal.sees("demo/echo · first token")
    terminal.wait_prompt()
    terminal.type("ans.model")
    terminal.sees("'echo'")


def test_ctrl_c_stops_the_answer_and_says_so(terminal):
    terminal.type("%%gptrouter -m demo/stalls", "Begin")
    terminal.sees("I am a demo model")
    terminal.child.sendintr()
    terminal.sees("stopped")
    terminal.sees("KeyboardInterrupt: The answer was stopped; what came so far is kept.")
    terminal.wait_prompt()


def test_code_stands_at_the_next_prompt(terminal, script):
    script.text = "Look:\n```python\nanswer = 6 * 7\n```"
    terminal.type("%%gptrouter -m demo/script -f code", "Compute")
    terminal.sees("demo/script · first token")
    terminal.wait_prompt()
    terminal.sees("answer = 6 * 7")
