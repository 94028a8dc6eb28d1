"""What comes beside the text: reasoning, citations, tool calls, and what the key has left."""

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk
from recorded_view import is_idle
from waiting import PATIENCE_S, next_event

from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.gateway import start_gateway
from gptrouter_notebook.turn_events import Ended

CITATION = {"url": "https://example.org", "title": "Example"}


class Thinks(GenericFakeChatModel):
    """A model that reasons, cites and calls a tool, piece by piece."""

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        del messages, stop, run_manager, kwargs
        for chunk in (
            AIMessageChunk("", additional_kwargs={"reasoning_content": "Let me "}),
            AIMessageChunk("", additional_kwargs={"reasoning_content": "see."}),
            AIMessageChunk("Blue", additional_kwargs={"citations": [CITATION]}),
            AIMessageChunk("", tool_call_chunks=[tool_call_chunk(name="look", args='{"wh', id="c1", index=0)]),
            AIMessageChunk("", tool_call_chunks=[tool_call_chunk(name=None, args='ere": 1}', id=None, index=0)]),
        ):
            yield ChatGenerationChunk(message=chunk)


@pytest.fixture
def session(make_session):
    return make_session("p/m", model=Thinks(messages=iter([AIMessage("")])))


def test_reasoning_citations_and_tool_calls_are_kept_and_told(session):
    answer = session.send("Why?").result(PATIENCE_S)
    extras = next_event(session, Ended).extras
    assert (extras.reasoning, extras.citations) == ("Let me see.", (CITATION,))
    assert [(call["name"], call["args"]) for call in extras.tool_calls] == [("look", {"where": 1})]
    assert answer.tool_calls == list(extras.tool_calls)
    assert answer.additional_kwargs == {"reasoning_content": "Let me see.", "citations": [CITATION]}


def test_models_are_not_told_a_call_that_has_no_result(session):
    session.send("Why?").result(PATIENCE_S)
    assert session.conversation.messages()[-1].tool_calls == []


def test_the_view_is_told_what_the_key_has_left(open_panel):
    with start_gateway(user_keys=["somebody"]) as gateway:
        model = GPTRouter(models_priority_list=["demo/echo"], base_url=gateway.url, api_key="somebody", max_retries=0)
        _, view = open_panel(model=model)
        view.command("send", id=1, text="Hi")
        view.wait(is_idle(view))
        allowance = view.messages("turn_ended")[0]["allowance"]
    assert allowance == {"limit": 10, "remaining": 9}


def test_what_an_answer_cost_is_told_when_the_gateway_says_it(open_panel):
    with start_gateway(user_keys=["somebody"]) as gateway:
        model = GPTRouter(models_priority_list=["demo/echo"], base_url=gateway.url, api_key="somebody", max_retries=0)
        panel, view = open_panel(model=model)
        view.command("send", id=1, text="Hi")
        priced = view.wait_for("priced")
        [point] = [point for used in model.client.usage() for point in used.points]
        assert priced == {"kind": "priced", "turn": 1, "cost": point.cost}
        assert point.cost > 0
        assert panel.to_dict()["turns"][0]["answer"]["meta"]["cost"] == point.cost
        view.command("snapshot", id=2)
        assert view.wait_for("snapshot")["conversation"]["turns"][0]["answer"]["meta"]["cost"] == point.cost
