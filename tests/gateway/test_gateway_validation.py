"""How a request body is read: coercions, nulls and refusals."""

from __future__ import annotations

import pytest

from gptrouter_notebook.gateway.validation import Invalid, read_calling, read_entries, read_params

MESSAGES = [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"temperature": "0.5"}, {"temperature": 0.5}),
        ({"temperature": None}, {"temperature": 0}),
        ({"max_tokens": "256"}, {"max_tokens": 256}),
        ({"n": True}, {"n": 1}),
        ({"user": None}, {"user": ""}),
        ({"user": 7}, {"user": "7"}),
        ({"stop": ["a"]}, {"stop": "a"}),
        ({"stop": ["a", "b"]}, {"stop": ["a", "b"]}),
        ({"stop": None}, {"stop": ""}),
        ({"prompt": None}, {"prompt": ""}),
        ({"seed": [1, {}]}, {"seed": [1, {}]}),
    ],
)
def test_values_are_coerced_as_the_gateway_does(sent, read):
    assert read_params(sent) == read


@pytest.mark.parametrize(
    "params",
    [
        {"temperature": "warm"},
        {"temperature": ""},
        {"temperature": {}},
        {"temperature": float("inf")},
        {"function_call": "auto"},
        *({name: None} for name in ("tools", "functions", "function_call", "response_format", "messages")),
        {"messages": [{"role": "developer", "content": "x"}]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "assistant", "content": None, "tool_calls": None}]},
        {"messages": ["Hi"]},
    ],
)
def test_wrong_shapes_are_refused(params):
    with pytest.raises(Invalid):
        read_params(params)


@pytest.mark.parametrize(
    ("sent", "stream"), [({}, False), ({"stream": "false"}, False), ({"stream": "true"}, True), ({"stream": 1}, True)]
)
def test_the_stream_flag_is_coerced(sent, stream):
    assert read_calling(sent).stream is stream


@pytest.mark.parametrize(
    "body", [{"stream": "maybe"}, {"timeout": 0}, {"timeout": None}, {"timeout": -1}, {"maxRetries": -1}, [], None]
)
def test_wrong_calling_is_refused(body):
    with pytest.raises(Invalid):
        read_calling(body)


def test_order_decides_and_ties_keep_their_place():
    names = [("c", 2), ("a", "1"), ("b", 1), ("z", None)]
    data = [{"modelName": name, "order": order, "promptParams": {"messages": MESSAGES}} for name, order in names]
    assert [entry.model_name for entry in read_entries({"data": data})] == ["z", "a", "b", "c"]


@pytest.mark.parametrize(
    "entry", [{}, {"order": 1}, {"promptParams": {}}, {"order": 1, "promptParams": {}, "modelId": None}]
)
def test_incomplete_entries_are_refused(entry):
    with pytest.raises(Invalid):
        read_entries({"data": [entry]})
