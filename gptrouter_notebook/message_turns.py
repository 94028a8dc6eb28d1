"""LangChain messages as a conversation; the other way is `Conversation.messages`. Pure.

A question and what follows it up to the next one is a turn. Not everything that a list of messages can hold has a
place in a conversation: system and tool messages are left out, as are pictures that are elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, HumanMessage

from gptrouter_notebook.answer import Answer, Extras, Meta, Part
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.transcript import read_hop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from langchain_core.messages import BaseMessage

__all__ = ["conversation_of"]

NO_QUESTION = "…"
"""What stands for the question before an answer that has none: models are told no answer without one."""

_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")


def conversation_of(messages: Iterable[BaseMessage]) -> Conversation:
    """The messages as turns, in their order."""
    conversation = Conversation()
    for message in messages:
        if isinstance(message, HumanMessage):
            turn = conversation.begin(Question(str(message.text), images=tuple(_pictures(message.content))))
            turn.answer.finish("stopped")
        elif isinstance(message, AIMessage):
            last = conversation.last
            if last is None:
                last = conversation.begin(Question(NO_QUESTION))
                last.answer.finish("stopped")
            last.answer = _joined(last.answer, _answer(message))
    return conversation


def _pictures(content: Any) -> Iterable[str]:
    for part in content if isinstance(content, list) else []:
        image = part.get("image_url") if isinstance(part, Mapping) else None
        address = image.get("url") if isinstance(image, Mapping) else image
        if isinstance(address, str) and _PICTURE.fullmatch(address):
            yield address


def _answer(message: AIMessage) -> Answer:
    beside = message.additional_kwargs
    reasoning, citations = beside.get("reasoning_content"), beside.get("citations")
    extras = Extras(
        reasoning if isinstance(reasoning, str) else "",
        tuple(citations) if isinstance(citations, list) else (),
        tuple(message.tool_calls),
    )
    return Answer([Part(str(message.text))], "complete", meta=_meta(message), extras=extras)


def _joined(answer: Answer, more: Answer) -> Answer:
    """Two answers to one question, as a model gives them that calls tools in between."""
    if answer.is_empty and answer.extras == Extras():
        return more
    text = "\n\n".join(filter(None, (answer.text, more.text)))
    calls = (*answer.extras.tool_calls, *more.extras.tool_calls)
    reasoning = "\n\n".join(filter(None, (answer.extras.reasoning, more.extras.reasoning)))
    citations = (*answer.extras.citations, *more.extras.citations)
    return Answer([Part(text)], "complete", meta=more.meta, extras=Extras(reasoning, citations, calls))


def _meta(message: AIMessage) -> Meta | None:
    said: Mapping[str, Any] = message.response_metadata
    vendor, times = said.get("model_provider"), said.get("latency")
    times = times if isinstance(times, Mapping) else {}
    meta = Meta(
        model_name=_text(said.get("model_name")),
        provider=_text(said.get("provider") or (None if vendor == "gptrouter" else vendor)),
        model_id=_text(said.get("model_id")),
        provider_id=_text(said.get("provider_id")),
        finish_reason=_text(said.get("finish_reason")),
        route=_route(said.get("route")),
        first_token_s=_number(times.get("first_token")),
        total_s=_number(times.get("total")),
        cost=_number(said.get("cost")),
        usage=message.usage_metadata,
    )
    return None if meta == Meta() else meta


def _route(value: Any) -> tuple[dict[str, Any], ...]:
    try:
        return tuple(read_hop(hop, "route") for hop in value) if isinstance(value, list) else ()
    except ConfigurationError:  # somebody else's: the answer is worth more
        return ()


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
