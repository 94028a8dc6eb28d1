from __future__ import annotations

import pytest
from langchain_core.messages import (
    AIMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from gptrouter_notebook.errors import InvalidRequest
from gptrouter_notebook.messages import Question
from gptrouter_notebook.providers import Manners
from gptrouter_notebook.routing import GPTRouterModel

CALL = {"name": "add", "args": {"a": 1}, "id": "c1", "type": "tool_call"}
PICTURE = {"type": "image", "base64": "QUJD", "mime_type": "image/png"}


def entry(provider, *messages, manners=None, **params):
    model = GPTRouterModel(name="m", provider_name=provider)
    known = manners or Manners()
    return Question(messages, params).entry(model, 1, known.of(provider)).to_json()["promptParams"]


def dropped(provider, *messages, **params):
    return Question(messages or [HumanMessage("hi")], params).dropped_by(Manners().of(provider))


# Messages.


def test_a_history_goes_out_in_openai_s_form():
    asked = entry(
        "chat_openai",
        SystemMessage("be brief"),
        HumanMessage("1 + 1?", name="ada"),
        AIMessage("", tool_calls=[CALL]),
        ToolMessage("2", tool_call_id="c1"),
        AIMessage("2"),
    )
    call = {"type": "function", "id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}}
    assert asked == {
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "name": "ada", "content": "1 + 1?"},
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "2"},
            {"role": "assistant", "content": "2"},
        ]
    }


def test_a_legacy_function_call_stays_in_the_history():
    call = {"name": "add", "arguments": "{}"}
    asked = entry(
        "chat_openai", AIMessage("", additional_kwargs={"function_call": call}), FunctionMessage("2", name="add")
    )
    assert asked["messages"] == [
        {"role": "assistant", "content": "", "function_call": call},
        {"role": "function", "name": "add", "content": "2"},
    ]


