"""Tools, shapes, pictures, several answers, and what a provider would drop."""

from __future__ import annotations

import asyncio
import json
import warnings

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from pydantic import BaseModel

from gptrouter_notebook.errors import InvalidRequest

pytest_plugins = ["asking"]

PICTURE = {"type": "image", "base64": "iVBORw0KGgo=", "mime_type": "image/png"}


def last_params(gateway):
    return gateway.requests[-1]["data"][0]["promptParams"]


def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


# Tools, pictures, several answers.


def test_a_tool_call_comes_whole_however_it_is_asked_for(chat, ask):
    answer = ask(chat("demo/echo").bind_tools([add]), "add 3 and 4")
    [call] = answer.tool_calls
    assert (call["name"], call["args"]) == ("add", {"a": 3, "b": 4})
    assert answer.response_metadata["finish_reason"] == "tool_calls"


def test_the_result_of_a_tool_reaches_the_model(chat, ask):
    model = chat("demo/echo").bind_tools([add])
    question = HumanMessage("add 3 and 4")
    calling = model.invoke([question])
    result = ToolMessage("7", tool_call_id=calling.tool_calls[0]["id"])
    assert "7" in ask(model, [question, calling, result]).content


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("add", {"type": "function", "function": {"name": "add"}}),
        ("any", "required"),
        (True, "required"),
        ("none", "none"),
        ("auto", "auto"),
    ],
)
def test_a_choice_of_tool_is_sent_in_openai_s_words(chat, gateway, choice, sent):
    chat("demo/echo").bind_tools([add], tool_choice=choice).invoke("add 1 and 2")
    assert last_params(gateway)["tool_choice"] == sent


def test_a_choice_of_a_tool_that_is_not_there_is_an_error(chat):
    with pytest.raises(ValueError, match='no tool "sub" among add'):
        chat("demo/echo").bind_tools([add], tool_choice="sub")


class Sum(BaseModel):
    """A sum."""

    a: int
    b: int


@pytest.mark.parametrize("include_raw", [False, True])
def test_structured_output(chat, ask_plainly, include_raw):
    answer = ask_plainly(chat("demo/echo").with_structured_output(Sum, include_raw=include_raw), "add 3 and 4")
    if include_raw:
        assert answer["raw"].tool_calls[0]["name"] == "Sum"
        assert answer["parsing_error"] is None
        answer = answer["parsed"]
    assert answer == Sum(a=3, b=4)


def test_json_mode_asks_for_json(chat, gateway):
    model = chat("demo/echo").with_structured_output({"title": "answer", "type": "object"}, method="json_mode")
    answer = model.invoke("Say it in JSON.")
    assert last_params(gateway)["response_format"] == {"type": "json_object"}
    assert isinstance(answer, dict)


def test_a_json_schema_that_the_gateway_refuses_is_said_to_be_the_request_s_fault(chat, gateway, ask):
    model = chat("demo/echo").bind(
        response_format={"type": "json_schema", "json_schema": {"name": "Sum", "schema": Sum.model_json_schema()}}
    )
    with pytest.raises(InvalidRequest, match="response_format"):
        ask(model, "add 3 and 4")
    with pytest.raises(InvalidRequest):
        chat("demo/echo").with_structured_output(Sum, method="json_schema", strict=True).invoke("add 3 and 4")
    sent = last_params(gateway)["response_format"]
    assert (sent["type"], sent["json_schema"]["name"], sent["json_schema"]["strict"]) == ("json_schema", "Sum", True)


def test_an_answer_that_cannot_be_read_stays_raw(chat):
    model = chat("demo/echo").with_structured_output(Sum, method="json_mode", include_raw=True)
    answer = model.invoke("not a sum")
    assert answer["parsed"] is None
    assert answer["parsing_error"] is not None
    assert isinstance(answer["raw"], AIMessage)


def test_a_legacy_function_call_comes_back(chat, ask):
    function = {
        "name": "add",
        "description": "adds",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
    }
    answer = ask(chat("demo/echo").bind(functions=[function]), "add 3")
    call = answer.additional_kwargs["function_call"]
    assert (call["name"], json.loads(call["arguments"])) == ("add", {"a": 3})


def test_a_picture_reaches_a_model_that_takes_them(chat, ask):
    answer = ask(chat("demo/echo"), [HumanMessage([{"type": "text", "text": "what?"}, PICTURE])])
    assert "1 picture" in answer.content


def test_a_prompt_model_gets_a_prompt(chat, gateway, ask):
    answer = ask(chat("openai/gpt-3.5-turbo-instruct"), "Once upon")
    assert last_params(gateway)["prompt"] == "Once upon"
    assert "messages" not in last_params(gateway)
    assert "Once upon" in answer.content


@pytest.mark.parametrize("streaming", [False, True])
def test_several_answers_come_from_generate(chat, streaming):
    model = chat("demo/echo", n=3, streaming=streaming)
    for result in (model.generate([[HumanMessage("hi")]]), asyncio.run(model.agenerate([[HumanMessage("hi")]]))):
        assert len(result.generations[0]) == 3
        counts = [answer.message.usage_metadata for answer in result.generations[0]]
        assert [count is None for count in counts] == [False, True, True]
    assert "you said" in "".join(chunk.text for chunk in model.stream("hi"))


def test_nothing_is_cut_at_256_tokens_and_nothing_unset_is_sent(chat, gateway):
    answer = chat("demo/long", max_tokens=None).invoke("hi")
    assert answer.usage_metadata["output_tokens"] > 10_000
    assert set(last_params(gateway)) == {"messages"}


# What is dropped.


def test_what_the_provider_would_drop_is_warned_about_once_by_name(chat, ask):
    model = chat("anthropic/claude-2", temperature=0.5, stop=["x"])
    tools = [{"type": "function", "function": {"name": "f", "parameters": {}}}]
    history = [HumanMessage([{"type": "text", "text": "what?"}, PICTURE])]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answers = [ask(model, history, tools=tools) for _ in range(3)]
    [warning] = caught
    assert warning.category is UserWarning
    assert "anthropic/claude-2 answered without stop, temperature, tools and pictures" in str(warning.message)
    for answer in answers:
        assert answer.response_metadata["dropped"] == ["stop", "temperature", "tools", "pictures"]


def test_nothing_is_said_when_everything_arrived(chat, ask):
    answer = ask(chat("demo/echo", temperature=0.5, stop=["x"]), "hi")
    assert "dropped" not in answer.response_metadata
