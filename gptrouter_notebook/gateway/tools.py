"""A demo model's tool calls: which tool, and arguments filled from its JSON schema and the user's words."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.gateway import tokens
from gptrouter_notebook.gateway.filling import fill
from gptrouter_notebook.gateway.upstream import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call."""

    name: str
    arguments: str
    """JSON text."""
    id: str = field(default_factory=lambda: f"call_{secrets.token_hex(6)}")

    def to_json(self) -> dict[str, str]:
        """The call as a legacy `function_call` [26]."""
        return {"name": self.name, "arguments": self.arguments}

    def deltas(self) -> Iterator[dict[str, Any]]:
        """The call in OpenAI's chunk form: the name first, then the arguments bit by bit [25]."""
        yield {
            "index": 0,
            "id": self.id,
            "type": "function",
            "function": {"name": self.name, "arguments": ""},
        }
        for piece in tokens.split(self.arguments):
            yield {"index": 0, "function": {"arguments": piece}}


def call_wanted(body: Mapping[str, Any], text: str) -> Call | None:
    """The call a request asks for: by `tool_choice`, or because the user spoke last and there are tools.

    Args:
        body: The provider's request body.
        text: The user's last words.

    Raises:
        ProviderError: `tool_choice` names a tool that was not given.
    """
    offered = _offered(body)
    choice = body.get("tool_choice", body.get("function_call", "auto"))
    if not offered or choice == "none":
        return None
    name = _name_in(choice)
    if name is not None:
        named = [tool for tool in offered if tool.get("name") == name]
        if not named:
            raise ProviderError(f"Tool choice '{name}' not found in 'tools' parameter", 400)
        return _filled(named[0], text)
    messages = body.get("messages") or [{}]
    # "any" is LangChain's word for "required".
    if choice in ("required", "any") or messages[-1].get("role") == "user":
        return _filled(_best(offered, text), text)
    return None


def _offered(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    tools = [tool.get("function") for tool in body.get("tools", ())]
    return [tool for tool in (*tools, *body.get("functions", ())) if isinstance(tool, dict)]


def _name_in(choice: Any) -> str | None:
    if not isinstance(choice, dict):
        return None
    function = choice.get("function", choice)
    return function.get("name") if isinstance(function, dict) else None


def _best(offered: Sequence[Mapping[str, Any]], text: str) -> Mapping[str, Any]:
    said = _words(text)

    def likeness(tool: Mapping[str, Any]) -> tuple[bool, int, int]:
        name = str(tool.get("name", ""))
        by_name = len(said & _words(name.replace("_", " ")))
        return name.lower() in text.lower(), by_name, len(said & _words(str(tool.get("description", ""))))

    return max(offered, key=likeness)


def _words(text: str) -> set[str]:
    return {word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if len(word) > 1}


def _filled(tool: Mapping[str, Any], text: str) -> Call:
    name, schema = str(tool.get("name", "")), tool.get("parameters")
    try:
        arguments = fill(schema if isinstance(schema, dict) else {}, text)
        written = json.dumps(arguments, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise ProviderError(f"Invalid schema for function '{name}'", 400) from None
    return Call(name, written)
