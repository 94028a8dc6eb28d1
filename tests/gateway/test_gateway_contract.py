"""Every recorded exchange, asked of the embedded gateway over a real socket and compared with the recorded reply."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from raw_http import Reply, talk
from stand_in_provider import Script, first_script, recorded_catalogue, second_script

from gptrouter_notebook.gateway.keys import User
from gptrouter_notebook.gateway.server import RunningGateway, Settings
from gptrouter_notebook.gateway.upstream import ProviderError

if TYPE_CHECKING:
    from collections.abc import Callable

WIRE = Path(__file__).resolve().parents[1] / "wire"
NOT_COMPARABLE = {
    "L50": "CORS: any web page could use a gateway on this machine, so ours lets none in (see the test below)",
}
USER_KEY = "11111111-1111-4111-8111-111111111111"
USER = User("91f7cbca-4d0d-4c5b-9a6b-f695fe6f6156", "a@example.org", "pw")
RECORDED_AT = datetime(2026, 11, 23, 5, 3, 9, tzinfo=UTC)

EXCHANGES = {path.stem.partition("-")[0]: json.loads(path.read_text()) for path in sorted(WIRE.glob("*.json"))}


@dataclass
class Stage:
    """A gateway made like the recorded one, and the script of the models behind it."""

    gateway: RunningGateway
    script: Script
    token: str = ""

    def send(self, request: dict[str, Any], body: bytes | None = None, silence_s: float = 0) -> Reply:
        headers = {name: value.replace("jwt", self.token) for name, value in request["headers"].items()}
        if body is None:
            body = b"" if request["body"] is None else json.dumps(request["body"], ensure_ascii=False).encode()
        return talk(self.gateway.url, request["method"], request["path"], headers, body, silence_s=silence_s)


def stage_of(number: str) -> Stage:
    is_second = number.startswith("L")
    script = second_script() if is_second else first_script()
    settings = Settings(
        catalogue=recorded_catalogue(script, counts_all=not is_second),
        key="test-secret",
        user_keys=(USER_KEY,),
        users=(USER,),
        checks_before_start=0,
    )
    return Stage(RunningGateway(settings), script)


def check_all(stage: Stage) -> None:
    stage.gateway._state.health.check(stage.gateway._state.catalogue.models, now=RECORDED_AT)


def leave_unchecked(_stage: Stage) -> None:
    pass


def with_health(**rows: tuple[bool, int]) -> Callable[[Stage], None]:
    names = {"claude": "anthropic/claude-instant-1.2", "azure": "azure_chat_openai/gpt-4"}

    def prepare(stage: Stage) -> None:
        check_all(stage)
        for short, (available, latency_ms) in rows.items():
            stage.gateway.set_health(names[short], available, latency_ms)

    return prepare


def with_failing_checks(stage: Stage) -> None:
    down = ProviderError("model is down", 503)
    stage.script.failing_checks = {"claude-2": down, "gpt-4": down}
    stage.script.latencies_ms = {"gpt-4-turbo": 4218, "command": 12}


def after_ten_generations(stage: Stage) -> None:
    check_all(stage)
    for left in range(9, -1, -1):
        reply = stage.send(EXCHANGES["59"]["request"])
        assert (reply.status, reply.headers["x-ratelimit-remaining"]) == (200, str(left))


def after_ten_generations_in_november(stage: Stage) -> None:
    after_ten_generations(stage)
    rows = stage.gateway._state.usage._rows
    moved = [(RECORDED_AT, model_id, row) for _, model_id, row in rows]
    rows.clear()
    rows.extend(moved)


def after_two_generations_with_a_token(stage: Stage) -> None:
    check_all(stage)
    stage.token = stage.send(EXCHANGES["61"]["request"]).json()["token"]
    for _ in range(2):
        assert stage.send(EXCHANGES["L40"]["request"]).status == 200


def with_stored_prompt(stage: Stage) -> None:
    check_all(stage)
    assert stage.send(EXCHANGES["L42"]["request"]).status == 200


def with_stored_prompt_and_failing_provider(stage: Stage) -> None:
    with_stored_prompt(stage)
    stage.script.failing = ProviderError("upstream exploded", 500)


PREPARATIONS: dict[str, Callable[[Stage], None]] = {
    "05": leave_unchecked,
    "06": leave_unchecked,
    "08": leave_unchecked,
    "L04": leave_unchecked,
    "L05": with_failing_checks,
    "52": with_health(claude=(False, 0)),
    "53": with_health(claude=(False, 0)),
    "54": with_health(azure=(True, 4001)),
    "55": with_health(claude=(False, 0), azure=(True, 4001)),
    "56": with_health(claude=(False, 0), azure=(True, 4001)),
    "59": after_ten_generations,
    "60": after_ten_generations,
    "62": after_ten_generations_in_november,
    "L40": after_two_generations_with_a_token,
    "L43": with_stored_prompt,
    "L44": with_stored_prompt,
    "L45": with_stored_prompt,
    "L52": with_stored_prompt_and_failing_provider,
}
BODIES = {"35": b"not json", "L51": json.dumps({"data": "x" * 1_100_000}).encode()}
"""Request bodies the recordings leave out."""

VARIABLE = {
    "08": {"id", "lastChecked", "latency"},  # when a check ran and what it took
    "09": {"time", "latency"},
    "49": {"url"},  # a picture of our own
    "61": {"token"},
    "62": {"createdAt"},
    "L04": {"id", "lastChecked", "latency"},
    "L05": {"id", "lastChecked"},
    "L42": {"createdAt", "updatedAt"},
    "L46": {"base64", "seed"},
}
"""Fields whose values cannot be the recorded ones."""
SECRET_COUNTS = {
    "27": {"prompt_tokens", "total_tokens"},
    "L15": {"completion_tokens", "total_tokens"},
    "L24": {"completion_tokens", "prompt_tokens", "total_tokens"},
    "L25": {"completion_tokens", "total_tokens"},
}
"""Counts of anthropic's texts, where ours is near and not the same."""
SHORTENED = {"08", "L04", "L05", "09"}
"""Tables the recordings show in part: compared by the models they show, newest row each."""


