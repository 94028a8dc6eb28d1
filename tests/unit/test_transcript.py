"""A conversation saved, read again, and written for readers."""

import copy
import json

import pytest
from langchain_core.messages import UsageMetadata

from gptrouter_notebook.conversation import Conversation, Failure, Meta
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.transcript import from_dict, to_dict, to_markdown

MODELS = as_models(["demo/breaks", "demo/echo"])
HOP = {"model": "echo", "provider": "demo", "outcome": "answered", "reason": None, "inferred": False, "seconds": 1.5}


@pytest.fixture
def conversation():
    talk = Conversation()
    first = talk.begin("Hello 😀\n\nthere")
    first.answer.append("Once")
    first.answer.break_off("demo/breaks broke off; demo/echo was asked instead.")
    first.answer.append("Whole *answer*")
    first.answer.finish(
        "complete",
        meta=Meta(
            model_name="echo",
            provider="demo",
            model_id="1",
            finish_reason="stop",
            route=(HOP,),
            first_token_s=0.31,
            total_s=1.5,
            usage=UsageMetadata(input_tokens=3, output_tokens=4, total_tokens=7),
        ),
    )
    second = talk.begin("Again")
    second.answer.append("Half")
    second.answer.finish("stopped")
    second.ask_again()
    second.answer.append("```python\nprint(1)")
    second.answer.finish("failed", error=Failure("demo/echo broke off.", "StreamInterrupted"))
    return talk


def test_a_saved_conversation_reads_back_the_same(conversation):
    saved = to_dict(conversation, MODELS, "Be short.")
    read = from_dict(json.loads(json.dumps(saved)))
    assert read.models == MODELS
    assert read.system_prompt == "Be short."
    assert to_dict(read.conversation, read.models, read.system_prompt) == saved
    assert read.conversation.messages() == conversation.messages()


def test_numbers_go_on_after_reading(conversation):
    read = from_dict(to_dict(conversation, MODELS, None))
    assert read.conversation.begin("next").id == conversation.begin("next").id


def test_an_answer_saved_in_mid_stream_counts_as_stopped():
    talk = Conversation()
    talk.begin("Hi").answer.append("Hel")
    answer = from_dict(to_dict(talk, MODELS, None)).conversation.turns[0].answer
    assert (answer.reason, answer.text) == ("stopped", "Hel")


def damage(path, value):
    def change(saved):
        place = saved
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (damage(["version"], 2), "version 2"),
        (damage(["turns"], None), '"turns" of the conversation'),
        (damage(["turns", 0], "x"), r"turns\[0\]"),
        (damage(["turns", 0, "user"], 3), r'"user" of turns\[0\]'),
        (damage(["turns", 0, "id"], value=True), r'"id" of turns\[0\]'),
        (damage(["turns", 0, "id"], 2), 'same "id"'),
        (damage(["turns", 0, "active"], 5), '"active" of turns'),
        (damage(["turns", 0, "active"], -1), '"active" of turns'),
        (damage(["turns", 0, "answers", 0, "reason"], "bored"), "bored"),
        (damage(["turns", 0, "answers", 0, "parts", 1, "text"], None), r'"text" of turns\[0\].answers\[0\].parts\[1\]'),
        (damage(["turns", 0, "answers", 0, "meta", "route", 0], 1), r"route\[0\]"),
        (damage(["turns", 0, "answers", 0, "meta", "latency"], None), '"latency"'),
        (damage(["turns", 0, "answers", 0, "meta", "usage", "total_tokens"], "7"), '"total_tokens"'),
        (damage(["turns", 1, "answers", 1, "error", "kind"], None), '"kind"'),
        (damage(["models"], []), "no model"),
        (damage(["system_prompt"], 1), '"system_prompt"'),
    ],
)
def test_a_damaged_conversation_is_refused_in_one_sentence_that_names_the_place(conversation, change, sentence):
    saved = copy.deepcopy(to_dict(conversation, MODELS, None))
    change(saved)
    with pytest.raises(ConfigurationError, match=sentence):
        from_dict(saved)


@pytest.mark.parametrize("other", [None, [], "text", {}, {"turns": []}])
def test_something_else_is_refused(other):
    with pytest.raises(ConfigurationError, match="no saved conversation"):
        from_dict(other)


def test_markdown_has_one_paragraph_per_thing_said(conversation):
    assert to_markdown(conversation, "Be short.").split("\n\n") == [
        "**System**",
        "Be short.",
        "**You**",
        "Hello 😀",
        "there",
        "**demo/echo**",
        "Once",
        "*demo/breaks broke off; demo/echo was asked instead.*",
        "Whole *answer*",
        "*first token 0.31 s · total 1.50 s · 7 tokens*",
        "**You**",
        "Again",
        "**Answer**",
        "```python\nprint(1)\n```",
        "*demo/echo broke off.*\n",
    ]


def test_markdown_of_nothing_is_nothing():
    assert to_markdown(Conversation(), "Be short.") == ""


def test_a_sentence_with_stars_stays_one_run_of_italics():
    talk = Conversation()
    talk.begin("Hi").answer.finish("failed", error=Failure("2*3\n*4 failed.", "ValueError"))
    assert to_markdown(talk).endswith("\n\n*2\\*3 \\*4 failed.*\n")


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("~~~~\ncode\n~~~", "~~~~\ncode\n~~~\n~~~~"),
        ("```\na\n```\ntext", "```\na\n```\ntext"),
        ("````md\n```\n````", "````md\n```\n````"),
        ("```\na\n```b", "```\na\n```b\n```"),
    ],
)
def test_a_code_block_cut_by_stop_is_closed_and_a_closed_one_left_alone(text, closed):
    talk = Conversation()
    turn = talk.begin("Code")
    turn.answer.append(text)
    turn.answer.finish("stopped")
    assert to_markdown(talk) == f"**You**\n\nCode\n\n**Answer**\n\n{closed}\n\n*Stopped here.*\n"
