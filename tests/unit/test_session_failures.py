"""Models that fail, before and after their first token, and what is said of it."""

import logging

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel, FakeListChatModelError
from waiting import PATIENCE_S, all_events, asked_of

from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.errors import ConfigurationError, GPTRouterError, ModelNotFound, StreamInterrupted
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.turn_events import Delta, PartBroke


def test_the_next_model_goes_on_below_a_partial_answer(make_session):
    session = make_session("demo/breaks", "demo/down", "demo/echo")
    answer = session.send("Hello").result(PATIENCE_S)
    events = all_events(session)
    broke = next(event for event in events if isinstance(event, PartBroke))
    at = events.index(broke)
    before = "".join(event.text for event in events[:at] if isinstance(event, Delta))
    after = "".join(event.text for event in events[at:] if isinstance(event, Delta))
    assert broke.sentence.startswith(f"demo/breaks broke off after {len(before)} characters (")
    assert "Premature close" in broke.sentence
    assert broke.sentence.endswith("; demo/down was asked instead.")
    assert answer.content == after
    parts = session.conversation.last.answer.parts
    assert [(part.text, part.broke) for part in parts] == [(before, broke.sentence), (after, None)]
    meta = events[-1].meta
    assert meta.label == "demo/echo"
    route = [(hop["model"], hop["outcome"]) for hop in meta.route]
    assert route == [("breaks", "failed"), ("down", "skipped"), ("echo", "answered")]
    assert meta.route == tuple(answer.response_metadata["route"])


def test_when_no_model_is_left_the_partial_stays_and_the_turn_failed(make_session):
    session = make_session("demo/breaks")
    asked = session.send("Hello")
    with pytest.raises(StreamInterrupted) as raised:
        asked.result(PATIENCE_S)
    ended = all_events(session)[-1]
    assert ended.reason == asked.reason == "failed"
    assert ended.error.kind == "StreamInterrupted"
    assert "no model is left" in ended.error.message
    assert [hop["outcome"] for hop in ended.meta.route] == ["failed"]
    answer = session.conversation.last.answer
    assert answer.text == raised.value.partial != ""


def test_two_breaks_make_three_parts_and_the_last_partial_counts(make_session):
    session = make_session("demo/breaks", "demo/ends-early")
    with pytest.raises(StreamInterrupted):
        session.send("Hello").result(PATIENCE_S)
    first, second = session.conversation.last.answer.parts
    assert first.broke
    assert second.broke is None
    assert session.conversation.messages()[-1].content == second.text
    route = all_events(session)[-1].meta.route
    assert [(hop["model"], hop["outcome"]) for hop in route] == [("breaks", "failed"), ("ends-early", "failed")]


def test_a_turn_nobody_answered_is_not_told_to_the_next_model(make_session, gateway):
    session = make_session("demo/down")
    with pytest.raises(GPTRouterError):
        session.send("One").result(PATIENCE_S)
    session.models = as_models(["demo/echo"])
    session.send("Two").result(PATIENCE_S)
    assert asked_of(gateway) == [("user", "Two")]


def test_an_unknown_model_fails_the_turn_with_its_own_sentence(make_session):
    session = make_session("demo/ekko")
    with pytest.raises(ModelNotFound):
        session.send("Hi").result(PATIENCE_S)
    assert "demo/echo" in all_events(session)[-1].error.message


def test_without_a_key_the_turn_says_which_variable_to_set(make_session, gateway, monkeypatch):
    monkeypatch.delenv("GPT_ROUTER_API_KEY", raising=False)
    model = GPTRouter(models_priority_list=["demo/echo"], base_url=gateway.url)
    session = make_session("demo/echo", model=model)
    with pytest.raises(ConfigurationError, match="GPT_ROUTER_API_KEY"):
        session.send("Hi").result(PATIENCE_S)
    assert "GPT_ROUTER_API_KEY" in all_events(session)[-1].error.message


def test_an_exception_of_a_strangers_model_becomes_one_sentence(make_session, caplog):
    caplog.set_level(logging.DEBUG, "gptrouter_notebook")
    session = make_session("p/m", model=FakeListChatModel(responses=["abcdef"], error_on_chunk_number=3))
    asked = session.send("Hi")
    with pytest.raises(FakeListChatModelError):
        asked.result(PATIENCE_S)
    error = all_events(session)[-1].error
    assert error.kind == "FakeListChatModelError"
    assert "FakeListChatModelError" in error.message
    assert "\n" not in error.message
    assert session.conversation.last.answer.text == "abc"
    assert "Traceback" in caplog.text


def test_the_key_is_nowhere_in_what_is_told_or_logged(make_session, gateway, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = "wrong-key-4711"
    model = GPTRouter(models_priority_list=["demo/echo"], base_url=gateway.url, api_key=wrong, max_retries=0)
    session = make_session("demo/echo", model=model)
    with pytest.raises(ConfigurationError):
        session.send("Hi").result(PATIENCE_S)
    assert "Traceback" in caplog.text
    assert wrong not in caplog.text + repr(all_events(session))
