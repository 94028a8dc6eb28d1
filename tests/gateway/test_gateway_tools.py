"""Tool calls of demo models: when, which, and with what arguments."""

from __future__ import annotations

import json

import pytest

from gptrouter_notebook.gateway.demo import DemoModel
from gptrouter_notebook.gateway.filling import MOST_VALUES, fill
from gptrouter_notebook.gateway.question import Question
from gptrouter_notebook.gateway.tools import call_wanted
from gptrouter_notebook.gateway.upstream import ProviderError
from gptrouter_notebook.gateway.voices import echo


def obj(required=None, **properties):
    schema = {"type": "object", "properties": properties}
    return schema if required is None else {**schema, "required": required}


def tool(name, description="", **properties):
    function = {"name": name, "description": description, "parameters": obj(list(properties), **properties)}
    return {"type": "function", "function": function}


INT, TEXT = {"type": "integer"}, {"type": "string"}
ADD = tool("add", "Add two integers.", a=INT, b=INT)
WEATHER = tool("get_weather", "The weather in a city.", city=TEXT)
ASKED = [{"role": "user", "content": "What is 2 plus 40?"}]
RESULT = [
    *ASKED,
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "function": {"name": "add", "arguments": "{}"}}],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "42"},
]


def wanted(text="What is 2 plus 40?", messages=ASKED, tools=(ADD, WEATHER), **body):
    return call_wanted({"messages": messages, "tools": list(tools), **body}, text)


@pytest.mark.parametrize(
    ("schema", "text", "filled"),
    [
        (obj(a=INT, b=INT), "What is 2 plus 40?", {"a": 2, "b": 40}),
        (obj(b=INT, a=INT), "a is 3 and b = -4", {"b": -4, "a": 3}),
        (obj(x={"type": "number"}), "about 1.5", {"x": 1.5}),
        (obj(x={"type": "integer", "minimum": 5, "maximum": 9}), "100", {"x": 9}),
        (obj(input=INT), "What is the value of magic_function(3)?", {"input": 3}),
        (obj(city=TEXT), 'Weather in "New York"?', {"city": "New York"}),
        (obj(city=TEXT), "What is the weather in Paris today?", {"city": "Paris"}),
        (obj(name=TEXT), "hello", {"name": "demo name"}),
        (obj(query=TEXT), "find me cats", {"query": "find me cats"}),
        (obj(unit={"enum": ["celsius", "fahrenheit"]}), "in Fahrenheit please", {"unit": "fahrenheit"}),
        (obj(unit={"enum": ["celsius", "fahrenheit"]}), "warm?", {"unit": "celsius"}),
        (obj(["a"], a=INT, b=INT, c={"type": "integer", "default": 7}), "1 2", {"a": 1, "c": 7}),
        (obj(n={"type": "array", "items": INT}), "add 1, 2 and 3", {"n": [1, 2, 3]}),
        (obj(n={"type": "array", "items": TEXT, "minItems": 2}), 'only "one"', {"n": ["one", "demo n"]}),
        (obj(o=obj(p=obj(q=INT))), "5", {"o": {"p": {"q": 5}}}),
        (obj(x={"anyOf": [{"type": "null"}, INT]}), "5", {"x": 5}),
        (obj(x={"type": ["null", "boolean"]}), "", {"x": True}),
        (obj(x={"const": "k"}), "", {"x": "k"}),
        (obj(x={"type": "string", "format": "date"}), "", {"x": "2024-01-01"}),
        ({**obj(x={"$ref": "#/$defs/P"}), "$defs": {"P": obj(y=INT)}}, "8", {"x": {"y": 8}}),
        ({"allOf": [obj(a=INT)]}, "4", {"a": 4}),
        ({}, "anything", {}),
    ],
)
def test_arguments_fit_the_schema_and_the_words(schema, text, filled):
    assert fill(schema, text) == filled


def test_a_hostile_schema_is_bounded():
    node = {"type": "array", "minItems": 20, "items": {"$ref": "#"}}
    assert json.dumps(fill({**node}, "")).count("[") <= MOST_VALUES
    loop = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    fill(loop, "")


def test_a_schema_that_is_none_is_refused_like_a_provider_does():
    broken = tool("add", a={"type": "integer", "minimum": "a lot"})
    with pytest.raises(ProviderError, match="Invalid schema for function 'add'"):
        wanted(tools=[broken])


def test_the_tool_the_words_speak_of_is_called():
    assert wanted("please add 1 and 2").name == "add"
    assert wanted("What is the weather in Rome?").name == "get_weather"


def test_tool_choice_is_honoured():
    assert wanted(tool_choice={"type": "function", "function": {"name": "get_weather"}}).name == "get_weather"
    assert wanted(tool_choice="none") is None
    assert wanted(messages=RESULT) is None
    assert wanted(messages=RESULT, tool_choice="required").name == "add"
    with pytest.raises(ProviderError, match="not found"):
        wanted(tool_choice={"type": "function", "function": {"name": "nobody"}})
    assert wanted(tools=()) is None


async def collected(body):
    opened = await DemoModel(echo, "chat_openai", latency_ms=1).open_stream(body)
    return [chunk async for chunk in opened.chunks]


def run(coroutine):
    import asyncio

    return asyncio.run(coroutine)


def test_the_stream_carries_deltas_that_join_into_json():
    chunks = run(collected({"messages": ASKED, "tools": [ADD]}))
    opening, *bits = [chunk.tool_calls[0] for chunk in chunks if chunk.tool_calls]
    assert (opening["type"], opening["function"]) == ("function", {"name": "add", "arguments": ""})
    assert opening["id"].startswith("call_")
    assert json.loads("".join(bit["function"]["arguments"] for bit in bits)) == {"a": 2, "b": 40}
    assert [chunk.finish_reason for chunk in chunks if chunk.finish_reason] == ["tool_calls"]


def test_results_at_the_end_of_the_history_are_told():
    chunks = run(collected({"messages": RESULT, "tools": [ADD]}))
    assert "".join(chunk.text for chunk in chunks) == "I am a demo model: add said 42."


def test_legacy_functions_live_in_the_plain_reply_only():
    body = {"messages": ASKED, "functions": [ADD["function"]]}
    completion = run(DemoModel(echo, "chat_openai", latency_ms=1).complete(body))
    [choice] = completion.choices
    assert (choice.finish_reason, choice.text) == ("function_call", "")
    assert choice.function_call == {"name": "add", "arguments": '{"a":2,"b":40}'}
    assert not [chunk for chunk in run(collected(body)) if chunk.tool_calls]


def test_the_last_words_are_found_in_prompts_too():
    prompt = "Be brief.\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Bye\n\nAssistant:"
    assert Question({"prompt": prompt}).text == "Bye"
    assert Question({"prompt": "Say hi"}).text == "Say hi"
