"""Who is let in: Host header, keys, allowance; and what a stranger learns."""

from __future__ import annotations

import httpx
import pytest

from gptrouter_notebook.gateway import start_gateway
from gptrouter_notebook.gateway.door import is_own_name
from gptrouter_notebook.gateway.keys import DAY_S, TOKEN_LIFE_S, Allowances, Caller, Keys, User


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def gateway():
    with start_gateway(key="secret", user_keys=("user-key",), token_delay_s=0) as running:
        yield running


@pytest.mark.parametrize(
    ("host", "bound", "is_own"),
    [
        ("127.0.0.1:8000", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.8.9.1:80", "127.0.0.1", True),
        ("localhost:8000", "127.0.0.1", True),
        ("LOCALHOST", "127.0.0.1", True),
        ("[::1]:8000", "127.0.0.1", True),
        ("my-machine:8000", "my-machine", True),
        ("evil.example:8000", "127.0.0.1", False),
        ("127.0.0.1.evil.example", "127.0.0.1", False),
        ("localhost.evil.example", "127.0.0.1", False),
        ("192.168.0.7:8000", "127.0.0.1", False),
        ("192.168.0.7:8000", "0.0.0.0", True),  # noqa: S104 # only compared
        ("evil.example", "0.0.0.0", False),  # noqa: S104 # only compared
        ("", "127.0.0.1", False),
        ("", "", False),
    ],
)
def test_host_header_must_name_this_machine(host, bound, is_own):
    assert is_own_name(host, bound) is is_own


def test_a_rebound_name_is_refused_even_with_the_key(gateway):
    reply = httpx.get(f"{gateway.url}/api/v1/model/all", headers={"ws-secret": "secret", "host": "evil.example"})
    assert reply.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ws-secret": ""},
        {"ws-secret": "secre"},
        {"ws-secret": "secretx"},
        {"authorization": "Bearer secret"},
        {"authorization": "Bearer"},
        {"ws-secret": "wrong", "authorization": "Bearer secret"},
    ],
)
def test_strangers_are_refused_everywhere_below_the_api(gateway, headers):
    for path in ("/api/v1/model/all", "/api/v1/healthcheck", "/api/v1/nope"):
        reply = httpx.get(gateway.url + path, headers=headers)
        assert (reply.status_code, reply.json()) == (401, {"message": "Unauthorized"})


def test_the_open_paths_need_no_key(gateway):
    assert [httpx.get(gateway.url + path).status_code for path in ("/", "/healthcheck")] == [200, 200]


@pytest.mark.parametrize("path", ["/api/v1/model/all/", "/nope", "/healthcheck/", "/../etc/passwd", "/static/x"])
def test_paths_are_exact_and_read_no_files(gateway, path):
    reply = httpx.get(gateway.url + path, headers={"ws-secret": "secret"})
    assert (reply.status_code, reply.json()["statusCode"]) == (404, 404)


def test_a_wrong_method_is_not_found(gateway):
    reply = httpx.get(f"{gateway.url}/api/v1/generate", headers={"ws-secret": "secret"})
    assert reply.json()["message"] == "Route GET:/api/v1/generate not found"


def test_refusals_cost_nothing_and_the_secret_has_no_allowance(gateway):
    def ask(key):
        return httpx.post(f"{gateway.url}/api/v1/generate", json={}, headers={"ws-secret": key})

    for _ in range(12):
        assert "x-ratelimit-limit" not in ask("secret").headers
        assert ask("wrong").status_code == 401
    # A body that fails validation is answered 500 and counts all the same.
    assert [ask("user-key").status_code for _ in range(11)] == [500] * 10 + [429]
    models = httpx.get(f"{gateway.url}/api/v1/model/all", headers={"ws-secret": "user-key"})
    assert models.status_code == 200


def test_an_allowance_comes_back_after_a_day():
    clock = Clock()
    allowances = Allowances(clock)
    taken = [allowances.take("a") for _ in range(11)]
    assert [left.remaining for left in taken] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert [left.refused for left in taken] == [False] * 10 + [True]
    clock.now = 100.5
    assert allowances.take("a").reset_s == DAY_S - 100
    assert allowances.take("b").remaining == 9
    clock.now = DAY_S
    assert (allowances.take("a").refused, allowances.take("a").remaining) == (False, 8)


def test_tokens_end_after_a_fortnight_and_share_one_allowance():
    clock = Clock()
    users = [User("1", "a@example.org", "pw"), User("2", "b@example.org", "pw")]
    keys = Keys("secret", users=users, clock=clock)
    tokens = [keys.token_for(user, "pw") for user in users]
    callers = [keys.recognise({"authorization": f"Bearer {token}"}) for token in tokens]
    assert callers == [Caller("token", "1"), Caller("token", "2")]
    assert keys.token_for(users[0], "no") is None
    clock.now = TOKEN_LIFE_S
    assert keys.recognise({"authorization": f"Bearer {tokens[0]}"}) is None


def test_logging_in_is_for_users_only(gateway):
    reply = httpx.post(f"{gateway.url}/api/v1/user/login", json={"email": "a@example.org", "password": "pw"})
    assert reply.status_code == 404
