"""What the demo models say and how the scripted outages fail, as a client sees it."""

from __future__ import annotations

import base64
import json
import struct

import httpx
import pytest

from gptrouter_notebook.gateway import start_gateway, tokens

GUIDE_PROMPT = "Translate this sentence from English to French. I love programming."


@pytest.fixture(scope="module")
def ask():
    with start_gateway(key="secret", user_keys=("user-key",), token_delay_s=0) as gateway:

        def post(model, text="Hello", *, stream=True, key="secret", **params):
            provider, _, name = model.partition("/")
            params = params if "prompt" in params else {"messages": [{"role": "user", "content": text}], **params}
            body = {
                "stream": stream,
                "maxRetries": 0,
                "data": [{"providerName": provider, "modelName": name, "order": 1, "promptParams": params}],
            }
            reply = httpx.post(f"{gateway.url}/api/v1/generate", json=body, headers={"ws-secret": key}, timeout=20)
            return events_of(reply.text) if stream else reply.json()

        post.gateway = gateway
        yield post


@pytest.fixture
def healthy(ask):
    made = []

    def make(model):
        ask.gateway.set_health(model, True, 5)  # noqa: FBT003 # the promised signature
        made.append(model)

    yield make
    for model in made:
        ask.gateway.forget_health(model)
    httpx.post(f"{ask.gateway.url}/api/v1/healthcheck", headers={"ws-secret": "secret"})


