"""The event stream of `POST /api/v1/generate`: bytes in, typed events out, no I/O.

Grammar and quirks: gptrouter-wire.md, "Stream grammar". Frames and UTF-8 sequences may be cut anywhere;
unknown events come out as `Unknown` and unknown fields are passed over.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from gptrouter_notebook.reading import as_str
from gptrouter_notebook.wire import Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = [
    "MAX_EVENT_BYTES",
    "Closing",
    "End",
    "EventDecoder",
    "Meta",
    "Source",
    "StreamError",
    "StreamEvent",
    "TextDelta",
    "Unknown",
]

MAX_EVENT_BYTES = 32 * 1024 * 1024
"""An event longer than this is an attack or an accident, not an answer."""


# NamedTuples, not dataclasses: one is made per token, and a frozen dataclass costs three times as much.
class TextDelta(NamedTuple):
    """One `update`: a piece of the answer, a piece of a tool call, or the word that it is over."""

    text: str
    finish_reason: str | None
    """Why the model stopped, in its last update; anthropic and openai never say [17, 20]."""
    reports_finish: bool
    """Whether the event had a `finish_reason` at all, null included.

    A provider that reports it always names one at the end, or its answer was cut [L36].
    """
    tool_calls: tuple[Mapping[str, Any], ...]
    """Deltas in OpenAI's chunk form [25]."""
    model: str | None
    """The model's name; openai and anthropic say it in every update."""
    id: str | None
    citations: tuple[Any, ...]
    """Sources named by newer gateways; the recorded one never sends them."""
    reasoning: str
    """A piece of the model's reasoning, from newer gateways."""


class Meta(NamedTuple):
    """The whole text once more, with the gateway's own token count where it has one [L11, L17]."""

    text: str
    model: str | None
    usage: Usage | None


class Source(NamedTuple):
    """Who answered (`generation_source`), as ids of `GET /api/v1/model/all`."""

    model_id: str
    provider_id: str


class End(NamedTuple):
    """The answer is complete."""


class Closing(NamedTuple):
    """The gateway is about to close the stream; said after `end` or an error, and at times twice [L08]."""


class StreamError(NamedTuple):
    """The gateway or the provider failed; the message is all there is [40, L13]."""

    message: str


class Unknown(NamedTuple):
    """An event this version does not know, as it came."""

    payload: Any


StreamEvent = TextDelta | Meta | Source | End | Closing | StreamError | Unknown

_END = End()
_CLOSING = Closing()


class EventDecoder:
    """Turns the bytes of one stream into events, however they are split.

    Example:
        >>> decoder = EventDecoder()
        >>> decoder.feed(b'data: {"event":"end","da')
        []
        >>> decoder.feed(b'ta":"end"}' + bytes([10, 10]))
        [End()]
        >>> decoder.whole
        True
    """

    def __init__(self) -> None:
        self.whole = False
        """Whether the `end` event or an error was seen: without either the stream was cut."""
        self._pieces: list[bytes] = []
        self._pending_bytes = 0
        self._tail = b""
        self._after_cr = False
        self._started = False

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Takes the next bytes and returns the events they complete, in order."""
        data = self._normalised(data)
        # The blank line may be cut in two, so the last byte of what waits is looked at again; no more than
        # that, or a long event arriving in small reads would be searched from its start every time.
        if b"\n\n" not in self._tail + data:
            self._keep(data)
            return []
        *frames, rest = (b"".join(self._pieces) + data).split(b"\n\n")
        self._pieces, self._pending_bytes, self._tail = [], 0, b""
        self._keep(rest)
        return [event for frame in frames for event in self._frame(frame)]

    def _normalised(self, data: bytes) -> bytes:
        if not self._started and data:
            self._started = True
            data = data.removeprefix(b"\xef\xbb\xbf")
        if self._after_cr and data:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        self._pieces.append(data)
        self._pending_bytes += len(data)
        self._tail = data[-1:]
        if self._pending_bytes > MAX_EVENT_BYTES:
            limit_mib = MAX_EVENT_BYTES // (1024 * 1024)
            raise ValueError(f"an event of the stream is longer than {limit_mib} MiB")

    def _frame(self, frame: bytes) -> Iterator[StreamEvent]:
        # One `data:` line is what the gateway sends; the general form costs three times as much to read.
        name, data = ("", frame[6:]) if frame.startswith(b"data: ") and b"\n" not in frame else _fields(frame)
        if data is None:
            return
        try:
            payload = json.loads(data)
        except ValueError:
            if name == "end":
                yield _CLOSING
            elif name or data == b"[DONE]":
                yield Unknown(data.decode(errors="replace"))
            else:
                self.whole = True
                yield StreamError("the gateway sent an event that is not JSON")
            return
        event = _event(payload)
        if event is _END or type(event) is StreamError:
            self.whole = True
        yield event


def _fields(frame: bytes) -> tuple[str, bytes | None]:
    """The event's name and joined data lines, by the rules of the HTML standard, section 9.2.6."""
    name = ""
    data: list[bytes] = []
    for line in frame.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode(errors="replace")
    return name, b"\n".join(data) if data else None


def _event(payload: Any) -> StreamEvent:  # noqa: PLR0911 - one return per kind of event
    if not isinstance(payload, dict):
        return Unknown(payload)
    kind = payload.get("event")
    if kind == "end":
        return _END
    if kind == "error":
        message = payload.get("message")
        return StreamError(message if isinstance(message, str) else _text_of(message))
    data = payload.get("data")
    if not isinstance(data, dict):
        return Unknown(payload)
    if kind == "update":
        return TextDelta(
            as_str(data.get("text")),
            data.get("finish_reason") or None,
            "finish_reason" in data,
            _dicts(data["tool_calls"]) if "tool_calls" in data else (),
            data.get("model"),
            payload.get("id"),
            tuple(data["citations"]) if isinstance(data.get("citations"), list) else (),
            as_str(data.get("reasoning_content")) if "reasoning_content" in data else "",
        )
    if kind == "meta":
        return Meta(as_str(data.get("text")), data.get("model"), Usage.from_json(data.get("usage")))
    if kind == "generation_source":
        return Source(as_str(data.get("modelId")), as_str(data.get("providerId")))
    return Unknown(payload)


def _dicts(value: Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _text_of(message: Any) -> str:
    return "the gateway named no cause" if message in (None, "") else json.dumps(message, ensure_ascii=False)
