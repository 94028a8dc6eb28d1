"""Answers that nobody would send, searched for by atheris: whatever comes, only our own errors come out.

`python tests/fuzz/fuzz.py TARGET [SECONDS] [FOLDER]` searches for so long, an hour by default, from the recorded
exchanges and from what earlier runs left in FOLDER. It ends with 77 and the culprit's bytes if it finds one.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from random import Random

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

with atheris.instrument_imports(include=["gptrouter_notebook"]):
    import gptrouter_notebook.chat_model
    import gptrouter_notebook.exports
    import gptrouter_notebook.notebook_file
    import gptrouter_notebook.transcript_html  # noqa: F401 # loaded on use elsewhere, and instrumented here
    from gptrouter_notebook import GPTRouter, pool
    from gptrouter_notebook.conversation import Conversation, Question
    from gptrouter_notebook.errors import ConfigurationError, GPTRouterError
    from gptrouter_notebook.message_turns import conversation_of
    from gptrouter_notebook.notebook_file import chat_in
    from gptrouter_notebook.routing import as_models
    from gptrouter_notebook.settings import Settings
    from gptrouter_notebook.sse import EventDecoder
    from gptrouter_notebook.transcript import from_dict, to_dict
    from gptrouter_notebook.transcript_bundle import CHAT_MIME
    from gptrouter_notebook.transcript_html import to_html

import httpx
from replay import WIRE

HOUR_S = 3_600
ANY_BYTES = 0.3
"""How often bytes are changed without regard to what they mean."""
MODEL = GPTRouter(models_priority_list=["p/m", "q/n"], base_url="http://gateway", api_key="k", max_retries=0)
EXCHANGES = [json.loads(path.read_text("utf-8")) for path in sorted(WIRE.glob("*.json"))]
ODD = (
    *(None, True, False, 0, -1, 2**63, 10**400, 0.5, float("inf"), float("nan"), "", "x", "1", [], {}, [[]], [None]),
    *({"a": {}}, "\ud800", "\0\n\u202e", "x" * 3_000, "data:image/png;base64,QUJD", "p/m", {"type": "text", "text": 1}),
)
BOTTOMLESS = "[" * 50_000


class Answering:
    """What the gateway answers next, with httpx's own transport for tests in the place of a socket."""

    body = b""
    kind = ""

    def __call__(self, request):
        if request.url.path != "/api/v1/generate":
            return httpx.Response(200, json=[])
        return httpx.Response(200, content=self.body, headers={"content-type": self.kind})


ANSWERING = Answering()


def events(data: bytes) -> None:
    """Any split of a stream's bytes gives the same events."""
    at = data[0] % len(data) if data else 0
    whole, split = EventDecoder(), EventDecoder()
    expected = whole.feed(data)
    got = [*split.feed(data[:at]), *split.feed(data[at:])]
    assert repr((got, split.whole)) == repr((expected, whole.whole)), at


def streamed(data: bytes) -> None:
    """A model's streamed answer."""
    _ask(data, "text/event-stream", lambda: [chunk.text for chunk in MODEL.stream("Hi")])


def plain(data: bytes) -> None:
    """A model's plain answer, and a conversation made of it."""

    def ask():
        # Several choices can be had in a plain reply only.
        message = MODEL.invoke("Hi", n=2)
        talk = conversation_of([message])
        json.dumps(to_dict(talk, as_models(["p/m"]), Settings()))

    _ask(data, "application/json", ask)


def saved(data: bytes) -> None:
    """A saved conversation, and a notebook that holds it: read, saved, shown."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return
    with suppress(ConfigurationError):
        chat_in(value)
    try:
        read = from_dict(chat_in({"cells": [{"outputs": [{"data": {CHAT_MIME: value}}]}]}))
    except GPTRouterError:
        return
    again = to_dict(read.conversation, read.models, read.settings)
    assert to_dict(from_dict(again).conversation, read.models, read.settings) == again
    to_html(read.conversation)


TARGETS = {run.__name__: run for run in (events, streamed, plain, saved)}


def _ask(body, kind, ask):
    ANSWERING.body, ANSWERING.kind = body, kind
    try:
        ask()
    except GPTRouterError as error:
        sentence = str(error)
    else:
        return
    assert "\n" not in sentence, sentence


def seeds(name: str) -> list[bytes]:
    """What a target begins with: the recorded exchanges, or a conversation."""
    responses = [exchange["response"] for exchange in EXCHANGES]
    if name in {"events", "streamed"}:
        return [response["raw_sse"].encode() for response in responses if "raw_sse" in response]
    if name == "plain":
        return [json.dumps(response["body"]).encode() for response in responses if "body" in response]
    talk = Conversation()
    for text in ("Hi", "And?"):
        turn = talk.begin(Question(text))
        turn.answer.append("Hello")
        turn.answer.finish("complete")
    chat = to_dict(talk, as_models(["p/m"]), Settings())
    old = {"version": chat["version"], "models": chat["models"]}
    answer = chat["turns"][0]["answer"]
    old["turns"] = [{"id": 1, "user": "Hi", "active": 0, "answers": [answer, answer]}]
    return [json.dumps(value).encode() for value in (chat, old)]


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Another shape of the same JSON, or of one event of a stream, and every other time any bytes at all."""
    random = Random(seed)  # noqa: S311 - to be had again
    frames = data.split(b"\n\n")
    at = random.randrange(len(frames))
    head, colon, text = frames[at].partition(b"data: ")
    text = text if colon else head
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if random.random() < ANY_BYTES or not isinstance(value, dict | list):
        return atheris.Mutate(data, max_size)
    for _ in range(random.randint(1, 3)):
        value = _reshaped(value, random)
    made = json.dumps(value, ensure_ascii=True).replace('"bottomless"', BOTTOMLESS).encode()
    frames[at] = head + colon + made if colon else made
    return b"\n\n".join(frames)[:max_size]


def _reshaped(value, random):
    """The value with something in it replaced, doubled, dropped or put elsewhere."""
    places = list(_places(value))
    if not places:
        return value
    inside, key = random.choice(places)
    what = random.randrange(5)
    if what == 0:
        del inside[key]
    elif what == 1:
        other, name = random.choice(places)
        inside[key] = deepcopy(other[name])
    elif what == 2 and isinstance(inside, list):
        inside.insert(key, deepcopy(inside[key]))
    else:
        inside[key] = deepcopy(random.choice((*ODD, "bottomless")))
    return value


def _places(value):
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


def main(name: str, seconds: int, folder: Path) -> None:
    """Search with one target; does not return."""
    pool._client = httpx.Client(transport=httpx.MockTransport(ANSWERING))
    corpus = folder / name
    corpus.mkdir(parents=True, exist_ok=True)
    for at, data in enumerate(seeds(name)):
        (corpus / f"seed-{at}").write_bytes(data)
    options = [f"-max_total_time={seconds}", "-max_len=65536", "-timeout=20", "-rss_limit_mb=4096"]
    command = [name, str(corpus), *options, f"-artifact_prefix={folder}/culprit-"]
    atheris.Setup(command, TARGETS[name], custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    _, target, *rest = sys.argv
    main(target, int(rest[0]) if rest else HOUR_S, Path(rest[1]) if rest[1:] else Path.cwd() / ".fuzz")
