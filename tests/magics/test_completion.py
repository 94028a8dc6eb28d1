"""What Tab offers."""

from __future__ import annotations

import pytest
from kernels import Kernel
from replay import eventually


@pytest.fixture(scope="module")
def kernel(gateway):
    running = Kernel(GPT_ROUTER_API_BASE=gateway.url, GPT_ROUTER_API_KEY=gateway.key)
    assert not running.run("%load_ext gptrouter_notebook").error
    yield running
    running.close()


def offered(shell, code):
    """What Tab makes of the code, in a terminal."""
    with pytest.warns(Warning, match="provisional"):
        found = list(shell.Completer.completions(code, len(code)))
    return [code[: one.start] + one.text for one in found]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("%gptrouter ex", ["%gptrouter explain"]),
        ("x = 1\n%gptrouter re", ["x = 1\n%gptrouter reset"]),
        ("%%gptrouter --no-s", ["%%gptrouter --no-stream"]),
        ("%%gptrouter -m demo/echo --fo", ["%%gptrouter -m demo/echo --format"]),
        ("%%gptrouter -f j", ["%%gptrouter -f json"]),
        ("%gptrouter fix --ma", ["%gptrouter fix --max-tokens"]),
        ("%%gptrouter\nPlot {pri", ["%%gptrouter\nPlot {prices"]),
        ("%%gptrouter\nPlot {prices['lo", ["%%gptrouter\nPlot {prices['low']"]),
    ],
)
def test_words_are_completed(shell, code, expected):
    shell.user_ns["prices"] = {"low": 1, "high": 2}
    assert offered(shell, code) == expected


def test_models_are_those_that_an_answer_or_a_table_brought(shell, gateway):
    magics = shell.magics_manager.registry["GPTRouterMagics"]
    assert offered(shell, "%gptrouter use demo/fa") == []
    before = len(gateway.requests)
    shell.run_cell("%%gptrouter -m demo/echo\nHi")
    eventually(lambda: magics._known)
    assert offered(shell, "%gptrouter use demo/fa") == ["%gptrouter use demo/fails-first"]
    assert offered(shell, "%%gptrouter -m demo/sl") == ["%%gptrouter -m demo/slow"]
    assert "%gptrouter use demo/slow demo/slow" not in offered(shell, "%gptrouter use demo/slow demo/sl")
    assert len(gateway.requests) == before + 1


def test_a_gateway_out_of_reach_does_not_keep_tab_waiting(shell, monkeypatch):
    shell.run_cell("%gptrouter use demo/echo demo/slow")
    monkeypatch.setenv("GPT_ROUTER_API_BASE", "http://127.0.0.1:9")
    assert offered(shell, "%%gptrouter -m demo/e") == ["%%gptrouter -m demo/echo"]


def test_it_works_in_a_kernel_too(kernel):
    kernel.run("prices = {'low': 1}")
    assert kernel.complete("%gptrouter ex") == ["%gptrouter explain"]
    assert kernel.complete("%%gptrouter --no-s") == ["%%gptrouter --no-stream"]
    assert kernel.complete("%%gptrouter -f json\n\nSay {pri") == ["%%gptrouter -f json\n\nSay {prices"]
    kernel.run("%gptrouter models")
    assert kernel.complete("%gptrouter use demo/fa") == ["%gptrouter use demo/fails-first"]
