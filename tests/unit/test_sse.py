"""`EventDecoder`: any split of the bytes gives the same events, and nothing a gateway sends makes it crash."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay import WIRE

from gptrouter_notebook import sse
from gptrouter_notebook.sse import Closing, End, EventDecoder, StreamError, TextDelta, Unknown

STREAMS = [
    exchange["response"]["raw_sse"].encode()
    for path in sorted(WIRE.glob("*.json"))
    if "raw_sse" in (exchange := json.loads(path.read_text("utf-8")))["response"]
]


def decode(*pieces):
    decoder = EventDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)], decoder.whole


@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 5000), max_size=8), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_any_split_gives_the_same_events(stream, cuts, line_end):
    data = stream.replace(b"\n", line_end)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert decode(*pieces, b"\n\n" if line_end == b"\r" else b"") == decode(stream)


@given(st.sampled_from(STREAMS))
def test_byte_by_byte_gives_the_same_events(stream):
    assert decode(*(stream[i : i + 1] for i in range(len(stream)))) == decode(stream)


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_garbage_makes_no_fault(pieces):
    events, _ = decode(*pieces)
    assert all(isinstance(event, sse.StreamEvent) for event in events)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_json_of_any_shape_makes_no_fault(value):
    data = f"data: {json.dumps(value)}\n\n".encode()
    events, _ = decode(b"retry: 3000\n\n", data)
    assert len(events) == 1


def test_only_the_end_event_or_an_error_makes_a_stream_whole():
    assert decode(b'data: {"event":"end","data":"end"}\n\n') == ([End()], True)
    assert decode(b"event: end\ndata: Stream closed\n\n") == ([Closing()], False)
    assert decode(b'data: {"event":"error","message":"no"}\n\n') == ([StreamError("no")], True)
    assert decode(b'data: {"event":"end","data":"end"}\n') == ([], False)


@pytest.mark.parametrize(
    ("data", "event"),
    [
        (b": a comment\n\n", None),
        (b"id: 7\nretry: 1\n\n", None),
        (b"data: [DONE]\n\n", Unknown("[DONE]")),
        (b'event: ping\ndata: {"event":"ping"}\n\n', Unknown({"event": "ping"})),
        (b"event: ping\ndata: pong\n\n", Unknown("pong")),
        (b'data: {"event":"update",\ndata: "data":{"text":"a"}}\n\n', TextDelta("a")),
        (b'\xef\xbb\xbfdata: {"event":"update","data":{"text":"a"}}\n\n', TextDelta("a")),
        (b'data:{"event":"update","data":{"text":"a","new":1}}\n\n', TextDelta("a")),
        ('data: {"event":"update","data":{"text":"\u2028 🚀\\u0000"}}\n\n'.encode(), TextDelta("\u2028 🚀\0")),
    ],
)
def test_forms_that_the_standard_allows(data, event):
    assert decode(data)[0] == ([] if event is None else [event])


def test_an_event_that_is_not_json_is_an_error_not_a_shorter_answer():
    [event], whole = decode(b"data: {half\n\n")
    assert isinstance(event, StreamError)
    assert whole


def test_an_endless_event_is_refused(monkeypatch):
    monkeypatch.setattr(sse, "MAX_EVENT_BYTES", 1024 * 1024)
    decoder = EventDecoder()
    for _ in range(511):
        decoder.feed(b"x" * 2048)
    with pytest.raises(ValueError, match="longer than 1 MiB"):
        decoder.feed(b"x" * 4096)
