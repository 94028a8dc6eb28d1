"""LangChain messages and parameters, turned into what each provider of a priority list can read; pure.

Every model of the list gets its own `promptParams`: chat providers take messages, others a prompt, and some cannot
read content in parts (`providers`). What would not reach a provider is named, so that it can be said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage, convert_to_openai_messages

from gptrouter_notebook.providers import provider
from gptrouter_notebook.wire import RequestEntry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gptrouter_notebook.routing import GPTRouterModel

__all__ = ["BODY_FIELDS", "Question"]

BODY_FIELDS = frozenset({"timeout", "maxRetries", "metadata", "tag", "tags", "createdByUserId", "historyId", "appId"})
"""Parameters that stand beside `data` in a request, not among a provider's own."""

_PLAIN_CALL = ("functions", "function_call")


@dataclass(frozen=True)
class Question:
    """What is asked, before it is known who will be asked.

    Args:
        messages: The history, the newest message last.
        params: The provider's parameters; None means unset and is never sent [L21].
    """

    messages: Sequence[BaseMessage]
    params: Mapping[str, Any]

    @cached_property
    def history(self) -> list[dict[str, Any]]:
        """The messages in OpenAI's form, which is the gateway's."""
        converted = convert_to_openai_messages(list(self.messages), text_format="string")
        return [_known_role(message) for message in converted]

    @cached_property
    def set_params(self) -> dict[str, Any]:
        """The parameters that are set and belong to the provider."""
        return {key: value for key, value in self.params.items() if value is not None and key not in BODY_FIELDS}

    @property
    def body_fields(self) -> dict[str, Any]:
        """The parameters that stand beside `data`."""
        return {key: value for key, value in self.params.items() if value is not None and key in BODY_FIELDS}

    @property
    def needs_plain(self) -> bool:
        """Whether only a plain reply can hold the answer: several choices [23] or a legacy function call [L18]."""
        several = isinstance(self.params.get("n"), int) and self.params["n"] > 1
        return several or any(self.params.get(name) is not None for name in _PLAIN_CALL)

    @property
    def has_tools(self) -> bool:
        """Whether a tool call may be the answer; only a stream can hold one [24, 25]."""
        return bool(self.params.get("tools"))

    def entry(self, model: GPTRouterModel, order: int) -> RequestEntry:
        """What `model` is asked, as the `order`-th of the list."""
        manners = provider(model.provider_name)
        if manners.wants_prompt:
            asked: dict[str, Any] = {"prompt": _as_prompt(self.history)}
        elif manners.plain_text_only:
            asked = {"messages": [{**message, "content": _text(message)} for message in self.history]}
        else:
            asked = {"messages": self.history}
        return RequestEntry(model.name, model.provider_name, order, {**asked, **self.set_params})

    def dropped_by(self, provider_name: str) -> list[str]:
        """What of this question the gateway would not hand on to a provider, in words, in a fixed order."""
        manners = provider(provider_name)
        dropped = sorted(manners.drops(set(self.set_params)))
        if manners.plain_text_only and any(_has_picture(message) for message in self.history):
            dropped.append("pictures")
        if not manners.takes_tool_messages and any(_is_about_tools(message) for message in self.history):
            dropped.append("tool messages")
        return dropped


def _known_role(message: dict[str, Any]) -> dict[str, Any]:
    # The gateway refuses the whole request for a role it does not know [L23].
    return {**message, "role": "system"} if message["role"] == "developer" else message


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if isinstance(part.get("text"), str))


def _as_prompt(history: Sequence[Mapping[str, Any]]) -> str:
    """One text for models that complete text: a lone question as it is, a dialogue with its speakers named."""
    if len(history) == 1:
        return _text(history[0])
    names = {"user": "User", "assistant": "Assistant", "tool": "Tool", "function": "Tool"}
    turns = [f"{names[m['role']]}: {_text(m)}" if m["role"] in names else _text(m) for m in history]
    return "\n\n".join([*turns, "Assistant:"])


def _has_picture(message: Mapping[str, Any]) -> bool:
    content = message.get("content")
    return isinstance(content, list) and any(part.get("type") == "image_url" for part in content)


def _is_about_tools(message: Mapping[str, Any]) -> bool:
    return message["role"] in {"tool", "function"} or bool(message.get("tool_calls"))
