"""A generate request's way: choice by health, the provider call with its repetitions, the reply or the stream."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from gptrouter_notebook.gateway.providers import ParamsDoNotFit, adapt, choice_of, count_text, prompt_tokens, update_of
from gptrouter_notebook.gateway.upstream import ProviderError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence

    from gptrouter_notebook.gateway.catalogue import Catalogue, Model
    from gptrouter_notebook.gateway.providers import Kind
    from gptrouter_notebook.gateway.store import HealthTable, UsageTable
    from gptrouter_notebook.gateway.validation import Calling, Entry

RETRY = b"retry: 3000\n\n"
CLOSING = b"event: end\ndata: Stream closed\n\n"
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 8.0
COHERE_RETRIES = 2
"""Cohere's SDK repeats by its own rule, whatever `maxRetries` says."""

T = TypeVar("T")


class NotChosen(Exception):
    """No model of the list can be asked; the message is the stream's error event."""


class StreamBroken(Exception):
    """The connection is to be cut without a last word [L52]."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model that will be asked and its parameters."""

    model: Model
    params: Mapping[str, Any]


def choose(entries: Sequence[Entry], catalogue: Catalogue, health: HealthTable) -> Chosen:
    """The first entry whose newest health row lets it through.

    Raises:
        NotChosen: A name before that entry is unknown [L29], or no entry is left [55].
    """
    for entry in entries:
        model = catalogue.find_model(entry)
        if model is None:
            raise NotChosen(_unknown("Model", entry.model_id, entry.model_name))
        provider = catalogue.find_provider(entry)
        if provider is None:
            raise NotChosen(_unknown("Provider", entry.provider_id, entry.provider_name))
        newest = health.newest(model.id, provider.id)
        if newest is not None and newest.lets_through:
            return Chosen(model, entry.params)
    raise NotChosen("No models available")


class Generation:
    """One generate request on its way.

    Args:
        choice: Finds the model to ask; called once.
        calling: How it is called.
        usage: Where the usage row goes.
        user_id: Whose it is; None leaves no row [50].
    """

    def __init__(self, choice: Callable[[], Chosen], calling: Calling, usage: UsageTable, user_id: str | None) -> None:
        self._choice = choice
        self._calling = calling
        self._usage = usage
        self._user_id = user_id

    async def reply(self) -> dict[str, Any]:
        """The plain reply.

        Raises:
            NotChosen: No model can be asked.
            ParamsDoNotFit: The parameters are not the provider's.
            ProviderError: The provider failed.
        """
        chosen = self._choice()
        model, kind = chosen.model, chosen.model.provider.kind
        body = adapt(kind, model.name, chosen.params, stream=False)
        completion = await self._repeat(chosen, lambda: model.upstream.complete(body))
        usage = completion.usage
        if kind == "anthropic":  # its replies hold no count, so the gateway makes its own
            usage = _usage(kind, count_text(kind, body["prompt"]), "".join(item.text for item in completion.choices))
        if usage:
            self._save(model, usage)
            usage = {name: usage[name] for name in ("completion_tokens", "prompt_tokens", "total_tokens")}
        return {
            "id": completion.id,
            "choices": [choice_of(kind, index, choice) for index, choice in enumerate(completion.choices)],
            "model": model.name,
            "providerId": model.provider.id,
            "modelId": model.id,
            "meta": {"usage": usage} if usage else {},
        }

    async def stream(self) -> AsyncGenerator[bytes]:
        """The frames of `POST /generate`, one event each; failures are events too."""
        yield RETRY
        try:
            chosen = self._choice()
        except NotChosen as reason:
            yield event({"event": "error", "message": str(reason)})
            yield CLOSING
            return
        try:
            async with aclosing(self._events(chosen)) as events:
                async for item in events:
                    yield event(item)
        except (ParamsDoNotFit, ProviderError) as failed:
            words = failed.words(chosen.model.provider.kind) if isinstance(failed, ProviderError) else str(failed)
            yield event({"event": "error", "message": words})
            yield CLOSING  # once here and once below, as recorded [40]
        else:
            yield event({"event": "end", "data": "end"})
        yield CLOSING

    async def stream_prompt(self) -> AsyncGenerator[bytes]:
        """The frames of `POST /generate/prompt`: the closing event stands before `end` [L45].

        Raises:
            StreamBroken: Anything failed. The recorded server dies of it [L52]; we only cut the connection.
        """
        yield RETRY
        try:
            async with aclosing(self._events(self._choice())) as events:
                async for item in events:
                    yield event(item)
        except (NotChosen, ParamsDoNotFit, ProviderError):
            raise StreamBroken from None
        yield CLOSING
        yield event({"event": "end", "data": "end"})

    async def _events(self, chosen: Chosen) -> AsyncGenerator[dict[str, Any]]:
        model, kind = chosen.model, chosen.model.provider.kind
        if kind == "cohere":
            raise ProviderError(f"Stream not supported for provider {model.provider.name}")
        body = adapt(kind, model.name, chosen.params, stream=True)
        opened = await self._repeat(chosen, lambda: model.upstream.open_stream(body))
        told: list[str] = []
        counted = prompt_tokens(kind, chosen.params, body) if model.is_counted else None
        try:
            async with aclosing(opened.chunks) as chunks:
                async for chunk in chunks:
                    told.append(chunk.text)
                    data = update_of(kind, model.name, chunk)
                    if data is not None:
                        yield {"id": opened.id, "event": "update", "data": data}
        finally:
            # Also when the client is gone: what was streamed was used.
            usage = None if counted is None else _usage(kind, counted, "".join(told))
            if usage:
                self._save(model, usage)
        meta: dict[str, Any] = {"text": "".join(told)}
        if kind == "chat_openai":
            meta["model"] = model.name
        if usage:
            meta["usage"] = usage
        yield {"event": "meta", "data": meta}
        yield {"event": "generation_source", "data": {"modelId": model.id, "providerId": model.provider.id}}

    async def _repeat(self, chosen: Chosen, call: Callable[[], Awaitable[T]]) -> T:
        retries = COHERE_RETRIES if chosen.model.provider.kind == "cohere" else self._calling.max_retries
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                async with asyncio.timeout(self._calling.timeout_ms / 1000):
                    return await call()
            except TimeoutError:
                failed = ProviderError("Request timed out.", unreached=True)
            except ProviderError as error:
                failed = error
            if retries <= 0 or not failed.is_repeated:
                raise failed
            retries -= 1
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _save(self, model: Model, usage: Mapping[str, int]) -> None:
        if self._user_id:
            self._usage.add(model, usage, at=datetime.now(UTC))


def event(item: Mapping[str, Any]) -> bytes:
    """One event of a stream: a `data:` line of compact JSON, not escaped."""
    return b"data: " + to_json(item) + b"\n\n"


def to_json(value: Any) -> bytes:
    """Compact JSON as JavaScript writes it: UTF-8, and half a surrogate pair as its escape."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return written.encode("utf-8", "backslashreplace")


def _usage(kind: Kind, prompt: int, text: str) -> dict[str, int]:
    completion = count_text(kind, text)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _unknown(what: str, asked_id: str | None, asked_name: str | None) -> str:
    if asked_id is not None:
        return f"{what} with id {asked_id} does not exist"
    return f"{what} with name {'undefined' if asked_name is None else asked_name} does not exist"
