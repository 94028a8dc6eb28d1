"""A demo model: scripted words, cut into pieces and paced like a provider's stream."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from gptrouter_notebook.gateway import tokens
from gptrouter_notebook.gateway.providers import CHAT
from gptrouter_notebook.gateway.question import Question
from gptrouter_notebook.gateway.tools import Call, call_wanted
from gptrouter_notebook.gateway.upstream import Checked, Choice, Chunk, Completion, Opened, ProviderError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping

    from gptrouter_notebook.gateway.providers import Kind
    from gptrouter_notebook.gateway.voices import Voice

MOST_CHOICES = 128
_WOBBLE_PERCENT = (0, 4, -3, 7, -5, 2, 9, -2, 5, -6, 3, 1)
"""How far a check's latency lay off the usual one, newest first: a history that looks lived in."""
_ID_PREFIX = {"anthropic": "compl", "openai": "cmpl", "cohere": "coh"}
_FINISHED: dict[str, str] = {"anthropic": "stop_sequence", "cohere": "COMPLETE"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One alternative: its text in pieces, or the tool call it makes instead."""

    pieces: tuple[str, ...]
    finish_reason: str
    call: Call | None = None
    is_legacy: bool = False
    """The call is a `function_call`, not one of `tool_calls`."""


class DemoModel:
    """A model whose answers were written beforehand.

    Args:
        voice: Says the answer to a question.
        kind: The provider's kind, which decides what the parameters do.
        latency_ms: What its health checks take.
        token_delay_s: Seconds between two pieces of a streamed answer.
    """

    def __init__(self, voice: Voice, kind: Kind, *, latency_ms: int, token_delay_s: float = 0.0) -> None:
        self._voice = voice
        self._kind = kind
        self._latency_ms = latency_ms
        self._token_delay_s = token_delay_s

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """Answer in one piece."""
        answers = self._answers(body)
        choices = tuple(
            Choice(
                text="".join(answer.pieces),
                finish_reason=answer.finish_reason,
                function_call=answer.call.to_json() if answer.call and answer.is_legacy else None,
            )
            for answer in answers
        )
        prompt = Question(body).tokens
        written = ("".join(answer.pieces) or (answer.call.arguments if answer.call else "") for answer in answers)
        completion = sum(map(tokens.count, written))
        usage = {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }
        return Completion(self._new_id(), choices, usage)

    async def open_stream(self, body: Mapping[str, Any]) -> Opened:
        """Begin a streamed answer."""
        return Opened(self._new_id(), self._paced(self._chunks(self._answers(body))))

    def check(self, back: int) -> Checked | None:
        """Tell the scripted latency of a check."""
        percent = 100 + _WOBBLE_PERCENT[back % len(_WOBBLE_PERCENT)]
        return Checked("I am a demo model: hello.", self._latency_ms * percent // 100)

    async def _paced(self, chunks: Iterable[Chunk]) -> AsyncGenerator[Chunk]:
        for chunk in chunks:
            yield chunk
            await asyncio.sleep(self._token_delay_s)

    def _chunks(self, answers: list[Answer]) -> Iterator[Chunk]:
        if self._kind == "azure_chat_openai":
            yield Chunk(without_choices=True)
        if self._kind in CHAT and not any(answer.call for answer in answers):
            yield Chunk()
        # With more than one choice the gateway's stream does not say whose a chunk is [23]: so they mix.
        for row in zip_longest(*(list(_pieces_of(answer)) for answer in answers)):
            yield from (chunk for chunk in row if chunk is not None)

    def _answers(self, body: Mapping[str, Any]) -> list[Answer]:
        question = Question(body)
        if not question.is_asked:
            raise ProviderError("[] is too short - 'messages'", 400)
        many = int(body.get("n", 1))
        if not 1 <= many <= MOST_CHOICES:
            raise ProviderError(f"{many} is not between 1 and {MOST_CHOICES} - 'n'", 400)
        call = call_wanted(body, question.text)
        if call is not None:
            reason = "function_call" if "functions" in body else "tool_calls"
            return [Answer((), reason, call, "functions" in body)] * many
        return [self._spoken(body, question, index) for index in range(many)]

    def _spoken(self, body: Mapping[str, Any], question: Question, index: int) -> Answer:
        text = self._voice(question)
        if index:
            text += f"\n\n(Answer {index + 1} of a demo model is its first one again.)"
        if body.get("response_format", {}).get("type") == "json_object":
            # The keys that the prompt names in quotes, as a model would; JSON mode has no schema to go by.
            keys = re.findall(r"'(\w+)'", question.text) or ["answer"]
            text = json.dumps(dict.fromkeys(keys, text), ensure_ascii=False)
        stops = body.get("stop", ())
        for stop in [stops] if isinstance(stops, str) else stops:
            text = text.partition(stop)[0] if stop else text
        pieces = tuple(tokens.split(text))
        most = self._most(body)
        if most is not None and len(pieces) > most:
            return Answer(pieces[:most], "max_tokens" if self._kind == "anthropic" else "length")
        return Answer(pieces, _FINISHED.get(self._kind, "stop"))

    def _most(self, body: Mapping[str, Any]) -> int | None:
        most = body.get("max_tokens_to_sample" if self._kind == "anthropic" else "max_tokens")
        if most is not None and most < 1:
            raise ProviderError(f"{int(most)} is less than the minimum of 1 - 'max_tokens'", 400)
        return None if most is None else int(most)

    def _new_id(self) -> str:
        return f"{_ID_PREFIX.get(self._kind, 'chatcmpl')}-{secrets.token_hex(8)}"


def _pieces_of(answer: Answer) -> Iterator[Chunk]:
    for piece in answer.pieces:
        yield Chunk(piece)
    if answer.call is not None:
        if answer.is_legacy:  # the gateway's stream loses the call, not its chunks [L18]
            yield from (Chunk() for _ in tokens.split(answer.call.arguments))
        else:
            yield from (Chunk(tool_calls=(delta,)) for delta in answer.call.deltas())
    yield Chunk(finish_reason=answer.finish_reason)
