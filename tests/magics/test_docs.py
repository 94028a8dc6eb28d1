"""What the README and the help say of the magics, run: every flag, every format, every subcommand, every setting."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shells import asked

from gptrouter_notebook.commands import SUBCOMMANDS, help_text
from gptrouter_notebook.formats import FORMATS
from gptrouter_notebook.magics import GPTRouterMagics

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
MAGIC = README.partition("## The magic\n")[2].partition("\n## ")[0]
HELP = help_text().markdown
FLAGS_HELP = GPTRouterMagics.cell.__doc__
DOCUMENTATION = {"README": MAGIC, "%gptrouter": HELP, "%%gptrouter?": FLAGS_HELP}

ACTIONS = {action.option_strings[0]: action for action in GPTRouterMagics.cell.parser._actions}
FLAGS = {flag: action for action in ACTIONS.values() for flag in action.option_strings}

SAID = re.compile(r"(?<![\w-])(--?[a-z][a-z-]*)(?=[\s`\]=]|$)", re.MULTILINE)
RUNS = {
    "--model": ("demo/markdown", lambda sent, _: sent[0]["modelName"] == "markdown"),
    "--format": ("text", lambda sent, _: "plain text" in sent[0]["promptParams"]["messages"][0]["content"]),
    "--out": ("kept", lambda _, shell: "kept" in shell.user_ns),
    "--system": ("Brief", lambda sent, _: sent[0]["promptParams"]["messages"][0]["content"] == "Brief"),
    "--temperature": ("0.5", lambda sent, _: sent[0]["promptParams"]["temperature"] == 0.5),
    "--max-tokens": ("7", lambda sent, _: sent[0]["promptParams"]["max_tokens"] == 7),
    "--param": ("top_p=0.5", lambda sent, _: sent[0]["promptParams"]["top_p"] == 0.5),
    "--no-stream": ("", lambda *_: True),
    "--no-history": ("", lambda sent, _: len(sent[0]["promptParams"]["messages"]) == 1),
    "--raw": ("", lambda sent, _: sent[0]["promptParams"]["messages"][-1]["content"] == "Say {word}"),
}


def flags_in(text):
    """The flags that a text speaks of, in code marks or in a usage line."""
    code = re.findall(r"`([^`\n]+)`|^((?:%%gptrouter|::| {2,}).*)$", text, re.MULTILINE)
    return {flag for pair in code for flag in SAID.findall(" ".join(pair))}


def subcommands_in(text):
    return set(re.findall(r"(?<!%)%gptrouter ([a-z]+)", text))


@pytest.mark.parametrize("where", DOCUMENTATION)
def test_it_speaks_of_no_flag_or_subcommand_that_there_is_not(where):
    assert flags_in(DOCUMENTATION[where]) <= FLAGS.keys()
    assert subcommands_in(DOCUMENTATION[where]) <= {usage.split()[0] for usage in SUBCOMMANDS}


def test_every_flag_and_subcommand_is_spoken_of(shell):
    magics = shell.magics_manager.registry["GPTRouterMagics"]
    assert {usage.split()[0] for usage in SUBCOMMANDS} == set(magics._subcommands)
    assert flags_in(FLAGS_HELP) == FLAGS.keys()
    said = flags_in(MAGIC)
    assert not [name for name, action in ACTIONS.items() if not said & set(action.option_strings)]
    assert subcommands_in(HELP) == {usage.split()[0] for usage in SUBCOMMANDS}
    assert {form for form in FORMATS if f"-f {form}" in MAGIC} == {*FORMATS} - {"markdown"}


@pytest.mark.parametrize("flag", sorted(set.union(*map(flags_in, DOCUMENTATION.values()))))
def test_every_flag_does_what_it_says(shell, gateway, flag):
    shell.user_ns["word"] = "value"
    value, holds = RUNS[next(name for name in FLAGS[flag].option_strings if name in RUNS)]
    shell.run_cell("%gptrouter use demo/echo")
    assert shell.run_cell("%%gptrouter\nFirst").success
    assert shell.run_cell(f"%%gptrouter {flag} {value}\nSay {{word}}").success
    assert holds(gateway.requests[-1]["data"], shell)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_shown(shell, script, form):
    script.text = "[1]"
    assert shell.run_cell(f"%%gptrouter -m demo/script -f {form}\nHi").success


@pytest.mark.parametrize("line", sorted(set(re.findall(r"`(%gptrouter(?: [^`\n]+)?)`", MAGIC + HELP))))
def test_every_subcommand_runs(shell, line, script, capsys):
    script.text = "```python\n1\n```"
    words = line.replace("PROVIDER/NAME …", "demo/echo demo/markdown").replace("[SEARCH]", "demo/echo")
    shell.run_cell("%gptrouter use demo/script demo/echo")
    shell.run_cell("1 / 0")
    capsys.readouterr()
    assert shell.run_cell(words.replace("[FLAGS]", "--no-stream")).success
    assert capsys.readouterr().out.strip()
    shell.run_cell("%gptrouter reset")


def test_the_readmes_list_is_used(shell, gateway):
    use = next(line for line in re.findall(r"`(%gptrouter use [^`]+)`", MAGIC))
    shell.run_cell(use)
    shell.run_cell("%%gptrouter\nHi")
    assert [label for label, _ in asked(gateway)] == use.split()[2:]


def test_every_setting_has_its_sentence():
    for name, trait in GPTRouterMagics.class_traits(config=True).items():
        assert trait.help.endswith("."), name
