"""A conversation saved, read again, and written for readers."""

import copy
import json

import pytest
from langchain_core.messages import UsageMetadata
from langchain_core.messages.tool import tool_call

from gptrouter_notebook.answer import Extras, Failure, Meta
from gptrouter_notebook.context import Inserted
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.transcript import from_dict, to_dict, to_markdown

MODELS = as_models(["demo/breaks", "demo/echo"])
EXTRAS = Extras("Hm.", ("https://a.b", {"url": "u"}), (tool_call(name="f", args={"x": 1}, id="c1"),))
SETTINGS = Settings("Be short.", 0.5, 300, ("END",))
HOP = {"model": "echo", "provider": "demo", "outcome": "answered", "reason": None, "inferred": False, "seconds": 1.5}


@pytest.fixture
def conversation():
    talk = Conversation()
    first = talk.begin(Question("Hello 😀\n\nthere"))
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
            cost=0.002,
            usage=UsageMetadata(input_tokens=3, output_tokens=4, total_tokens=7),
        ),
    )
    second = talk.begin(
        Question("Again", "Again, with 7", ("data:image/png;base64,AAAA",), (Inserted("x", "int", 1, is_cut=False),))
    )
    second.answer.append("Half")
    second.answer.finish("stopped")
    second.is_left_out = True
    third = talk.ask_again(second)
    third.answer.append("```python\nprint(1)")
    third.answer.finish(
        "failed", error=Failure("demo/echo broke off.", "StreamInterrupted", is_too_long=True), extras=EXTRAS
    )
    return talk


def test_a_saved_conversation_reads_back_the_same(conversation):
    saved = to_dict(conversation, MODELS, SETTINGS)
    read = from_dict(json.loads(json.dumps(saved)))
    assert read.models == MODELS
    assert read.settings == SETTINGS
    assert to_dict(read.conversation, read.models, read.settings) == saved
    assert read.conversation.messages() == conversation.messages()


def test_numbers_go_on_after_reading(conversation):
    read = from_dict(to_dict(conversation, MODELS, Settings()))
    assert read.conversation.begin(Question("n")).id == conversation.begin(Question("n")).id


def test_an_answer_saved_in_mid_stream_counts_as_stopped():
    talk = Conversation()
    talk.begin(Question("Hi")).answer.append("Hel")
    answer = from_dict(to_dict(talk, MODELS, Settings())).conversation.last.answer
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
        (damage(["turns", 1, "id"], 1), r'"id" of turns\[1\] is taken'),
        (damage(["turns", 0, "id"], 0), r'"id" of turns\[0\]'),
        (damage(["turns", 0, "parent"], 2), r'"parent" of turns\[0\]'),
        (damage(["turns", 0, "is_active"], 1), '"is_active"'),
        (damage(["turns", 0, "images"], [1]), r"images\[0\]"),
        (damage(["turns", 1, "inserted", 0, "length"], "1"), r'"length" of turns\[1\].inserted\[0\]'),
        (damage(["turns", 0, "answer"], []), '"answer"'),
        (damage(["turns", 0, "answer", "reason"], "bored"), "bored"),
        (damage(["turns", 0, "answer", "parts", 1, "text"], None), r'"text" of turns\[0\].answer.parts\[1\]'),
        (damage(["turns", 0, "answer", "meta", "route", 0], 1), r"route\[0\]"),
        (damage(["turns", 0, "answer", "meta", "latency"], None), '"latency"'),
        (damage(["turns", 0, "answer", "meta", "usage", "total_tokens"], "7"), '"total_tokens"'),
        (damage(["turns", 2, "answer", "error", "kind"], None), '"kind"'),
        (damage(["turns", 2, "answer", "error", "is_too_long"], None), '"is_too_long"'),
        (damage(["turns", 2, "answer", "extras"], None), '"extras"'),
        (damage(["turns", 2, "answer", "extras", "tool_calls", 0, "args"], []), r'"args".*tool_calls\[0\]'),
        (damage(["temperature"], "hot"), '"temperature"'),
        (damage(["max_tokens"], 0), "0 tokens"),
        (damage(["stop_sequences"], [1]), r"stop_sequences\[0\]"),
        (damage(["models"], []), "no model"),
        (damage(["system_prompt"], 1), '"system_prompt"'),
    ],
)
def test_a_damaged_conversation_is_refused_in_one_sentence_that_names_the_place(conversation, change, sentence):
    saved = copy.deepcopy(to_dict(conversation, MODELS, Settings()))
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
    talk.begin(Question("Hi")).answer.finish("failed", error=Failure("2*3\n*4 failed.", "ValueError"))
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
    turn = talk.begin(Question("Code"))
    turn.answer.append(text)
    turn.answer.finish("stopped")
    assert to_markdown(talk) == f"**You**\n\nCode\n\n**Answer**\n\n{closed}\n\n*Stopped here.*\n"
