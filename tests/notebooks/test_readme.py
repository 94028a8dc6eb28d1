"""The README's blocks, run as a reader would."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from gptrouter_notebook.gateway import start_gateway

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


def test_its_notebook_and_python_blocks_run(monkeypatch, capsys):
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    with start_gateway(token_delay_s=0.0) as gateway:
        monkeypatch.setenv("GPT_ROUTER_API_BASE", gateway.url)
        monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)
        for kind, block in BLOCKS:
            if kind != "bash":
                result = shell.run_cell(block)
                assert result.success, (block, capsys.readouterr())
        assert gateway.requests
        shell.user_ns["chat"].close()
    assert shell.user_ns["answer"].response_metadata["route"][-1]["outcome"] == "answered"


def test_there_is_one_command_to_try_it_and_one_to_test_it():
    ours = [line for kind, block in BLOCKS if kind == "bash" for line in block.splitlines() if line.startswith("./dev")]
    assert ours == ["./dev demo", "./dev test"]
    ci = [line for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert ci[-1].split()[-2:] == ["./dev", "test"]


@pytest.mark.parametrize("command", re.findall(r"(?:^|`)((?:\./dev|gptrouter-notebook) [^\n`]+)", README, re.MULTILINE))
def test_its_commands_and_their_flags_exist(command):
    program, name, *flags = shlex.split(command)
    start = (
        [sys.executable, str(ROOT / "dev")] if program == "./dev" else [sys.executable, "-m", "gptrouter_notebook.cli"]
    )
    shown = subprocess.run([*start, name, "--help"], capture_output=True, text=True, check=True).stdout
    assert all(flag in shown for flag in flags)


def test_its_links_into_the_repository_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
