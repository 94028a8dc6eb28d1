from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError

from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.records import HealthPoint
from gptrouter_notebook.routing import Attempts, GPTRouterModel, as_models, why_skipped

A, B, C = as_models(["p/a", "p/b", "q/c"])
UP = HealthPoint(None, is_available=True, latency_ms=120.0)
SLOW = HealthPoint(None, is_available=True, latency_ms=4000.1)
DOWN = HealthPoint(None, is_available=False, latency_ms=0.0)


def told(attempts: Attempts) -> list[tuple[str, str, str | None, bool]]:
    return [(hop.model.name, hop.outcome, hop.reason, hop.inferred) for hop in attempts.hops]


# The priority list.


@pytest.mark.parametrize(
    "written",
    [
        "meta/llama/3",
        {"name": "llama/3", "provider_name": "meta"},
        GPTRouterModel(name="llama/3", provider_name="meta"),
        type("Theirs", (), {"name": "llama/3", "provider_name": "meta"})(),
    ],
    ids=["label", "dict", "ours", "langchain_community's"],
)
def test_a_model_may_be_written_in_any_of_these_forms(written):
    assert as_models([written]) == as_models(written) == (GPTRouterModel(name="llama/3", provider_name="meta"),)


def test_a_label_is_split_at_its_first_slash():
    model = GPTRouterModel.model_validate("meta/llama/3")
    assert (model.provider_name, model.name, model.label) == ("meta", "llama/3", "meta/llama/3")


@pytest.mark.parametrize("written", ["gpt-4", "/gpt-4", "openai/", "", {"name": "gpt-4"}, None, 4, ["a/b"]])
def test_a_model_without_a_provider_is_refused_with_an_example(written):
    with pytest.raises(ConfigurationError, match='write "provider/name"'):
        as_models([written])


@pytest.mark.parametrize("nobody", [[], (), None, iter([])])
def test_an_empty_list_is_refused(nobody):
    with pytest.raises(ConfigurationError, match="has no model"):
        as_models(nobody)


def test_a_model_is_a_value():
    assert len({A, B, GPTRouterModel(name="a", provider_name="p")}) == 2
    assert pickle.loads(pickle.dumps(A)) == A  # noqa: S301 - our own bytes
    with pytest.raises(ValidationError):
        A.name = "other"
    with pytest.raises(ValidationError, match="provider/name"):
        GPTRouterModel.model_validate("a")


# The gateway's rule.


@pytest.mark.parametrize(
    ("newest", "reason"),
    [
        (UP, None),
        (HealthPoint(None, is_available=True, latency_ms=4000.0), None),
        (SLOW, "slower than 4 s"),
        (DOWN, "down"),
        (None, "never checked"),
    ],
)
def test_the_newest_check_decides(newest, reason):
    assert why_skipped(newest) == reason


# Who is next.


def test_the_whole_list_goes_out_at_once():
    attempt = Attempts([A, B, C]).next()
    assert attempt is not None
    assert (attempt.models, attempt.plain) == ((A, B, C), False)


def test_who_answered_is_behind_those_who_were_skipped():
    attempts = Attempts([A, B, C])
    attempts.answered(2, 0.5, {A: DOWN, B: SLOW})
    assert told(attempts) == [
        ("a", "skipped", "down", True),
        ("b", "skipped", "slower than 4 s", True),
        ("c", "answered", None, False),
    ]
    assert attempts.next() is None


def test_without_health_rows_a_skip_has_no_invented_reason():
    attempts = Attempts([A, B])
    attempts.answered(1, 0.5, None)
    assert told(attempts)[0] == ("a", "skipped", "the gateway passed it over", False)


def test_the_one_that_failed_is_the_first_that_its_health_lets_through():
    attempts = Attempts([A, B, C])
    attempt = attempts.next()
    assert attempts.failed(attempt, "503", 0.1, position=None, newest={A: DOWN, B: UP, C: UP}) == B
    assert told(attempts) == [("a", "skipped", "down", True), ("b", "failed", "503", True)]
    assert attempts.next().models == (C,)


@pytest.mark.parametrize("newest", [None, {}, {A: DOWN, B: DOWN, C: None}], ids=["unread", "empty", "none passes"])
def test_without_a_hint_the_first_is_taken_to_have_failed(newest):
    attempts = Attempts([A, B, C])
    assert attempts.failed(attempts.next(), "503", 0.1, position=None, newest=newest) == A
    assert attempts.next().models == (B, C)


def test_a_failure_is_not_inferred_when_the_gateway_named_the_model_or_there_was_one_only():
    named, alone = Attempts([A, B]), Attempts([A])
    named.failed(named.next(), "cut", 0.1, position=1, newest=None)
    alone.failed(alone.next(), "cut", 0.1, position=None, newest=None)
    assert named.hops[-1].inferred is alone.hops[-1].inferred is False


def test_the_list_is_used_up_after_the_last_failure_or_when_all_were_skipped():
    failed, skipped = Attempts([A]), Attempts([A, B])
    failed.failed(failed.next(), "503", 0.1, position=None, newest=None)
    attempt = skipped.next()
    assert skipped.all_skipped(attempt, {A: DOWN, B: None})
    assert not skipped.all_skipped(attempt, {A: DOWN})
    assert not skipped.all_skipped(attempt, None)
    skipped.none_available(attempt, {A: DOWN, B: None})
    assert told(skipped) == [("a", "skipped", "down", True), ("b", "skipped", "never checked", True)]
    assert failed.next() is skipped.next() is None


# Providers that cannot stream.


def test_a_model_that_cannot_stream_is_asked_alone_and_plainly():
    attempt = Attempts([A, B], plain_only=[A]).next()
    assert (attempt.models, attempt.plain) == ((A,), True)


def test_a_model_known_not_to_stream_further_down_the_list_is_asked_plainly_when_it_was_chosen():
    attempts = Attempts([A, C, B], plain_only=[C])
    attempt = attempts.next()
    assert attempts.cannot_stream(attempt, "q", {A: DOWN, C: UP})
    assert told(attempts) == [("a", "skipped", "down", True)]
    following = attempts.next()
    assert (following.models, following.plain) == ((C,), True)


def test_of_two_models_of_a_provider_that_cannot_stream_the_healthy_one_was_meant():
    attempts = Attempts([A, B, C])
    assert attempts.cannot_stream(attempts.next(), "p", {A: DOWN, B: UP})
    assert attempts.next().models == (B,)


def test_a_provider_that_was_not_asked_cannot_be_asked_again():
    attempts = Attempts([A])
    assert not attempts.cannot_stream(attempts.next(), "q", None)


def test_a_hop_is_told_in_the_promised_words():
    attempts = Attempts([A])
    attempts.answered(0, 0.123456, None)
    assert attempts.hops[0].to_dict() == {
        "model": "a",
        "provider": "p",
        "outcome": "answered",
        "reason": None,
        "inferred": False,
        "seconds": 0.1235,
    }
