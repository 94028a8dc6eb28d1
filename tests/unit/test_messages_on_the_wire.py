"""Any history of LangChain's messages as the gateway gets it: read back, nothing is lost but what is documented."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import (
    AIMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    convert_to_messages,
    get_buffer_string,
)
from langchain_core.messages.tool import tool_call

from gptrouter_notebook.messages import Question
from gptrouter_notebook.providers import Manners
from gptrouter_notebook.routing import GPTRouterModel

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(["\r\n\u2028\0", "👩\u200d🚀"])
NAME = st.text("abcXYZ_-", min_size=1, max_size=8)
ADDRESS = st.binary(min_size=3, max_size=9).map(lambda data: f"data:image/png;base64,{data.hex()}")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXT, inside, max_size=3),
    max_leaves=5,
)
TEXT_PART = TEXT.map(lambda text: {"type": "text", "text": text})
PICTURE_PART = ADDRESS.map(lambda url: {"type": "image_url", "image_url": {"url": url}})
THOUGHT = st.sampled_from(["reasoning", "thinking"]).map(lambda kind: {"type": kind, kind: "hm"})
CALL = st.builds(tool_call, name=NAME, args=st.dictionaries(TEXT, JSON, max_size=3), id=NAME)

HUMAN = st.builds(
    HumanMessage, TEXT | st.lists(TEXT | TEXT_PART | PICTURE_PART, min_size=1, max_size=4), name=st.none() | NAME
)
AI = st.builds(
    AIMessage, TEXT | st.lists(TEXT_PART | THOUGHT, max_size=3), tool_calls=st.lists(CALL, max_size=2), name=st.none()
)
SYSTEM = st.builds(SystemMessage, TEXT)
TOOL = st.builds(ToolMessage, TEXT | st.lists(TEXT_PART, min_size=1, max_size=2), tool_call_id=NAME)
FUNCTION = st.builds(FunctionMessage, TEXT, name=NAME)
HISTORY = st.lists(HUMAN | AI | SYSTEM | TOOL | FUNCTION, min_size=1, max_size=6)


def sent(history, provider):
    """What a provider's model is asked, as it is read from the wire."""
    entry = Question(history, {}).entry(GPTRouterModel(name="m", provider_name=provider), 1, Manners().of(provider))
    body = json.dumps(entry.to_json(), ensure_ascii=False).encode()
    return json.loads(body)["promptParams"]


def parts_of(message):
    """Texts and addresses in their order; texts that follow each other are one.

    Lost on purpose: a model's own reasoning, which no provider takes back, and the seams between texts.
    """
    content = [message.content] if isinstance(message.content, str) else message.content
    parts = []
    for part in content:
        if isinstance(part, str) or part["type"] == "text":
            text = part if isinstance(part, str) else part["text"]
            if parts and parts[-1][0] == "text":
                text = f"{parts.pop()[1]}\n{text}"
            parts.append(("text", text))
        elif part["type"] == "image_url":
            parts.append(("picture", part["image_url"]["url"]))
    return parts or [("text", "")]


def told(message):
    """What a message says, in the form in which no way of writing the same thing differs."""
    calls = [(call["name"], call["args"], call["id"]) for call in getattr(message, "tool_calls", [])]
    return message.type, parts_of(message), calls, getattr(message, "tool_call_id", None), message.name


def words(message):
    """The texts of a message."""
    return "\n".join(text for kind, text in parts_of(message) if kind == "text")


@given(HISTORY)
def test_a_chat_provider_is_told_everything(history):
    back = convert_to_messages(sent(history, "chat_openai")["messages"])
    assert list(map(told, back)) == list(map(told, history))


@given(HISTORY)
def test_a_provider_of_plain_text_is_told_every_word_in_its_turn(history):
    messages = sent(history, "anthropic")["messages"]
    assert [message["content"] for message in messages] == [words(message) for message in history]
    pictures = any(kind == "picture" for message in history for kind, _ in parts_of(message))
    assert ("pictures" in Question(history, {}).dropped_by(Manners().of("anthropic"))) == pictures


@given(HISTORY)
def test_a_model_that_completes_text_is_told_every_word_in_order(history):
    prompt, at = sent(history, "cohere")["prompt"], 0
    for message in history:
        text = words(message)
        assert text in prompt[at:]
        at = prompt.index(text, at) + len(text)


@given(HISTORY)
def test_what_is_sent_is_the_same_for_every_model_of_the_list(history):
    question = Question(history, {})
    before = get_buffer_string(history)
    asked = [
        question.entry(GPTRouterModel(name=name, provider_name="azure"), at, Manners().of("azure")).to_json()
        for at, name in enumerate("ab")
    ]
    assert asked[0]["promptParams"] == asked[1]["promptParams"]
    assert get_buffer_string(history) == before