def test_a_picture_goes_out_as_a_part():
    asked = entry("chat_openai", HumanMessage([{"type": "text", "text": "what?"}, PICTURE]))
    assert asked["messages"][0]["content"] == [
        {"type": "text", "text": "what?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
    ]


def test_text_in_parts_is_one_string():
    content = ["one", {"type": "text", "text": "two"}]
    assert entry("chat_openai", HumanMessage(content))["messages"][0]["content"] == "one\ntwo"


@pytest.mark.parametrize("kind", ["reasoning", "thinking"])
def test_a_model_s_reasoning_is_not_sent_back(kind):
    answer = AIMessage([{"type": kind, kind: "hm"}, {"type": "text", "text": "yes"}])
    assert entry("chat_openai", answer)["messages"][0]["content"] == "yes"


def test_tool_results_among_the_parts_of_a_message_are_messages_of_their_own():
    parts = [{"type": "tool_result", "tool_use_id": "c1", "content": "2"}, {"type": "text", "text": "so?"}]
    roles = [message["role"] for message in entry("chat_openai", HumanMessage(parts))["messages"]]
    assert sorted(roles) == ["tool", "user"]


def test_a_developer_s_message_is_a_system_message():
    message = SystemMessage("be brief", additional_kwargs={"__openai_role__": "developer"})
    assert entry("chat_openai", message)["messages"] == [{"role": "system", "content": "be brief"}]


def test_a_role_that_the_gateway_would_refuse_is_refused_by_name():
    with pytest.raises(InvalidRequest, match='role "critic": use system, user'):
        entry("chat_openai", ChatMessage("no", role="critic"))


def test_a_part_that_cannot_be_written_is_refused_without_its_content():
    with pytest.raises(InvalidRequest, match="its parts: video") as caught:
        entry("chat_openai", HumanMessage([{"type": "video", "base64": "U0VDUkVU"}]))
    assert "U0VDUkVU" not in str(caught.value)


def test_nothing_to_answer_is_refused():
    with pytest.raises(InvalidRequest, match="no message"):
        entry("chat_openai")


# Providers with manners of their own.


def test_anthropic_gets_plain_strings():
    asked = entry(
        "anthropic", HumanMessage([{"type": "text", "text": "what?"}, PICTURE]), AIMessage("", tool_calls=[CALL])
    )
    assert [message["content"] for message in asked["messages"]] == ["what?", ""]


@pytest.mark.parametrize("provider", ["openai", "cohere"])
def test_a_model_that_completes_text_gets_a_prompt(provider):
    assert entry(provider, HumanMessage("Hello")) == {"prompt": "Hello"}


def test_a_dialogue_is_written_out_with_its_speakers():
    asked = entry("openai", SystemMessage("Be brief."), HumanMessage("Hello"), AIMessage("Hi"), HumanMessage("Well?"))
    assert asked["prompt"] == "Be brief.\n\nUser: Hello\n\nAssistant: Hi\n\nUser: Well?\n\nAssistant:"


def test_an_unlisted_provider_that_was_seen_to_want_a_prompt_is_sent_both():
    manners = Manners()
    assert entry("mine", HumanMessage("Hello"), manners=manners) == {"messages": [{"role": "user", "content": "Hello"}]}
    assert manners.takes_prompt("mine")
    assert not manners.takes_prompt("mine")
    assert set(entry("mine", HumanMessage("Hello"), manners=manners)) == {"messages", "prompt"}
    assert not manners.takes_prompt("chat_openai")


def test_a_provider_that_was_seen_not_to_stream_is_known_for_it():
    manners = Manners()
    manners.cannot_stream("mine")
    assert not manners.of("mine").streams
    assert manners.of("other").streams


# Parameters.


def test_what_is_unset_is_not_sent():
    asked = entry("chat_openai", HumanMessage("hi"), temperature=None, stop=["x"], top_p=0.0, seed=0)
    assert set(asked) == {"messages", "stop", "top_p", "seed"}


def test_what_stands_beside_the_models_is_not_a_provider_s():
    question = Question([HumanMessage("hi")], {"metadata": {"a": 1}, "timeout": 5000, "maxRetries": None, "top_p": 1})
    assert question.body_fields == {"metadata": {"a": 1}, "timeout": 5000}
    assert question.set_params == {"top_p": 1}


@pytest.mark.parametrize(
    ("params", "plain"),
    [({}, False), ({"n": 1}, False), ({"n": 2}, True), ({"functions": [{}]}, True), ({"tools": [{}]}, False)],
)
def test_several_answers_and_legacy_functions_need_a_plain_reply(params, plain):
    assert Question([HumanMessage("hi")], params).needs_plain is plain


# What is dropped.


def test_anthropic_gets_messages_and_max_tokens_and_nothing_else():
    asked = {"temperature": 0, "max_tokens": 9, "stop": ["x"], "tools": [{}], "n": 2}
    assert dropped("anthropic", **asked) == ["n", "stop", "temperature", "tools"]


def test_cohere_gets_a_prompt_and_nothing_else():
    assert dropped("cohere", max_tokens=9, temperature=0) == ["max_tokens", "temperature"]


def test_chat_providers_and_unknown_ones_are_taken_to_take_everything():
    assert dropped("chat_openai", HumanMessage([PICTURE]), tools=[{}]) == []
    assert dropped("mine", HumanMessage([PICTURE]), anything=1) == []


def test_pictures_sound_files_and_tool_messages_are_named():
    parts = HumanMessage(
        [
            PICTURE,
            {"type": "audio", "base64": "QQ==", "mime_type": "audio/wav"},
            {"type": "file", "base64": "QQ==", "mime_type": "application/pdf", "filename": "a.pdf"},
        ]
    )
    said = [parts, AIMessage("", tool_calls=[CALL]), ToolMessage("2", tool_call_id="c1")]
    assert dropped("anthropic", *said) == ["pictures", "sound", "files", "tool messages"]
    assert dropped("openai", AIMessage("", additional_kwargs={"function_call": {"name": "f", "arguments": ""}})) == [
        "tool messages"
    ]
