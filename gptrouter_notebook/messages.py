"""LangChain messages and parameters, turned into what each provider of a priority list can read; pure.

Every model of the list gets its own `promptParams`: chat providers take messages, others a prompt, and some cannot
read content in parts (`providers`). What would not reach a provider is named, so that it can be said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage, convert_to_openai_messages

from gptrouter_notebook.errors import InvalidRequest
from gptrouter_notebook.keywords import BODY_FIELDS
from gptrouter_notebook.wire import RequestEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gptrouter_notebook.providers import Provider
    from gptrouter_notebook.routing import GPTRouterModel

__all__ = ["Question"]

_PLAIN_CALL = ("functions", "function_call")
_ROLES = ("system", "user", "assistant", "tool", "function")
_PARTS = {"image_url": "pictures", "input_audio": "sound", "file": "files"}


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
        """The messages in OpenAI's form, which is the gateway's.

        Raises:
            InvalidRequest: There is no message, or one that cannot be written in that form.
        """
        if not self.messages:
            raise InvalidRequest("There is no message to answer: give at least one.")
        return [taken for message in self.messages for taken in _as_gateway_takes_it(message)]

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

    def entry(self, model: GPTRouterModel, order: int, manners: Provider) -> RequestEntry:
        """What `model` is asked, as the `order`-th of the list."""
        asked: dict[str, Any] = {}
        if manners.takes_messages and manners.plain_text_only:
            asked["messages"] = [{**message, "content": _text(message)} for message in self.history]
        elif manners.takes_messages:
            asked["messages"] = self.history
        if manners.takes_prompt:
            asked["prompt"] = _as_prompt(self.history)
        return RequestEntry(model.name, model.provider_name, order, {**asked, **self.set_params})

    def dropped_by(self, manners: Provider) -> list[str]:
        """What of this question the gateway would not hand on to a provider, in words, in a fixed order."""
        dropped = sorted(manners.drops(set(self.set_params)))
        if manners.plain_text_only:
            kinds = {kind for message in self.history for kind in _kinds_beside_text(message)}
            dropped += [words for kind, words in _PARTS.items() if kind in kinds]
        if not manners.takes_tool_messages and any(_is_about_tools(message) for message in self.history):
            dropped.append("tool messages")
        return dropped


def _as_gateway_takes_it(message: BaseMessage) -> Iterator[dict[str, Any]]:
    try:
        converted = convert_to_openai_messages([message], text_format="string")
    except (ValueError, KeyError):
        kinds = sorted({str(part.get("type")) for part in message.content if isinstance(part, dict)})
        raise InvalidRequest(
            f"A {message.type} message has a part that the gateway's models cannot be sent "
            f"(its parts: {', '.join(kinds)}): leave it out."
        ) from None
    for taken in converted:
        role = "system" if taken["role"] == "developer" else taken["role"]
        if role not in _ROLES:
            # The gateway refuses the whole request for a role it does not know, and does not say why [L23].
            raise InvalidRequest(f'The gateway takes no message of role "{role}": use {", ".join(_ROLES)}.')
        legacy = {"function_call": call} if (call := message.additional_kwargs.get("function_call")) else {}
        yield {**taken, "role": role, "content": _without_thoughts(taken.get("content")), **legacy}


def _without_thoughts(content: Any) -> Any:
    """The content without the model's own reasoning, which no provider takes back."""
    if not isinstance(content, list):
        return content or ""
    kept = [part for part in content if part.get("type") not in {"reasoning", "thinking", "redacted_thinking"}]
    if all(part.get("type") == "text" for part in kept):
        return "\n".join(part["text"] for part in kept)
    return kept


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


def _kinds_beside_text(message: Mapping[str, Any]) -> set[str]:
    content = message.get("content")
    return {part.get("type", "") for part in content if "text" not in part} if isinstance(content, list) else set()


def _is_about_tools(message: Mapping[str, Any]) -> bool:
    return message["role"] in {"tool", "function"} or bool(message.get("tool_calls") or message.get("function_call"))
