"""Stream events and plain replies, turned into LangChain's chunks and messages; pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage, AIMessageChunk, UsageMetadata
from langchain_core.messages.tool import ToolCallChunk, invalid_tool_call, tool_call
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk

from gptrouter_notebook.reading import as_dict, as_int, as_list, as_str

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from langchain_core.messages import InvalidToolCall, ToolCall

    from gptrouter_notebook.sse import TextDelta
    from gptrouter_notebook.wire import Choice, Usage

__all__ = ["closing_chunk", "delta_chunk", "generation", "plain_chunk", "usage_metadata", "whole_message"]


def delta_chunk(delta: TextDelta) -> ChatGenerationChunk | None:
    """The chunk for one update; None for one that says nothing a reader would see."""
    if delta.tool_calls or delta.reasoning or delta.citations:
        extra: dict[str, Any] = {}
        if delta.reasoning:
            extra["reasoning_content"] = delta.reasoning
        if delta.citations:
            extra["citations"] = list(delta.citations)
        message = AIMessageChunk(
            content=delta.text, tool_call_chunks=_tool_call_chunks(delta.tool_calls), additional_kwargs=extra
        )
        return ChatGenerationChunk(message=message)
    if not delta.text:
        return None
    return ChatGenerationChunk(message=AIMessageChunk(content=delta.text))


def closing_chunk(metadata: dict[str, Any], usage: Usage | None) -> ChatGenerationChunk:
    """The last chunk: who answered, why it ended, how much it was.

    Metadata goes into one chunk only: LangChain joins the strings of two.
    """
    message = AIMessageChunk(
        content="",
        response_metadata=metadata,
        usage_metadata=usage_metadata(usage),
        chunk_position="last",
    )
    info = {"finish_reason": metadata["finish_reason"]} if metadata.get("finish_reason") else None
    return ChatGenerationChunk(message=message, generation_info=info)


def whole_message(
    text: str, chunks: Sequence[ChatGenerationChunk], metadata: dict[str, Any], usage: Usage | None
) -> ChatGeneration:
    """The answer of a stream as one message; `chunks` are those that hold more than text."""
    message: AIMessage
    if chunks:
        # All at once: one by one, a long chain of reasoning would be copied once per piece.
        pieces: list[Any] = [chunk.message for chunk in chunks[1:]]
        pieces.append(AIMessageChunk(content="", chunk_position="last"))
        merged = chunks[0].message + pieces
        assert isinstance(merged, AIMessageChunk)  # noqa: S101 - tells mypy what delta_chunk makes
        tool_calls, invalid_tool_calls = _tool_calls(merged.tool_call_chunks)
        message = AIMessage(
            content=text,
            tool_calls=tool_calls,
            invalid_tool_calls=invalid_tool_calls,
            additional_kwargs=merged.additional_kwargs,
            response_metadata=metadata,
            usage_metadata=usage_metadata(usage),
        )
    else:
        message = AIMessage(content=text, response_metadata=metadata, usage_metadata=usage_metadata(usage))
    return ChatGeneration(message=message, generation_info=_info(metadata))


def plain_chunk(choice: Choice) -> ChatGenerationChunk:
    """One choice of a plain reply as a chunk."""
    extra = {key: choice.extra[key] for key in ("citations", "reasoning_content") if key in choice.extra}
    if choice.function_call is not None:
        extra["function_call"] = dict(choice.function_call)
    message = AIMessageChunk(
        content=choice.text,
        tool_call_chunks=_tool_call_chunks(as_list(choice.extra.get("tool_calls"))),
        additional_kwargs=extra,
    )
    return ChatGenerationChunk(message=message)


def generation(choice: Choice, metadata: dict[str, Any], usage: Usage | None) -> ChatGeneration:
    """One choice of a plain reply as a message."""
    return whole_message(choice.text, [plain_chunk(choice)], {**metadata, "finish_reason": choice.finish_reason}, usage)


def usage_metadata(usage: Usage | None) -> UsageMetadata | None:
    """The gateway's token count in LangChain's words; None when it did not count."""
    if usage is None:
        return None
    return UsageMetadata(
        input_tokens=usage.prompt_tokens, output_tokens=usage.completion_tokens, total_tokens=usage.total_tokens
    )


def _info(metadata: Mapping[str, Any]) -> dict[str, Any] | None:
    return {"finish_reason": metadata["finish_reason"]} if metadata.get("finish_reason") else None


def _tool_calls(whole: Sequence[ToolCallChunk]) -> tuple[list[ToolCall], list[InvalidToolCall]]:
    """Calls whose arguments can be read, and the others; LangChain itself would complete arguments cut short."""
    calls: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for chunk in whole:
        try:
            arguments = json.loads(chunk["args"] or "{}", strict=False)
        except (ValueError, RecursionError):
            arguments = None
        if isinstance(arguments, dict):
            calls.append(tool_call(name=chunk["name"] or "", args=arguments, id=chunk["id"]))
        else:
            error = "The arguments are not a JSON object."
            invalid.append(invalid_tool_call(name=chunk["name"], args=chunk["args"], id=chunk["id"], error=error))
    return calls, invalid


def _tool_call_chunks(deltas: Sequence[Mapping[str, Any]]) -> list[ToolCallChunk]:
    chunks = []
    for position, delta in enumerate(deltas):
        function = as_dict(delta.get("function"))
        index = as_int(delta.get("index"))
        chunks.append(
            ToolCallChunk(
                name=as_str(function.get("name")) or None,
                args=as_str(function.get("arguments")) if "arguments" in function else None,
                id=as_str(delta.get("id")) or None,
                index=position if index is None else index,
                type="tool_call_chunk",
            )
        )
    return chunks