@pytest.mark.parametrize("number", [number for number in EXCHANGES if number not in NOT_COMPARABLE])
def test_reply_is_the_recorded_one(number):
    exchange = EXCHANGES[number]
    recorded = exchange["response"]
    stage = stage_of(number)
    with stage.gateway:
        PREPARATIONS.get(number, check_all)(stage)
        stage.script.asked.clear()
        silent = recorded.get("transport_error") == "ReadTimeout"
        reply = stage.send(exchange["request"], BODIES.get(number), silence_s=0.5 if silent else 0)

    assert reply.status == recorded["status"]
    for name, value in recorded.get("headers", {}).items():
        assert seconds_rounded(name, reply.headers[name]) == seconds_rounded(name, value), name
    if "raw_http" in recorded:
        head, _, raw_body = recorded["raw_http"].encode().partition(b"\r\n\r\n")
        assert header_set(reply.head) == header_set(head)
        assert reply.raw_body == raw_body
    elif "raw_sse" in recorded:
        assert reply.text == recorded["raw_sse"]
        assert [chunk.decode() for chunk in reply.chunks] == one_by_one(recorded["raw_sse"])
        assert reply.is_whole == ("transport_error" not in recorded)
    else:
        assert comparable(number, reply.json()) == comparable(number, recorded["body"])
    match exchange.get("upstream"):
        case {"attempts": attempts}:
            assert len(stage.script.asked) == attempts
        case [*calls]:
            assert stage.script.asked == [call["body"] for call in calls]


def test_every_recorded_exchange_is_compared_or_excused():
    assert len(EXCHANGES) == len(list(WIRE.glob("*.json"))) > 90
    named = {*NOT_COMPARABLE, *PREPARATIONS, *BODIES, *VARIABLE, *SECRET_COUNTS, *SHORTENED}
    assert named <= set(EXCHANGES)


def test_no_web_page_is_let_in():
    stage = stage_of("L50")
    with stage.gateway:
        preflight = stage.send(EXCHANGES["L50"]["request"])
        asked = EXCHANGES["02"]["request"] | {"headers": {"origin": "https://app.example"}}
        simple = stage.send(asked)
    assert preflight.status == 401
    assert not [name for reply in (preflight, simple) for name in reply.headers if name.startswith("access-control")]


def one_by_one(raw_sse: str) -> list[str]:
    return [frame + "\n\n" for frame in raw_sse.split("\n\n")[:-1]]


def header_set(head: bytes) -> set[str]:
    # The Date differs by nature, `vary: Origin` belongs to CORS, which is left out on purpose.
    lines = {line.decode().lower() for line in head.split(b"\r\n")}
    return {line for line in lines if not line.startswith(("date:", "vary:"))}


def seconds_rounded(name: str, value: str) -> str:
    # Seconds passed between two recorded calls [L40]; a day is a day.
    return "about a day" if name == "x-ratelimit-reset" and 86_000 < int(value) <= 86_400 else value


def comparable(number: str, body: Any) -> Any:
    if number in SHORTENED:
        shown = {row["modelId"] for row in EXCHANGES[number]["response"]["body"]}
        newest = {row["modelId"]: row for row in body if row["modelId"] in shown}
        body = [newest[model_id] for model_id in sorted(newest)]
    return blanked(body, VARIABLE.get(number, set()) | SECRET_COUNTS.get(number, set()))


def blanked(value: Any, names: set[str]) -> Any:
    if isinstance(value, list):
        return [blanked(item, names) for item in value]
    if isinstance(value, dict):
        return {name: type(item) if name in names else blanked(item, names) for name, item in value.items()}
    return value
