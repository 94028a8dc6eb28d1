"""A conversation written as Markdown."""

import pytest
from sample_conversation import sample_conversation

from gptrouter_notebook.answer import Failure
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.transcript_markdown import to_markdown


def test_markdown_has_one_paragraph_per_thing_said():
    assert to_markdown(sample_conversation(), "Be short.").split("\n\n") == [
        "**System**",
        "Be short.",
        "**You**",
        "Hello 😀",
        "there",
        "**demo/echo**",
        "Once",
        "*demo/breaks broke off; demo/echo was asked instead.*",
        "Whole *answer*",
        "*first token 0.31 s · total 1.50 s · 7 tokens · $0.002*",
        "**You**",
        "Again",
        "![Picture 1](data:image/png;base64,AAAA)",
        "*With x (int).*",
        "*Version 2 of 2.*",
        "**Answer**",
        "```python\nprint(1)\n```",
        "*Reasoning*",
        "> Hm.",
        "*Calls f*",
        '~~~~json\n{\n  "x": 1\n}\n~~~~',
        "- <https://a.b>\n- <u>",
        "*demo/echo broke off.*\n",
    ]


def test_markdown_of_nothing_is_nothing():
    assert to_markdown(Conversation(), "Be short.") == ""


def test_pictures_can_be_told_in_words():
    said = to_markdown(sample_conversation(), pictures=False)
    assert "*1 picture.*" in said
    assert "base64" not in said


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
