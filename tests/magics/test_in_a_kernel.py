"""`%%gptrouter` in a real kernel: what a front end is sent, and what stays in the notebook."""

from __future__ import annotations

import json
import time

import pytest
from jupyter_kernel_test.msgspec_v5 import validate_message
from kernels import Kernel
from replay import eventually


@pytest.fixture(scope="module")
def kernel(gateway):
    running = Kernel(GPT_ROUTER_API_BASE=gateway.url, GPT_ROUTER_API_KEY=gateway.key)
    assert not running.run("%load_ext gptrouter_notebook").error
    yield running
    running.close()


def answered(kernel, script, form, text):
    script.text = text
    ran = kernel.run(f"%%gptrouter -m demo/script -f {form} -o ans\nHi")
    assert not ran.error
    return ran


def test_markdown_stays_as_one_output_with_its_route(kernel, script):
    ran = answered(kernel, script, "markdown", "# Head\n\nand *text*")
    [output] = ran.outputs
    assert output["text/markdown"].startswith("# Head\n\nand *text*\n\n*demo/script · first token")
    assert output["text/plain"] == output["text/markdown"]


def test_text_is_not_read_as_markdown(kernel, script):
    [output] = answered(kernel, script, "text", "# no head").outputs
    assert list(output) == ["text/plain"]
    assert output["text/plain"].startswith("# no head\n\n")


def test_code_goes_into_a_new_cell_and_prose_stays(kernel, script):
    ran = answered(kernel, script, "code", "Look:\n\n```python\nx = 1\n```\n")
    assert ran.next_cell == "x = 1"
    [output] = ran.outputs
    assert output["text/markdown"].startswith("Look:\n\n*demo/script · ")
    assert "the code is in a new cell below" in output["text/markdown"]
    # A runner that makes no cells must not lose it.
    assert "x = 1" in output["text/plain"]


def test_json_stays_as_a_tree_with_its_route_below(kernel, script):
    tree, route = answered(kernel, script, "json", '{"a": [1, "λ"]}').outputs
    assert tree["application/json"] == {"a": [1, "λ"]}
    assert json.loads(tree["text/plain"]) == {"a": [1, "λ"]}
    assert route["text/markdown"].startswith("*demo/script · ")
    assert kernel.run("print(ans.json()['a'][0])").printed == "1\n"


def test_json_with_a_fault_fails_the_cell_and_shows_what_came(kernel, script):
    script.text = '{"a": }'
    ran = kernel.run("%%gptrouter -m demo/script -f json -o fresh\nHi")
    assert "NotJSON: demo/script did not answer in JSON (line 1, column 7: Expecting value)" in ran.error
    [output] = ran.outputs
    assert output["text/plain"].startswith('{"a": }')
    assert "NameError" in kernel.run("fresh").error


def test_html_stays_in_a_sandbox(kernel, script):
    page, route = answered(kernel, script, "html", "<b>bold</b>").outputs
    assert page["text/html"].startswith("<iframe sandbox srcdoc=")
    assert page["text/plain"] == "<b>bold</b>"
    assert "demo/script" in route["text/plain"]


def test_math_stays_as_a_formula(kernel, script):
    [output] = answered(kernel, script, "math", "\\[ x^2 \\]").outputs
    assert output["text/markdown"].startswith("$$\nx^2\n$$\n\n*demo/script")


def test_an_abandoned_answer_stays_above_a_tree(kernel, script):
    script.text = "[1]"
    tree, words = kernel.run("%%gptrouter -m demo/breaks -m demo/script -f json\nHi").outputs
    assert tree["application/json"] == [1]
    assert "broke off" in words["text/markdown"]


def test_a_long_answer_costs_in_proportion_to_its_length(kernel):
    costs = {}
    for tokens in (2_000, 20_000):
        ran = kernel.run(f"%%gptrouter -m demo/long --no-history --max-tokens {tokens} -o ans\nHi")
        assert not ran.error
        costs[tokens] = ran.sent_bytes / len(ran.outputs[0]["text/plain"])
    assert costs[20_000] < 2 * 14  # two texts in a bundle, each at most a dozen times and the end


def test_what_a_stalled_stream_brought_is_on_show(kernel, gateway):
    shown = []

    def on_display(bundle):
        shown.append(bundle["text/markdown"])
        # The demo says these words and falls silent.
        if shown[-1] == "I am a demo model":
            kernel.manager.interrupt_kernel()

    ran = kernel.run("%%gptrouter -m demo/stalls\nHi", on_display=on_display)
    assert "KeyboardInterrupt" in ran.error
    assert shown[-1].rstrip().endswith("*stopped*")
    eventually(lambda: gateway.open_streams == 0)


def test_an_interrupt_takes_less_than_a_third_of_a_second(kernel):
    interrupted_at = []

    def on_display(_bundle):
        if not interrupted_at:
            interrupted_at.append(time.perf_counter())
            kernel.manager.interrupt_kernel()

    ran = kernel.run("%%gptrouter -m demo/stalls -o never\nHi", on_display=on_display)
    took_s = time.perf_counter() - interrupted_at[0]
    assert "KeyboardInterrupt" in ran.error
    assert took_s < 0.3
    [output] = ran.outputs
    assert output["text/markdown"].startswith("I am a demo model")
    assert "NameError" in kernel.run("never").error


def test_out_and_underscore_are_the_answer_and_nothing_is_shown_twice(kernel, script):
    ran = answered(kernel, script, "text", "said")
    assert len(ran.outputs) == 1
    assert kernel.run("print(_ is ans, Out[max(Out)] is ans, _.text)").printed == "True True said\n"


@pytest.mark.parametrize("form", ["markdown", "text", "code", "json", "html", "math"])
def test_any_front_end_of_the_protocol_understands_it(kernel, script, form):
    """VS Code for one: it shows these types, and has no part of ours."""
    kernel.heard.clear()
    ran = answered(kernel, script, form, "[1]")
    kinds = [message["msg_type"] for message in kernel.heard]
    for message, kind in zip(kernel.heard, kinds, strict=True):
        validate_message(message, kind, message["parent_header"]["msg_id"])
    assert "update_display_data" in kinds
    shown = {"text/plain", "text/markdown", "text/html", "text/latex", "application/json"}
    assert all(output.keys() <= shown and "text/plain" in output for output in ran.outputs)