def events_of(text):
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: {")]


def updates(events):
    return [event["data"] for event in events if event["event"] == "update"]


def text_of(events):
    return "".join(data["text"] for data in updates(events))


def finish_of(events):
    return [data["finish_reason"] for data in updates(events) if data.get("finish_reason")]


def errors(events):
    return [event["message"] for event in events if event["event"] == "error"]


def test_the_catalogue_stands_in_its_promised_order(ask):
    models = httpx.get(f"{ask.gateway.url}/api/v1/model/all", headers={"ws-secret": "secret"}).json()
    names = [f"{model['providerName']}/{model['name']}" for model in models]
    demo = [
        "markdown",
        "echo",
        "long",
        "down",
        "slow",
        "never-checked",
        "fails-first",
        "breaks",
        "ends-early",
        "short-memory",
        "stalls",
    ]
    assert names[:12] == [*(f"demo/{name}" for name in demo), "demo_plain/no-stream"]
    assert len(names) == 36
    assert [model["order"] for model in models] == list(range(1, 37))
    assert len({model["id"] for model in models}) == 36


def test_in_the_first_second_all_is_available_but_what_is_scripted_otherwise():
    with start_gateway() as gateway:
        state = gateway._state
        params = {"startDate": "2000-01-01", "endDate": "2999-12-31"}
        headers = {"ws-secret": gateway.key}
        history = httpx.get(f"{gateway.url}/api/v1/healthcheck", params=params, headers=headers).json()
    shut = {
        model.full_name
        for model in state.catalogue.models
        if not ((row := state.health.newest(model.id, model.provider.id)) and row.lets_through)
    }
    assert shut == {"demo/down", "demo/slow", "demo/never-checked"}
    assert {len(entry["data"]) for entry in history} == {12}
    assert all(entry["data"] == sorted(entry["data"], key=lambda row: row["time"]) for entry in history)


def test_a_check_appends_a_row_for_every_model_that_can_be_checked():
    with start_gateway() as gateway:
        before = len(gateway._state.health.rows())
        reply = httpx.post(f"{gateway.url}/api/v1/healthcheck", json={}, headers={"ws-secret": gateway.key})
        assert len(reply.json()) == before + 35


def test_markdown_shows_what_a_renderer_must_get_right(ask):
    text = text_of(ask("demo/markdown"))
    assert text.startswith("I am a demo model: ")
    assert "nothing here was thought up by an AI" in text
    for sign in ("\n## ", "```python", "```typescript", "```sql", "\n|:--|", "- [x] ", "$n$", "\n$$\n", "🚀", "\n> "):
        assert sign in text, sign
    assert text.count("```") == 6


def test_echo_says_what_was_said(ask):
    events = ask("demo/echo", "naïve 日本語 👩‍🚀\n\nsecond line")
    assert text_of(events) == "I am a demo model: you said “naïve 日本語 👩‍🚀\n\nsecond line”."
    assert finish_of(events) == ["stop"]
    assert events[-3]["data"]["text"] == text_of(events)


def test_half_a_surrogate_pair_is_written_as_json_can(ask):
    body = (
        b'{"data":[{"providerName":"demo","modelName":"echo","order":1,"promptParams":'
        b'{"messages":[{"role":"user","content":"\\ud83d!"}]}}]}'
    )
    headers = {"ws-secret": "secret", "content-type": "application/json"}
    reply = httpx.post(f"{ask.gateway.url}/api/v1/generate", content=body, headers=headers)
    assert reply.json()["choices"][0]["text"].endswith("“\ud83d!”.")


def test_long_is_exactly_twenty_thousand_tokens(ask):
    events = ask("demo/long")
    assert len([data for data in updates(events) if data["text"]]) == 20_000
    assert events[-3]["data"]["usage"]["completion_tokens"] == 20_000


def test_stop_and_max_tokens_are_honoured(ask):
    stopped = ask("demo/echo", "one two END three", stop=["END", "never"])
    assert (text_of(stopped), finish_of(stopped)) == ("I am a demo model: you said “one two ", ["stop"])
    short = ask("demo/echo", max_tokens=4)
    assert (text_of(short), finish_of(short)) == ("I am a demo", ["length"])
    assert ask("demo/echo", stream=False, max_tokens=4)["choices"][0]["finish_reason"] == "length"
    assert errors(ask("demo/echo", max_tokens=None)) == ["400 0 is less than the minimum of 1 - 'max_tokens'"]
    claude = ask("anthropic/claude-2", stream=False, max_tokens=4)
    assert claude["choices"][0] == {"index": 0, "text": "I am a demo", "finish_reason": "max_tokens"}


def test_n_makes_alternatives_which_the_stream_mixes(ask):
    choices = ask("demo/echo", stream=False, n=3)["choices"]
    assert [choice["index"] for choice in choices] == [0, 1, 2]
    assert len({choice["text"] for choice in choices}) == 3
    assert finish_of(ask("demo/echo", n=3)) == ["stop"] * 3
    assert text_of(ask("demo/echo", n=2)).startswith("II am am")
    assert errors(ask("demo/echo", n=100_000)) == ["400 100000 is not between 1 and 128 - 'n'"]


def test_stand_ins_are_honest_and_know_the_guide(ask):
    plain = ask("anthropic/claude-instant-1.2", GUIDE_PROMPT, stream=False)
    [choice] = plain["choices"]
    assert choice["text"].startswith("I am a demo model standing in for anthropic/claude-instant-1.2: ")
    assert "J'aime programmer." in choice["text"]
    assert choice["finish_reason"] == "stop_sequence"
    assert "J'aime programmer." in text_of(ask("anthropic/claude-instant-1.2", GUIDE_PROMPT))
    assert "J'aime" not in text_of(ask("chat_openai/gpt-4-0613", "Hello"))
    assert "you said “Say hi”" in text_of(ask("openai/gpt-3.5-turbo-instruct", prompt="Say hi"))


def test_anthropic_hears_what_the_gateway_makes_of_parts(ask):
    parts = [{"type": "text", "text": "What is it?"}]
    [choice] = ask("anthropic/claude-2", parts, stream=False)["choices"]
    assert "you said “[object Object]”" in choice["text"]


def test_no_stream_cannot_stream(ask):
    assert errors(ask("demo_plain/no-stream", prompt="Hi")) == ["Stream not supported for provider demo_plain"]
    plain = ask("demo_plain/no-stream", stream=False, prompt="Hi")
    assert plain["choices"][0]["text"] == "I am a demo model: you said “Hi”."


@pytest.mark.parametrize("model", ["demo/down", "demo/slow", "demo/never-checked"])
def test_models_without_a_good_row_are_never_asked(ask, model):
    assert errors(ask(model)) == ["No models available"]


def test_slow_and_never_checked_answer_if_asked(ask, healthy):
    for model in ("demo/slow", "demo/never-checked"):
        healthy(model)
        assert text_of(ask(model)).startswith("I am a demo model: ")


def test_down_refuses_if_asked(ask, healthy):
    healthy("demo/down")
    assert errors(ask("demo/down")) == ["503 The demo model is down."]


def test_fails_first_fails_before_its_first_word(ask):
    events = ask("demo/fails-first")
    assert (updates(events), len(errors(events))) == ([], 1)
    assert ask("demo/fails-first", stream=False) == {"error": "Something went wrong"}


@pytest.mark.parametrize("params", [{}, {"max_tokens": 6}])
def test_breaks_breaks_in_mid_answer(ask, params):
    events = ask("demo/breaks", **params)
    assert len([data for data in updates(events) if data["text"]]) == min(12, params.get("max_tokens", 12))
    assert (errors(events), finish_of(events)) == (["Premature close"], [])
    assert ask("demo/breaks", stream=False) == {"error": "Something went wrong"}


def test_ends_early_looks_whole_but_for_the_finish_reason(ask):
    events = ask("demo/ends-early")
    assert text_of(events)
    assert (finish_of(events), errors(events), events[-1]) == ([], [], {"event": "end", "data": "end"})


def test_pictures_are_described_not_fetched(ask):
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)
    urls = [
        f"data:image/png;base64,{base64.b64encode(png).decode()}",
        "https://example.org/cat.jpg",
        "data:a/b;base64,!",
    ]
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    text = text_of(ask("demo/echo", [{"type": "text", "text": "What?"}, *parts]))
    assert "I received 3 pictures: image/png, 24 bytes, 640 × 480 pixels; " in text
    assert "a picture at https://example.org/cat.jpg (I did not fetch it)" in text
    assert "not readable as base64" in text


