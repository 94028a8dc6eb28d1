"""`%gptrouter` and `%%gptrouter` in a terminal's shell, against the embedded gateway."""

from __future__ import annotations

import signal
import threading

import pytest
from replay import eventually
from shells import asked


def test_an_answer_is_printed_and_kept(shell, capsys):
    result = shell.run_cell("%%gptrouter -m demo/echo -o ans\nHello there")
    assert result.success
    printed = capsys.readouterr().out
    assert "you said “Hello there”" in printed
    assert "demo/echo · first token" in printed
    ans = shell.user_ns["ans"]
    assert ans.text in printed
    assert (ans.provider, ans.model) == ("demo", "echo")
    assert ans.usage["total_tokens"] > 0
    assert ans.latency["total"] >= ans.latency["first_token"] > 0
    assert ans.route[-1]["outcome"] == "answered"
    assert ans.cost is None
    assert ans.message.content == ans.text == str(ans)


def test_the_list_goes_out_in_its_order_with_system_prompt_and_parameters(shell, gateway):
    flags = "-m demo/echo -m demo/markdown -s 'Be brief.' -t 0.5 --max-tokens 9 --param top_p=0.25 --param user=ada"
    assert shell.run_cell(f"%%gptrouter {flags}\nHi").success
    system, user = {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}
    assert asked(gateway) == [("demo/echo", [system, user]), ("demo/markdown", [system, user])]
    params = gateway.requests[-1]["data"][0]["promptParams"]
    assert {k: v for k, v in params.items() if k != "messages"} == {
        "temperature": 0.5,
        "max_tokens": 9,
        "top_p": 0.25,
        "user": "ada",
    }


@pytest.mark.parametrize(
    "prompt", ["{'a': 1} {{x}} ${x} $HOME $x f'{x}' {y}", "ends in a semicolon;", "λ 🚀 %d %s \\n", "?what", "!ls"]
)
def test_prompts_are_text(shell, gateway, prompt):
    shell.user_ns["x"] = "never this"
    assert shell.run_cell(f"%%gptrouter -m demo/echo\n{prompt}").success
    assert asked(gateway)[0][1][-1]["content"] == prompt


def test_use_sets_who_is_asked_from_now_on(shell, gateway, capsys):
    shell.run_cell("%gptrouter use demo/echo demo/markdown")
    assert "demo/echo" in capsys.readouterr().out
    shell.run_cell("%%gptrouter\nHi")
    assert [label for label, _ in asked(gateway)] == ["demo/echo", "demo/markdown"]


def test_the_answer_is_in_out_too(shell):
    shell.run_cell("%%gptrouter -m demo/echo -o ans\nHi", store_history=True)
    assert shell.user_ns["_"] is shell.user_ns["Out"][1] is shell.user_ns["_1"] is shell.user_ns["ans"]
    assert shell.run_cell("_.text", store_history=True).result == shell.user_ns["ans"].text


def test_settings_hold_where_a_cell_says_nothing(shell, gateway, capsys):
    shell.run_cell("%config GPTRouterMagics")
    listed = capsys.readouterr().out
    assert "GPTRouterMagics.models=<list-item-1>" in listed
    for setting in ("models = ['demo/echo']", "system_prompt = 'Be brief.'", "temperature = 0.5", "max_tokens = 7"):
        assert f"GPTRouterMagics.{setting.split()[0]}=" in listed
        shell.run_cell(f"%config GPTRouterMagics.{setting}")
    shell.run_cell("%%gptrouter\nHi")
    params = gateway.requests[-1]["data"][0]["promptParams"]
    assert (params["temperature"], params["max_tokens"]) == (0.5, 7)
    assert params["messages"][0] == {"role": "system", "content": "Be brief."}
    shell.run_cell("%%gptrouter -s Differently. -t 0 --max-tokens 9\nHi")
    params = gateway.requests[-1]["data"][0]["promptParams"]
    assert (params["temperature"], params["max_tokens"]) == (0, 9)
    assert params["messages"][0] == {"role": "system", "content": "Differently."}


def test_loading_the_magics_again_keeps_the_session(shell, gateway):
    shell.run_cell("%%gptrouter -m demo/echo\nOne")
    shell.run_cell("%reload_ext gptrouter_notebook")
    shell.run_cell("%%gptrouter -m demo/echo\nTwo")
    assert len(asked(gateway)[0][1]) == 3
    assert [type(one).__name__ for one in shell.configurables].count("GPTRouterMagics") == 1


def test_models_are_a_setting(shell, gateway):
    shell.run_cell("%config GPTRouterMagics.models = ['demo/echo']")
    shell.run_cell("%%gptrouter\nHi")
    assert [label for label, _ in asked(gateway)] == ["demo/echo"]


def test_a_broken_answer_is_marked_and_the_next_model_goes_on(shell, capsys):
    assert shell.run_cell("%%gptrouter -m demo/breaks -m demo/echo -o ans\nHi").success
    printed = capsys.readouterr().out
    assert printed.index("broke off") < printed.index("you said “Hi”")
    assert [hop["outcome"] for hop in shell.user_ns["ans"].route] == ["failed", "answered"]


def test_without_streaming_the_answer_is_printed_at_once(shell, monkeypatch):
    writes = []
    monkeypatch.setattr(
        "sys.stdout", type("Out", (), {"write": lambda _, text: writes.append(text), "flush": lambda _: None})()
    )
    shell.run_cell("%%gptrouter -m demo/long --no-stream\nHi")
    assert len(writes) == 1
    writes.clear()
    shell.run_cell("%%gptrouter -m demo/long\nHi")
    assert len(writes) > 3


