"""The stand-in providers behind the recorded gateways, as far as their recorded words show them.

Two gateways were recorded, with different words. `FAULT:…` and `[[…]]` in a prompt make a provider fail in a certain
way, as they did then.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.gateway.catalogue import PROVIDERS, Catalogue, stand_ins
from gptrouter_notebook.gateway.upstream import Checked, Choice, Chunk, Completion, Opened, ProviderError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

IDS = {"anthropic": "compl_1", "openai": "cmpl-1", "cohere": "coh-1"}
ARGUMENTS = ('{"a":', '1,"b":', "2}")
SERVER_ERROR = "The server had an error while processing your request"
REFUSALS = {
    "FAULT:500": ProviderError("upstream exploded", 500),
    "FAULT:429": ProviderError("Rate limit reached for requests", 429),
    "FAULT:401": ProviderError("Incorrect API key provided", 401),
    "[[500]]": ProviderError(
        SERVER_ERROR,
        500,
        body={"error": {"message": SERVER_ERROR, "type": "server_error", "code": None, "param": None}},
    ),
    "[[400]]": ProviderError("This model's maximum context length is 4097 tokens.", 400),
}
MID_STREAM = {
    "FAULT:cut": "Premature close",
    "[[cut]]": "Premature close",
    "FAULT:midjson": "Expected property name or '}' in JSON at position 1",
    "FAULT:miderror": "overloaded mid-stream",
}
UNFINISHED = ("[[end]]", "FAULT:stall", *MID_STREAM)
CUT_SHORT = ("[[length]]", *UNFINISHED)


@dataclass
class Script:
    """What all models of one recorded gateway say, and what they were asked."""

    pieces: tuple[str, ...]
    usage: Mapping[str, int]
    azure_opens_without_choices: bool
    cohere_usage: Mapping[str, int] | None
    anthropic_plain: str | None = None
    pieces_before_fault: int = 3
    failing: ProviderError | None = None
    failing_checks: dict[str, ProviderError] = field(default_factory=dict)
    latencies_ms: dict[str, int] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def first_script() -> Script:
    """The gateway of the exchanges `NN-…`."""
    return Script(
        pieces=(" J", "'aime", " programmer", ".", "\n\n", "🚀 **fin**"),
        usage={"completion_tokens": 6, "prompt_tokens": 9, "total_tokens": 15},
        azure_opens_without_choices=False,
        cohere_usage=None,
        anthropic_plain=" J'aime programmer.",
        pieces_before_fault=2,
    )


def second_script() -> Script:
    """The gateway of the exchanges `LNN-…`."""
    return Script(
        pieces=("Bon", "jour", " !", " 🌍", "\n\n", "1.", " naïve", " 日本", "語", "\n", "2.", " **fin**", "."),
        usage={"completion_tokens": 13, "prompt_tokens": 9, "total_tokens": 22},
        azure_opens_without_choices=True,
        cohere_usage={"completion_tokens": 8, "prompt_tokens": 2, "total_tokens": 10},
    )


def recorded_catalogue(script: Script, *, counts_all: bool) -> Catalogue:
    """The recorded models, all with one script.

    Args:
        script: What they say.
        counts_all: Whether the gateway's tokenizer knows every model, as in the first recording [20], not [L11].
    """
    models = stand_ins(lambda provider, name: StandIn(script, provider.kind, name))
    if counts_all:
        models = [replace(model, is_counted=True) for model in models]
    return Catalogue(PROVIDERS, models, StandIn(script, "chat_openai", "gpt-4-vision-preview"))


class StandIn:
    """One model of a stand-in provider."""

    def __init__(self, script: Script, kind: str, name: str) -> None:
        self._script = script
        self._kind = kind
        self._name = name

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        prompt = await self._received(body)
        script = self._script
        if "[[nochoices]]" in prompt:
            return Completion(self._id, (), script.usage)
        if self._kind == "anthropic":
            text = script.anthropic_plain or f" {script.text}"
            return Completion(self._id, (Choice(text, "stop_sequence"),))
        if self._kind == "cohere":
            return Completion(
                self._id, (Choice(script.text, "COMPLETE" if script.cohere_usage else ""),), script.cohere_usage
            )
        if body.get("tools"):
            choice = Choice("", "tool_calls")
        elif body.get("functions"):
            choice = Choice("", "function_call", {"name": "add", "arguments": "".join(ARGUMENTS)})
        else:
            choice = Choice(script.text, "stop")
        return Completion(self._id, (choice,) * int(body.get("n", 1)), script.usage)

    async def open_stream(self, body: Mapping[str, Any]) -> Opened:
        prompt = await self._received(body)
        return Opened(self._id, self._chunks(body, prompt))

    def check(self, _back: int) -> Checked | None:
        if self._name in self._script.failing_checks:
            raise self._script.failing_checks[self._name]
        return Checked(self._script.text, self._script.latencies_ms.get(self._name, 20))

    @property
    def _id(self) -> str:
        return IDS.get(self._kind, "chatcmpl-1")

    async def _received(self, body: Mapping[str, Any]) -> str:
        script = self._script
        script.asked.append(dict(body))
        prompt = str(body.get("messages", body.get("prompt")))
        if script.failing:
            raise script.failing
        if "FAULT:hang" in prompt:
            await asyncio.Future[None]()
        for mark, error in REFUSALS.items():
            if mark in prompt:
                raise error
        repeated = re.search(r"\[\[500x(\d)\]\]", prompt)
        if repeated and len(script.asked) <= int(repeated[1]):
            raise REFUSALS["[[500]]"]
        return prompt

    async def _chunks(self, body: Mapping[str, Any], prompt: str) -> AsyncGenerator[Chunk]:
        if self._kind == "azure_chat_openai" and self._script.azure_opens_without_choices:
            yield Chunk(without_choices=True)
        for chunk in self._spoken(body, prompt):
            yield chunk
        for mark, words in MID_STREAM.items():
            if mark in prompt:
                raise ProviderError(words)
        if "FAULT:stall" in prompt:
            await asyncio.Future[None]()

    def _spoken(self, body: Mapping[str, Any], prompt: str) -> list[Chunk]:
        if body.get("tools"):
            return _tool_call()
        if body.get("functions"):
            return [Chunk(), *(Chunk() for _ in ARGUMENTS), Chunk(finish_reason="function_call")]
        pieces = self._script.pieces
        if self._kind == "anthropic" and pieces[0] == "Bon":
            pieces = (" Bon", *pieces[1:])
        if any(mark in prompt for mark in CUT_SHORT):
            pieces = pieces[: self._script.pieces_before_fault]
        many = int(body.get("n", 1))
        spoken = [Chunk(), *(Chunk(piece) for piece in pieces * many)]
        if any(mark in prompt for mark in UNFINISHED):
            return spoken
        return spoken + [Chunk(finish_reason="length" if "[[length]]" in prompt else "stop")] * many


def _tool_call() -> list[Chunk]:
    opening = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "add", "arguments": ""}}
    deltas = [opening, *({"index": 0, "function": {"arguments": piece}} for piece in ARGUMENTS)]
    return [*(Chunk(tool_calls=(delta,)) for delta in deltas), Chunk(finish_reason="tool_calls")]
