"""A conversation saved, read again, and written for readers."""

import copy
import json

import pytest
from sample_conversation import MODELS, SETTINGS, sample_conversation

from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.transcript import from_dict, to_dict


@pytest.fixture
def conversation():
    return sample_conversation()


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


def test_what_was_saved_before_there_were_branches_is_read_as_branches():
    def answer(text, reason="complete"):
        return {"reason": reason, "parts": [{"text": text, "broke": None}], "error": None, "meta": None}

    saved = {
        "version": 1,
        "system_prompt": None,
        "models": ["demo/echo"],
        "turns": [
            {"id": 1, "user": "One", "active": 1, "answers": [answer("a"), answer("b"), answer("c", "stopped")]},
            {"id": 2, "user": "Two", "active": 0, "answers": [answer("d")]},
        ],
    }
    talk = from_dict(saved).conversation
    assert [(turn.id, turn.user, turn.answer.text) for turn in talk] == [(1, "One", "b"), (2, "Two", "d")]
    assert [talk.get(number).answer.text for number in talk.branch(talk.get(1))] == ["a", "b", "c"]
    assert from_dict(to_dict(talk, MODELS, SETTINGS)).conversation.messages() == talk.messages()


@pytest.mark.parametrize("change", [{"active": 3}, {"answers": None}, {"id": "1"}])
def test_something_that_never_was_a_form_of_ours_is_refused(change):
    with pytest.raises(ConfigurationError, match="damaged"):
        from_dict(
            {
                "version": 1,
                "models": ["demo/echo"],
                "turns": [{"id": 1, "user": "x", "active": 0, "answers": [{}]} | change],
            }
        )