def test_usage_is_missing_from_the_stream_when_content_is_in_parts(ask):
    events = ask("demo/echo", [{"type": "text", "text": "Hi"}])
    assert "usage" not in events[-3]["data"]


def test_json_mode_answers_an_object(ask):
    text = text_of(ask("demo/echo", 'say "hi"', response_format={"type": "json_object"}))
    assert json.loads(text) == {"answer": 'I am a demo model: you said “say "hi"”.'}


def test_users_leave_usage_rows_also_when_they_leave_early(ask):
    ask("demo/echo", key="user-key")
    ask("demo/breaks", key="user-key")
    params = {"startDate": "2000-01-01", "endDate": "2999-12-31"}
    reply = httpx.get(
        f"{ask.gateway.url}/api/v1/model-usage/model", params=params, headers={"ws-secret": "secret"}
    ).json()
    [echo], [breaks] = (entry["data"] for entry in reply)
    assert echo["totalTokens"] == echo["promptTokens"] + echo["completionTokens"]
    assert echo["cost"] == pytest.approx((echo["promptTokens"] * 0.5 + echo["completionTokens"] * 1.5) / 1e6)
    assert breaks["completionTokens"] == 12


def test_pieces_give_the_text_back():
    for text in ("", "  a\n\n b\tc  ", "naïve 日本語!? 👩‍🚀 ×²°\u2028\x1c", "f(x)=1\n\tend "):
        assert "".join(tokens.split(text)) == text


def test_counts_are_those_recorded():
    assert tokens.count(" J'aime programmer.\n\n🚀 **fin**") == 11
    assert tokens.count("Bonjour ! 🌍\n\n1. naïve 日本語\n2. **fin**.") == 21
    assert tokens.count_messages([{"role": "user", "content": GUIDE_PROMPT}]) == 19


def test_prices_give_the_recorded_cost(ask):
    model = ask.gateway._state.catalogue.model_by_full_name("anthropic/claude-instant-1.2")
    per_prompt, per_completion = model.dollars_per_million
    assert (20 * per_prompt + 5 * per_completion) / 1e6 == 6.014999999999999e-05
