"""Any conversation through every form it is kept in, and back where there is a way back."""

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from random_conversations import MODELS, SETTINGS, conversations
from test_transcript_html import Reader
from test_transcript_schema import SCHEMA

from gptrouter_notebook.conversation import Conversation
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.exports import export, read
from gptrouter_notebook.message_turns import conversation_of
from gptrouter_notebook.transcript import from_dict, to_dict
from gptrouter_notebook.transcript_bundle import CHAT_MIME, TranscriptBundle

VALIDATOR = Draft202012Validator(SCHEMA)
EVERYTHING = settings(max_examples=60, deadline=None)


def words(html):
    """The characters that a reader sees, without space."""
    found = []
    parser = HTMLParser()
    parser.handle_data = found.append
    parser.feed(html)
    parser.close()
    return "".join("".join(found).split())


def seen(text):
    """A text as HTML can show it: a NUL has no sign, and space is not counted."""
    return "".join(text.replace("\0", "\ufffd").split())


@EVERYTHING
@given(conversations(), MODELS, SETTINGS)
def test_as_data_it_comes_back_the_same_and_fits_the_schema(talk, models, chosen):
    saved = json.loads(json.dumps(to_dict(talk, models, chosen)))
    VALIDATOR.validate(saved)
    back = from_dict(saved)
    assert to_dict(back.conversation, back.models, back.settings) == saved
    assert (list(back.models), back.settings) == (models, chosen)
    assert back.conversation.messages() == talk.messages()
    assert [turn.question for turn in back.conversation] == [turn.question for turn in talk]
    for turn, original in zip(back.conversation.everything(), talk.everything(), strict=True):
        assert (turn.answer.meta, turn.answer.extras) == (original.answer.meta, original.answer.extras)
        assert (turn.answer.reason, turn.answer.error) == (original.answer.reason, original.answer.error)


@EVERYTHING
@given(conversations(), MODELS, SETTINGS)
def test_as_files_it_comes_back_as_data_and_as_messages(talk, models, chosen):
    as_data = read(export(talk, models, chosen, "json").text)
    assert to_dict(as_data, models, chosen) == json.loads(json.dumps(to_dict(talk, models, chosen)))
    as_messages = read(export(talk, models, chosen, "langchain").text)
    assert as_messages.messages() == json_like(talk.messages())


def json_like(messages):
    """The messages as they are after JSON, which has no tuples."""
    return [type(message)(**json.loads(message.model_dump_json())) for message in messages]


@EVERYTHING
@given(conversations())
def test_its_messages_are_a_conversation_of_the_same_messages(talk):
    assert conversation_of(talk.messages()).messages() == talk.messages()


@EVERYTHING
@given(conversations(), MODELS, SETTINGS)
def test_every_word_is_in_the_page_and_the_markdown(talk, models, chosen):
    page = export(talk, models, chosen, "html").text
    Reader(page.split("<body>\n")[1].split("</body>")[0])
    markdown = export(talk, models, chosen, "markdown").text
    for turn in talk:
        assert seen(turn.user) in words(page)
        assert turn.user.strip("\n") in markdown
        for part in turn.answer.parts:
            assert part.text.strip("\n") in markdown
            assert part.broke is None or seen(part.broke) in words(page)
        if turn.answer.error:
            assert seen(turn.answer.error.message) in words(page)


@EVERYTHING
@given(conversations(), MODELS, SETTINGS)
def test_what_a_notebook_keeps_is_the_same_written_at_once_or_turn_by_turn(talk, models, chosen):
    growing, bundle = Conversation(), TranscriptBundle()
    for turn in talk:
        growing.begin(turn.question).answer = turn.answer
        bundle.write(growing, models, chosen, mark="m")
    written = bundle.write(talk, models, chosen, mark="m")
    assert written == TranscriptBundle().write(talk, models, chosen, mark="m")
    assert from_dict(written[CHAT_MIME]).conversation.messages() == talk.messages()
    assert written["text/html"].startswith('<div data-gptr-chat="m">\n')


@EVERYTHING
@given(conversations(), conversations())
def test_a_conversation_loaded_beside_another_leaves_it_a_version_away(here, there):
    before, first = here.messages(), here.path()[:1]
    count = len(here.everything())
    here.graft(there)
    assert len(here.everything()) == count + len(there.everything())
    if there.path():
        assert here.messages() == there.messages()
    if first:
        here.show(first[0])
        assert here.messages() == before


@pytest.mark.parametrize(
    "text", ["", "no", "[]]", "{}", "[1]", "null", '{"version": 2}', '[{"type": "x"}]', '{"cells": []}', "[" * 100_000]
)
def test_anything_else_is_refused_in_one_sentence(text):
    with pytest.raises(ConfigurationError) as refused:
        read(text)
    assert "\n" not in refused.value.message