FAILURES = [
    ("%%gptrouter -m demo/fails-first\nHi", "NoModelAvailable: demo/fails-first failed"),
    ("%%gptrouter -m demo/breaks\nHi", "broke off"),
    ("%%gptrouter -m demo/ecko\nHi", "did you mean demo/echo?"),
    ("%%gptrouter -m echo\nHi", 'write "provider/name"'),
    ("%%gptrouter\nHi", "No model is named"),
    ("%%gptrouter -m demo/echo --param top_p\nHi", "write --param KEY=VALUE"),
    ("%%gptrouter -m demo/echo --param temperatur=1\nHi", "did you mean temperature=?"),
    ("%%gptrouter -m demo/echo --param model=x\nHi", "model is no parameter of a provider: -m says who"),
    ("%%gptrouter -m demo/echo -t -1\nHi", "The temperature cannot be -1"),
    ("%%gptrouter -m demo/echo\n  \n", "The cell has no text"),
    ("%%gptrouter -m demo/echo -s 'open\nHi", "close the quote"),
    ("%%gptrouter --modell demo/echo\nHi", 'no flag "--modell": did you mean --model?'),
    ("%%gptrouter -m demo/echo -o not-a-name\nHi", "needs the name of a variable"),
    ("%%gptrouter --zzz\nHi", "there are --model, --format, --out"),
    ("%%gptrouter demo/echo\nHi", "did you mean -m demo/echo?"),
    ("%%gptrouter echo\nHi", "the question goes below it"),
    ("%%gptrouter models\nHi", "the subcommand is %gptrouter models"),
    ("%%gptrouter -m demo/echo -f jsn\nHi", "invalid choice: 'jsn'"),
    ("%%gptrouter -m demo/echo -f json\nHi", "demo/echo did not answer in JSON (line 1, column 1"),
    ("%gptrouter fix", "No cell has failed"),
    ("%gptrouter modles", "did you mean `%gptrouter models`?"),
    ("%gptrouter frobnicate", "there are help, version"),
    ("%gptrouter use", "The priority list has no model"),
]


@pytest.mark.parametrize(("cell", "sentence"), FAILURES)
def test_a_failure_fails_the_cell_with_a_sentence_and_no_stack(shell, capsys, cell, sentence):
    shell.user_ns["ans"] = "as it was"
    result = shell.run_cell(cell.replace("%%gptrouter", "%%gptrouter -o ans", 1) if "-o" not in cell else cell)
    captured = capsys.readouterr()
    shown = captured.out + captured.err
    assert not result.success
    assert sentence in shown
    assert "Traceback" not in shown
    assert ".py" not in shown
    assert shell.user_ns["ans"] == "as it was"


def test_a_missing_and_a_wrong_key_are_said_without_the_key(shell, monkeypatch, capsys):
    monkeypatch.setenv("GPT_ROUTER_API_KEY", "canary-key-1234")
    assert not shell.run_cell("%%gptrouter -m demo/echo\nHi").success
    assert "refused the key" in (shown := capsys.readouterr().out)
    shell.run_cell("%xmode Verbose")
    shell.run_line_magic("tb", "")
    assert "canary" not in shown + capsys.readouterr().out
    monkeypatch.delenv("GPT_ROUTER_API_KEY")
    assert not shell.run_cell("%%gptrouter -m demo/echo\nHi").success
    shown = capsys.readouterr().out
    assert "GPT_ROUTER_API_KEY" in shown
    assert "%gptrouter demo" in shown


def test_an_interrupt_stops_the_answer_and_closes_the_connection(shell, gateway, capsys):
    def interrupt():
        eventually(lambda: gateway.requests and gateway.open_streams)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    result = shell.run_cell("%%gptrouter -m demo/stalls\nHi")
    interrupter.join()
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    shown = capsys.readouterr().out
    assert "stopped" in shown
    assert "KeyboardInterrupt: The answer was stopped; what came so far is kept." in shown
    assert ".py" not in shown
    eventually(lambda: gateway.open_streams == 0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_models_lists_health_and_latency(shell, capsys):
    shell.run_cell("%gptrouter models demo/")
    table = capsys.readouterr().out
    assert "demo/echo" in table
    assert "90 ms" in table
    assert "skipped: slower than 4 s" in table
    assert "anthropic" not in table


def test_alone_it_says_what_it_can_do(shell, capsys):
    shell.run_cell("%gptrouter")
    assert "%gptrouter models [SEARCH]" in capsys.readouterr().out


def test_the_demo_gateway_answers_in_this_process(shell, monkeypatch, capsys):
    monkeypatch.delenv("GPT_ROUTER_API_BASE")
    monkeypatch.delenv("GPT_ROUTER_API_KEY")
    assert shell.run_cell("%gptrouter demo").success
    assert "A demo gateway runs in this kernel" in capsys.readouterr().out
    assert shell.run_cell("%%gptrouter -m demo/echo\nHi").success
    assert "you said “Hi”" in capsys.readouterr().out


def test_the_demo_gateway_beside_the_notebook_is_used_when_there_is_one(shell, gateway, monkeypatch, capsys):
    monkeypatch.setenv("GPTROUTER_DEMO_GATEWAY", gateway.url)
    shell.run_cell("%gptrouter demo")
    assert gateway.url in capsys.readouterr().out
    shell.run_cell("%%gptrouter -m demo/echo\nHi")
    assert asked(gateway)[0][0] == "demo/echo"
