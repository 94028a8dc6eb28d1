"""What one client can take of the gateway: bounded in size, in number and in time."""

from __future__ import annotations

import contextlib
import json
import threading

import httpx
import pytest
from raw_http import connect, head_of, read_reply
from replay import eventually

from gptrouter_notebook.gateway import body, door, patience, start_gateway

GENERATE = "/api/v1/generate"
SHORT_S = 0.3
MIB = 1_048_576


@pytest.fixture
def gateway():
    with start_gateway(key="secret", token_delay_s=0) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch):
    """Half a minute is too long for a test."""
    monkeypatch.setattr(patience, "HEAD_PATIENCE_S", SHORT_S)
    monkeypatch.setattr(body, "BODY_PATIENCE_S", SHORT_S)


def question(model="demo/echo", **fields):
    provider, _, name = model.partition("/")
    params = {"messages": [{"role": "user", "content": "Hi"}]}
    data = [{"providerName": provider, "modelName": name, "order": 1, "promptParams": params}]
    return json.dumps({"stream": True, "data": data, **fields}).encode()


def head_to(gateway, length, **headers):
    lines = {"ws-secret": "secret", "content-type": "application/json", "content-length": str(length), **headers}
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"POST {GENERATE} HTTP/1.1\r\nhost: {gateway.url.partition('//')[2]}\r\n{told}\r\n".encode()


def is_alive(gateway):
    return httpx.get(f"{gateway.url}/healthcheck").json() == {"status": "ok"}


def ends(connection):
    """Whether the gateway lets go of this connection."""
    with contextlib.suppress(ConnectionResetError):
        while connection.recv(65_536):
            pass
    return True


def test_a_body_up_to_1_mib_is_read_and_no_larger_one(gateway):
    def ask(length):
        content = question(padding="").replace(b'"padding": ""', b'"padding": "%s"')
        content = content % (b"x" * (length - len(content) + 2))
        assert len(content) == length
        return httpx.post(
            gateway.url + GENERATE,
            content=content,
            headers={"ws-secret": "secret", "content-type": "application/json"},
        )

    assert ask(MIB).status_code == 200
    refused = ask(MIB + 1)
    # The real gateway has no 413: gptrouter-wire.md, exchange L51.
    assert (refused.status_code, refused.json()) == (500, {"error": "Something went wrong"})
    assert refused.headers["connection"] == "close"


def sent_until_refused(connection, piece):
    """How many bytes the gateway, and the buffers on the way to it, take."""
    sent = 0
    with contextlib.suppress(ConnectionResetError, BrokenPipeError):
        while sent < 64 * body.DRAINED_BYTES:
            connection.sendall(piece)
            sent += len(piece)
    return sent


@pytest.mark.parametrize("is_head", [False, True])
def test_what_has_no_end_is_not_read_to_its_end(gateway, is_head):
    with contextlib.closing(connect(gateway.url)) as connection:
        if is_head:
            connection.sendall(b"GET / HTTP/1.1\r\n")
            sent = sent_until_refused(connection, (b"x: " + b"y" * 995 + b"\r\n") * 65)
        else:
            connection.sendall(head_to(gateway, 0, **{"content-length": "", "transfer-encoding": "chunked"}))
            sent = sent_until_refused(connection, b"10000\r\n" + b"x" * 65_536 + b"\r\n")
    assert sent < 2 * body.DRAINED_BYTES
    assert is_alive(gateway)


def test_a_crowd_is_told_to_come_again(gateway, monkeypatch):
    monkeypatch.setattr(door, "MOST_REQUESTS", 3)
    content = question("demo/stalls")
    with contextlib.ExitStack() as held:
        for _ in range(3):
            connection = held.enter_context(contextlib.closing(connect(gateway.url)))
            connection.sendall(head_to(gateway, len(content)) + content)
        eventually(lambda: gateway.open_streams == 3)
        refused = httpx.get(f"{gateway.url}/healthcheck")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.headers["content-type"].startswith("application/json")
        assert refused.json() == {"message": "Too many requests at the same time"}
    eventually(lambda: gateway.open_streams == 0)
    assert is_alive(gateway)


@pytest.mark.parametrize(
    "said",
    [b"", b"POST /api/v1/generate HTTP/1.1\r\nho"],
    ids=["nothing", "half a head"],
)
@pytest.mark.usefixtures("impatient")
def test_a_client_that_never_asks_is_let_go(gateway, said):
    with contextlib.closing(connect(gateway.url)) as connection:
        connection.sendall(said)
        assert ends(connection)
    assert is_alive(gateway)


@pytest.mark.usefixtures("impatient")
def test_a_byte_now_and_then_buys_no_time(gateway):
    stop = threading.Event()
    with contextlib.closing(connect(gateway.url)) as connection:

        def drip():
            with contextlib.suppress(OSError):
                connection.sendall(b"GET / HTTP/1.1\r\n")
                while not stop.wait(SHORT_S / 10):
                    connection.sendall(b"x: y\r\n")

        dripping = threading.Thread(target=drip)
        dripping.start()
        assert ends(connection)
        stop.set()
        dripping.join()


@pytest.mark.usefixtures("impatient")
def test_a_body_that_does_not_come_is_not_waited_for(gateway):
    with contextlib.closing(connect(gateway.url)) as connection:
        connection.sendall(head_to(gateway, 1_000) + b'{"data"')
        reply = read_reply(connection)
        assert (reply.status, reply.json()) == (500, {"error": "Something went wrong"})
        assert ends(connection)


@pytest.mark.usefixtures("impatient")
def test_the_body_of_a_stranger_is_not_waited_for_either(gateway):
    with contextlib.closing(connect(gateway.url)) as connection:
        connection.sendall(head_to(gateway, 1_000, **{"ws-secret": "wrong"}))
        assert read_reply(connection).status == 401
        connection.sendall(b"x")
        assert ends(connection)


@pytest.mark.usefixtures("impatient")
def test_an_answer_may_take_longer_than_a_question(gateway):
    content = question("demo/stalls")
    with contextlib.closing(connect(gateway.url)) as connection:
        connection.sendall(head_to(gateway, len(content)) + content)
        eventually(lambda: gateway.open_streams == 1)
        connection.settimeout(3 * SHORT_S)
        with pytest.raises(TimeoutError):
            ends(connection)
        assert gateway.open_streams == 1


@pytest.mark.usefixtures("impatient")
def test_one_connection_serves_many_requests(gateway):
    with contextlib.closing(connect(gateway.url)) as connection:
        for _ in range(3):
            connection.sendall(head_of(gateway.url, "GET", "/healthcheck", {}, b""))
            assert read_reply(connection).json() == {"status": "ok"}
