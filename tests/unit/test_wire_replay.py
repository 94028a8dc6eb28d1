"""Every recorded exchange, replayed byte for byte from a loopback server to `GatewayClient`, sync and async."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from replay import WIRE, Answer, Replay, recorded_bytes

from gptrouter_notebook import calls
from gptrouter_notebook.client import GatewayClient
from gptrouter_notebook.errors import (
    ConfigurationError,
    GatewayUnreachable,
    GPTRouterError,
    InvalidRequest,
    RateLimited,
    StreamInterrupted,
)
from gptrouter_notebook.sse import End, Meta, Source, StreamError, TextDelta
from gptrouter_notebook.timeout import Timeout
from gptrouter_notebook.wire import GenerateRequest, RequestEntry

EXCHANGES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(WIRE.glob("*.json"))}
KEY = "canary-key"

# Said by a browser before a request of its own; a client that is no browser never asks.
NOT_A_CALL = {"L50-cors-preflight"}


def of_generate(path):
    return path == "/api/v1/generate"


STREAMED = sorted(
    name
    for name, exchange in EXCHANGES.items()
    if of_generate(exchange["request"]["path"])
    and ("raw_sse" in exchange["response"] or "raw_http" in exchange["response"])
)
# A stored prompt is never streamed by us [L52]; its recorded streams are read by the decoder all the same.
PROMPT_STREAMS = ["L45-prompt-generate-stream", "L52-prompt-generate-stream-upstream-500"]
PLAIN = sorted(set(EXCHANGES) - set(STREAMED) - set(PROMPT_STREAMS) - NOT_A_CALL)


@pytest.fixture(params=["sync", "async"])
def mode(request):
    return request.param


def stream(client, request, mode):
    """The events of a stream, and the error it ended in."""
    events = []

    async def read():
        async for event in client.astream(request):
            events.append(event)  # noqa: PERF401 - those before an error count

    try:
        if mode == "sync":
            events.extend(client.stream(request))
        else:
            asyncio.run(read())
    except GPTRouterError as error:
        return events, error
    return events, None


def run(client, call, mode):
    try:
        return (client.run(call) if mode == "sync" else asyncio.run(client.arun(call))), None
    except GPTRouterError as error:
        return None, error


def request_of(exchange):
    """A request of ours that says what the recorded one says."""
    body = exchange["request"]["body"]
    entries = tuple(
        RequestEntry(
            entry.get("modelName", ""),
            entry.get("providerName", ""),
            entry.get("order", 1),
            entry["promptParams"],
            entry.get("modelId"),
            entry.get("providerId"),
        )
        for entry in body["data"]
    )
    extra = {name: value for name, value in body.items() if name not in {"data", "stream"}}
    return GenerateRequest(entries, stream=body["stream"], extra=extra)


def client_of(server, exchange, **options):
    bearer = exchange["request"]["headers"].get("authorization")
    return GatewayClient(server.url, bearer or KEY, max_retries=0, **options)


def events_in(exchange):
    """What the recorded stream says, read the plain way: one JSON value per data line."""
    raw = exchange["response"].get("raw_sse") or exchange["response"]["raw_http"]
    lines = [line.removeprefix("data: ") for line in raw.splitlines() if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


def check_events(events, said):
    texts = [(e["data"]["text"], e["data"].get("finish_reason")) for e in said if e["event"] == "update"]
    assert [(e.text, e.finish_reason) for e in events if isinstance(e, TextDelta)] == texts
    tools = [e["data"].get("tool_calls", []) for e in said if e["event"] == "update"]
    assert [list(e.tool_calls) for e in events if isinstance(e, TextDelta)] == tools
    metas = [e["data"] for e in said if e["event"] == "meta"]
    assert [(e.text, e.model) for e in events if isinstance(e, Meta)] == [(m["text"], m.get("model")) for m in metas]
    for event, meta in zip([e for e in events if isinstance(e, Meta)], metas, strict=True):
        assert (event.usage and event.usage.total_tokens) == meta.get("usage", {}).get("total_tokens")
    sources = [(e["data"]["modelId"], e["data"]["providerId"]) for e in said if e["event"] == "generation_source"]
    assert [tuple(e) for e in events if isinstance(e, Source)] == sources
    assert [e.message for e in events if isinstance(e, StreamError)] == [
        e["message"] for e in said if e["event"] == "error"
    ]
    assert sum(isinstance(e, End) for e in events) == sum(e["event"] == "end" for e in said)


@pytest.mark.parametrize("split", [0, 1, 7])
@pytest.mark.parametrize("name", STREAMED)
def test_a_recorded_stream_is_read_however_its_bytes_arrive(name, split, mode):
    exchange = EXCHANGES[name]
    data, broken = recorded_bytes(exchange)
    stalls = exchange["response"].get("transport_error") == "ReadTimeout"
    with Replay() as server:
        server.on("/api/v1/generate", Answer(data, "hold" if stalls else "close" if broken else "keep", split))
        client = client_of(server, exchange, timeout=Timeout(read_s=0.3 if stalls else 10))
        events, error = stream(client, request_of(exchange), mode)
        check_events(events, events_in(exchange))
        assert isinstance(error, StreamInterrupted if broken else type(None))
        asked = server.asked[0]
    assert asked.json == exchange["request"]["body"]
    assert "null" not in asked.body.decode() or "null" in json.dumps(exchange["request"]["body"])
    limit = exchange["response"].get("headers", {}).get("x-ratelimit-remaining")
    assert client.allowance is None if limit is None else client.allowance.remaining == int(limit)


def spanned(call, query):
    """A call over the recorded span of time."""
    return calls.Call(
        call.method, call.path, call.read, query={name: value for name, [value] in parse_qs(query).items()}
    )


OURS = {
    "GET model/all": lambda _, __: calls.models(),
    "GET provider/all": lambda _, __: calls.providers(),
    "GET healthcheck": lambda _, query: spanned(calls.health(), query),
    "POST healthcheck": lambda _, __: calls.check_health(),
    "GET model-usage/model": lambda _, query: spanned(calls.usage(), query),
    "POST user/login": lambda body, _: calls.login(**body),
    "POST prompt": lambda body, _: calls.create_prompt(body),
    "GET prompt/all": lambda _, __: calls.prompts(),
    "POST generate/prompt": lambda body, _: calls.generate_from_prompt(body["data"]),
    "POST generate/generate-image": lambda body, _: calls.generate_image(body),
    "POST generate/image": lambda body, _: calls.image_question(body["data"]),
}


def call_of(name, exchange):
    """The call of ours that asks what the recorded request asks."""
    request = exchange["request"]
    url = urlsplit(request["path"])
    path = url.path.removeprefix("/api/v1/")
    if path == "generate" and exchange["response"]["status"] == 200:
        return calls.generate(request_of(exchange))
    if "model-by-id" in name:
        return calls.model(path.removeprefix("model/"))
    if ours := OURS.get(f"{request['method']} {path}"):
        return ours(request["body"], url.query)
    # Bodies that a client of ours cannot make [32, 33, 34, 35] and paths that it does not know [02, 51].
    is_open = request["path"] == "/healthcheck"
    return calls.Call(request["method"], request["path"], lambda value: value, body=request["body"], is_open=is_open)


def expected_error(status):
    if status == 429:
        return RateLimited
    if status in {401, 403}:
        return ConfigurationError
    return InvalidRequest


@pytest.mark.parametrize("name", PLAIN)
def test_a_recorded_plain_exchange_is_read(name, mode):
    exchange = EXCHANGES[name]
    response = exchange["response"]
    data, _ = recorded_bytes(exchange)
    path = urlsplit(exchange["request"]["path"]).path
    with Replay() as server:
        server.on(path, data)
        client = client_of(server, exchange)
        reply, error = run(client, call_of(name, exchange), mode)
        asked = server.asked[0]
    if name not in {"07-healthcheck-trigger", "L04-healthcheck-trigger-no-body"}:  # ours always sends {}
        assert asked.json == exchange["request"]["body"]
    assert asked.method == exchange["request"]["method"]
    assert asked.path.split("?")[0] == path
    authorised = exchange["request"]["headers"].get("authorization")
    if path not in {"/healthcheck", "/api/v1/user/login"}:
        assert asked.headers.get("authorization") == authorised
        assert asked.headers.get("ws-secret") == (None if authorised else KEY)
    if response["status"] >= 400:
        body = response["body"]
        assert type(error) is expected_error(response["status"])
        assert error.status == response["status"]
        assert error.cause == (body.get("message") or body.get("error"))
        assert server.url in str(error)
        assert KEY not in str(error)
        if response["status"] == 429:
            assert error.retry_after_s == float(response["headers"]["retry-after"])
        return
    assert error is None
    if "choices" in response["body"]:
        check_answer(reply, response["body"])
    else:
        check_records(name, reply, response["body"])
    remaining = response["headers"].get("x-ratelimit-remaining")
    assert client.allowance is None if remaining is None else client.allowance.remaining == int(remaining)


def check_answer(reply, body):
    """A typed answer says what the recorded JSON says."""
    assert [(c.text, c.finish_reason, c.index) for c in reply.choices] == [
        (c["text"], c["finish_reason"] or None, c["index"]) for c in body["choices"]
    ]
    assert [c.function_call for c in reply.choices] == [c.get("function_call") for c in body["choices"]]
    assert (reply.model, reply.model_id, reply.provider_id) == (body["model"], body["modelId"], body["providerId"])
    usage = body.get("meta", {}).get("usage")
    assert (reply.usage and reply.usage.total_tokens) == (usage and usage["total_tokens"])


def check_records(name, reply, body):  # noqa: C901 - one branch per kind of record
    """Typed records say what the recorded JSON says."""
    if "model-by-id" in name or name == "03-models-all":
        models = reply if isinstance(reply, tuple) else (reply,)
        rows = body if isinstance(body, list) else [body]
        assert [(m.id, m.name, m.provider_id, m.input_type, m.order, m.provider_name) for m in models] == [
            (r["id"], r["name"], r["providerId"], r["inputType"], r["order"], r.get("providerName", "")) for r in rows
        ]
    elif name.startswith("04"):
        assert [(p.id, p.name) for p in reply] == [(p["id"], p["name"]) for p in body]
    elif "healthcheck-trigger" in name:
        assert [(h.model_id, h.is_available, h.latency_ms, h.status) for h in reply] == [
            (r["modelId"], r["isAvailable"], r["latency"], r["status"]) for r in body
        ]
        assert all(h.checked_at is not None for h in reply)
    elif name.startswith("09"):
        assert [(h.model_id, h.newest.latency_ms) for h in reply] == [
            (r["modelId"], r["data"][-1]["latency"]) for r in body
        ]
    elif "usage" in name:
        assert [[p.cost for p in u.points] for u in reply] == [[p["cost"] for p in u["data"]] for u in body]
    elif "login" in name:
        assert (reply.id, reply.email, reply.role, reply.token) == (
            body["id"],
            body["email"],
            body["role"],
            body["token"],
        )
        assert body["token"] not in repr(reply)
    elif "prompt" in name:
        prompts, rows = (reply, body) if isinstance(body, list) else ((reply,), [body])
        assert [(p.id, p.title, p.version) for p in prompts] == [
            (r["id"], r["title"], r["versionNumber"]) for r in rows
        ]
    elif name.startswith("49"):
        assert [image.url for image in reply] == [image["url"] for image in body["response"]]
    elif name.startswith("L46"):
        assert [image.base64 for image in reply] == [image["base64"] for image in body["response"]["artifacts"]]
    elif name.startswith("L47"):
        assert reply == body["response"]
    else:
        assert reply == body


def test_the_recordings_here_are_the_ones_that_are_shared():
    shared = WIRE.parents[2] / "shared" / "wire"
    if shared.exists():
        assert {path.name: path.read_bytes() for path in shared.glob("*.json")} == {
            path.name: path.read_bytes() for path in WIRE.glob("*.json")
        }


def test_every_recorded_exchange_is_replayed():
    assert set(STREAMED) | set(PLAIN) | set(PROMPT_STREAMS) | NOT_A_CALL == set(EXCHANGES)
    assert len(EXCHANGES) == 106


@pytest.mark.parametrize("name", PROMPT_STREAMS)
def test_a_streamed_stored_prompt_is_read_though_it_is_never_asked_for(name, mode):
    exchange = EXCHANGES[name]
    data, broken = recorded_bytes(exchange)
    with Replay() as server:
        server.on("/api/v1/generate", Answer(data, "close" if broken else "keep"))
        events, error = stream(client_of(server, exchange), GenerateRequest((), stream=True), mode)
    check_events(events, events_in(exchange))
    assert isinstance(error, StreamInterrupted if broken else type(None))


def test_a_gateway_that_is_away_is_asked_again_and_then_reported(mode):
    with Replay() as server:
        url = server.url
    reply, error = run(GatewayClient(url, KEY, max_retries=1), calls.models(), mode)
    assert reply is None
    assert isinstance(error, GatewayUnreachable)
    assert url in str(error)
    assert "%gptrouter demo" in str(error)
