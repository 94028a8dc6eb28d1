"""Tools and answers in a given shape: what is asked of a model for them, and how its answer is read; pure."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.openai_tools import JsonOutputKeyToolsParser, PydanticToolsParser
from langchain_core.runnables import RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_json_schema, convert_to_openai_tool
from langchain_core.utils.pydantic import is_basemodel_subclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from langchain_core.language_models import LanguageModelInput
    from langchain_core.runnables import Runnable

__all__ = ["Method", "Schema", "parser", "response_format", "tool_choice_param", "with_raw"]

Method = Literal["function_calling", "json_mode", "json_schema"]
"""How a model is made to keep to a schema: a tool call, any JSON, or JSON that the provider checks."""

Schema = dict[str, Any] | type
"""A JSON schema, a tool in OpenAI's form, a TypedDict, or a pydantic class."""


def tool_choice_param(choice: str | dict[str, Any] | Literal[True], tools: Sequence[Mapping[str, Any]]) -> Any:
    """LangChain's words for a choice of tool, in OpenAI's.

    Raises:
        ValueError: It names a tool that is not among `tools`.
    """
    if choice is True or choice == "any":
        return "required"
    if isinstance(choice, str) and choice not in {"auto", "none", "required"}:
        names = [tool["function"]["name"] for tool in tools]
        if choice not in names:
            raise ValueError(f'There is no tool "{choice}" among {", ".join(names)}.')
        return {"type": "function", "function": {"name": choice}}
    return choice


def response_format(schema: Schema, method: Method, *, strict: bool | None) -> dict[str, Any]:
    """What is sent for an answer in JSON."""
    if method == "json_mode":
        return {"type": "json_object"}
    shape = convert_to_json_schema(schema, strict=strict)
    named = {"name": shape.get("title", "answer"), "schema": shape}
    return {"type": "json_schema", "json_schema": named if strict is None else {**named, "strict": strict}}


def parser(schema: Schema, method: Method) -> Runnable[Any, Any]:
    """Reads an answer that keeps to the schema; a pydantic class gives its instances, all else gives dicts."""
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        if method == "function_calling":
            return PydanticToolsParser(tools=[schema], first_tool_only=True)
        return PydanticOutputParser(pydantic_object=schema)
    if method == "function_calling":
        name = convert_to_openai_tool(schema)["function"]["name"]
        return JsonOutputKeyToolsParser(key_name=name, first_tool_only=True)
    return JsonOutputParser()


def with_raw(model: Runnable[LanguageModelInput, Any], parse: Runnable[Any, Any]) -> Runnable[LanguageModelInput, Any]:
    """The answer as it came beside what it was read as: `raw`, `parsed` and `parsing_error`, one of these None."""
    read = RunnablePassthrough.assign(parsed=itemgetter("raw") | parse, parsing_error=lambda _: None)
    unread = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=model) | read.with_fallbacks([unread], exception_key="parsing_error")
