"""What each kind of provider is sent and how its chunks look: what is kept, dropped, bent (gptrouter-wire.md, 4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, get_args

from gptrouter_notebook.gateway import tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gptrouter_notebook.gateway.upstream import Checked, Choice, Chunk

Kind = Literal["chat_openai", "azure_chat_openai", "openai", "anthropic", "cohere"]
KINDS: tuple[Kind, ...] = get_args(Kind)

CHAT: frozenset[Kind] = frozenset({"chat_openai", "azure_chat_openai"})
"""Kinds that take messages, tools and tell how an answer ended."""
TALKATIVE: frozenset[Kind] = frozenset({"anthropic", "cohere"})
"""Kinds whose health rows hold the model's own words [L05]."""
ANTHROPIC_MAX_TOKENS = 1000

_NUMBERS = frozenset({"temperature", "top_p", "n", "max_tokens", "presence_penalty", "frequency_penalty", "logit_bias"})
_KEPT_BY_CHAT = _NUMBERS | {"messages", "stop", "user", "functions", "function_call", "response_format", "tools"}
_KEPT_BY_OPENAI = _NUMBERS | {"prompt", "stop", "user"}
_FORMATS = ("text", "json_object")


class ParamsDoNotFit(Exception):
    """The parameters are not this provider's; the message is a JSON list of `{path, message}` [L13]."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        found = [{"path": path, "message": message} for path, message in problems]
        super().__init__(json.dumps(found, ensure_ascii=False, separators=(",", ":")))


def adapt(kind: Kind, model: str, params: Mapping[str, Any], *, stream: bool) -> dict[str, Any]:
    """The provider's own request body.

    Raises:
        ParamsDoNotFit: A parameter the provider needs is missing or has a value it does not know.
    """
    if kind in CHAT:
        body = _for_chat(params)
    elif kind == "anthropic":
        body = _for_anthropic(params)
    else:
        if "prompt" not in params:
            raise ParamsDoNotFit(_missing("prompt", "string"))
        kept = _KEPT_BY_OPENAI if kind == "openai" else {"prompt"}
        body = {name: value for name, value in params.items() if name in kept}
    return {**body, "model": model, "stream": stream}


def prompt_tokens(kind: Kind, params: Mapping[str, Any], body: Mapping[str, Any]) -> int | None:
    """The gateway's own count of a streamed prompt; None if a message's content is not a text [L17]."""
    messages = params.get("messages", ())
    if any(not isinstance(message.get("content"), str) for message in messages):
        return None
    return tokens.count_messages(messages) if kind in CHAT else count_text(kind, body["prompt"])


def count_text(kind: Kind, text: str) -> int:
    """The gateway's own count of a text, by the tokenizer that goes with the provider."""
    return tokens.count_for_claude(text) if kind == "anthropic" else tokens.count(text)


def update_of(kind: Kind, model: str, chunk: Chunk) -> dict[str, Any] | None:
    """The `data` of a chunk's update event; None if it makes no event."""
    if kind not in CHAT:
        return {"text": chunk.text, "model": model} if chunk.text else None
    if chunk.without_choices:
        return {"text": ""}
    data: dict[str, Any] = {"text": chunk.text, "finish_reason": chunk.finish_reason}
    if chunk.tool_calls:
        data["tool_calls"] = chunk.tool_calls
    return data


def choice_of(kind: Kind, index: int, choice: Choice) -> dict[str, Any]:
    """A choice of a plain reply; tool calls are lost in it [24], a legacy function call is not [26]."""
    shown: dict[str, Any] = {"index": index, "text": choice.text, "finish_reason": choice.finish_reason}
    if kind in CHAT:
        shown["role"] = "assistant"
        if choice.function_call is not None:
            shown["function_call"] = choice.function_call
    return shown


def status_of(kind: Kind, checked: Checked) -> str:
    """The status text of a good health row."""
    return checked.words if kind in TALKATIVE else "ok"


def _for_chat(params: Mapping[str, Any]) -> dict[str, Any]:
    if "messages" not in params:
        raise ParamsDoNotFit(_missing("messages", "array"))
    wanted = params.get("response_format", {"type": "text"}).get("type")
    if wanted not in _FORMATS:
        path = "/response_format/type"
        raise ParamsDoNotFit([(path, "Expected value of union"), *((path, f"Expected '{name}'") for name in _FORMATS)])
    kept = {name: value for name, value in params.items() if name in _KEPT_BY_CHAT}
    # The recorded server drops tool_choice [L16]; newer ones pass it on, and structured output needs it.
    if "tools" in kept and params.get("tool_choice") is not None:
        kept["tool_choice"] = params["tool_choice"]
    return kept


def _for_anthropic(params: Mapping[str, Any]) -> dict[str, Any]:
    if "messages" in params:
        prompt = _flattened(params["messages"])
    elif "prompt" in params:
        prompt = params["prompt"]
    else:
        raise ParamsDoNotFit(_missing("prompt", "string"))
    return {"prompt": prompt, "max_tokens_to_sample": params.get("max_tokens", ANTHROPIC_MAX_TOKENS)}


def _flattened(messages: Sequence[Mapping[str, Any]]) -> str:
    marks = {"system": "", "user": "\n\nHuman: ", "assistant": "\n\nAssistant: "}
    # Messages of role tool and function have no mark: they vanish [L24].
    told = "".join(
        marks[message["role"]] + _as_javascript_prints(message.get("content"))
        for message in messages
        if message["role"] in marks
    )
    return told + "\n\nAssistant:"


def _as_javascript_prints(content: Any) -> str:
    if isinstance(content, list):
        return ",".join("[object Object]" for _ in content)
    return "null" if content is None else str(content)


def _missing(name: str, expected: str) -> list[tuple[str, str]]:
    return [(f"/{name}", f"Expected {expected}"), (f"/{name}", "Expected required property")]
