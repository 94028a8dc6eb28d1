"""The event stream of `POST /api/v1/generate`: bytes in, typed events out, no I/O.

Grammar and quirks: gptrouter-wire.md, "Stream grammar". Frames and UTF-8 sequences may be cut anywhere;
unknown events come out as `Unknown` and unknown fields are passed over.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from gptrouter_notebook.reading import as_list, as_str
from gptrouter_notebook.wire import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    finish_reason: str | None = None
    """Why the model stopped, in its last update; anthropic and openai never say [17, 20]."""
    reports_finish: bool = False
    """Whether the event had a `finish_reason` at all, null included.

    A provider that reports it always names one at the end, or its answer was cut [L36].
    """
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    """Deltas in OpenAI's chunk form [25]."""
    model: str | None = None
    """The model's name; openai and anthropic say it in every update."""
    id: str | None = None
    citations: tuple[Any, ...] = ()
    """Sources named by newer gateways; the recorded one never sends them."""
    reasoning: str = ""
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

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_raw_json = json.JSONDecoder().raw_decode

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
        self._mark: bytes | None = b""
        self._is_between_events = False

    def feed(self, data: bytes) -> list[StreamEvent]:
        """Takes the next bytes and returns the events they complete, in order.

        Raises:
            ValueError: An event is longer than `MAX_EVENT_BYTES`; nothing can be fed after that.
        """
        # What the gateway sends, and httpx hands over: one event of one line at a time. Looking for this form
        # first halves what a token costs.
        if (
            self._is_between_events
            and data.startswith(b"data: ")
            and data.endswith(b"\n\n")
            and data.find(b"\n") == len(data) - 2
            and b"\r" not in data
            and len(data) <= MAX_EVENT_BYTES
        ):
            return [self._read("", data[6:-2])]
        data = self._normalised(data)
        # The blank line may be cut in two, so the last byte of what waits is looked at again; no more than
        # that, or a long event arriving in small reads would be searched from its start every time.
        if b"\n\n" not in self._tail + data:
            self._keep(data)
            return []
        *frames, rest = (b"".join(self._pieces) + data).split(b"\n\n")
        self._pieces, self._pending_bytes, self._tail = [], 0, b""
        self._keep(rest)
        self._is_between_events = not rest and not self._after_cr
        return [self._read(name, data) for name, data in map(_fields, frames) if data is not None]

    def _normalised(self, data: bytes) -> bytes:
        if self._mark is not None:
            # The first three bytes may be a byte order mark, and may come one by one.
            data = self._mark + data
            is_open = len(data) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(data)
            self._mark = data if is_open else None
            data = b"" if is_open else data.removeprefix(_BYTE_ORDER_MARK)
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
        self._is_between_events = False
        if self._pending_bytes > MAX_EVENT_BYTES:
            limit_mib = MAX_EVENT_BYTES // (1024 * 1024)
            raise ValueError(f"an event of the stream is longer than {limit_mib} MiB")

    def _read(self, name: str, data: bytes) -> StreamEvent:
        try:
            payload = _json(data.decode())
        except (ValueError, RecursionError):
            if name == "end":
                return _CLOSING
            if name or data == b"[DONE]":
                return Unknown(data.decode(errors="replace"))
            self.whole = True
            return StreamError("the gateway sent an event that is not JSON")
        event = _event(payload)
        if event is _END or type(event) is StreamError:
            self.whole = True
        return event


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


def _json(text: str) -> Any:
    # `json.loads` looks for white space on both sides, for the price of two regular expressions.
    try:
        payload, end = _raw_json(text)
    except ValueError:
        end = None
    return payload if end == len(text) else json.loads(text)


def _event(payload: Any) -> StreamEvent:  # noqa: PLR0911 - one return per kind of event
    if not isinstance(payload, dict):
        return Unknown(payload)
    kind = payload.get("event")
    data = payload.get("data")
    if kind == "update" and isinstance(data, dict):
        return _delta(data, payload.get("id"))
    if kind == "end":
        return _END
    if kind == "error":
        message = payload.get("message")
        return StreamError(message if isinstance(message, str) else _text_of(message))
    if not isinstance(data, dict):
        return Unknown(payload)
    if kind == "meta":
        return Meta(as_str(data.get("text")), as_str(data.get("model")) or None, Usage.from_json(data.get("usage")))
    if kind == "generation_source":
        return Source(as_str(data.get("modelId")), as_str(data.get("providerId")))
    return Unknown(payload)


def _delta(data: dict[str, Any], id_: Any) -> TextDelta:
    text = data.get("text")
    # Nearly all of them: a text, and no word yet why the model stops.
    if len(data) == 2 and data.get("finish_reason", "") is None and type(text) is str and type(id_) is str:  # noqa: PLR2004
        return TextDelta(text, reports_finish=True, id=id_)
    return TextDelta(
        as_str(text),
        as_str(data.get("finish_reason")) or None,
        "finish_reason" in data,
        tuple(call for call in as_list(data.get("tool_calls")) if isinstance(call, dict)),
        as_str(data.get("model")) or None,
        as_str(id_) or None,
        tuple(as_list(data.get("citations"))),
        as_str(data.get("reasoning_content")),
    )


def _text_of(message: Any) -> str:
    return "the gateway named no cause" if message in (None, "") else json.dumps(message, ensure_ascii=False)
