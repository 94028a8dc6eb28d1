"""Starting, watching and stopping the embedded gateway."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest
from raw_http import connect, head_of

from gptrouter_notebook.gateway import start_gateway

HEADERS = {"content-type": "application/json"}


def body_for(*models: str, **params):
    messages = [{"role": "user", "content": "Hello"}]
    data = []
    for order, model in enumerate(models):
        provider, _, name = model.partition("/")
        entry = {"providerName": provider, "modelName": name, "order": order}
        data.append({**entry, "promptParams": {"messages": messages, **params}})
    return {"stream": True, "data": data}


def wait_until(is_true, patience_s=5.0):
    deadline = time.monotonic() + patience_s
    while not is_true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)


@contextlib.contextmanager
def streaming(gateway, model, *, receive_buffer_bytes=0, **params):
    """A client that has asked for a stream."""
    body = json.dumps(body_for(model, **params)).encode()
    with contextlib.closing(connect(gateway.url, receive_buffer_bytes=receive_buffer_bytes)) as connection:
        headers = HEADERS | {"ws-secret": gateway.key}
        connection.sendall(head_of(gateway.url, "POST", "/api/v1/generate", headers, body) + body)
        yield connection


def read_until(connection, mark):
    read = b""
    while mark not in read:
        received = connection.recv(65536)
        assert received, "the connection ended"
        read += received
    return read


def test_answers_within_a_second_and_frees_its_port_and_thread():
    threads = set(threading.enumerate())
    begun = time.monotonic()
    gateway = start_gateway()
    assert httpx.get(f"{gateway.url}/healthcheck").json() == {"status": "ok"}
    assert time.monotonic() - begun < 1
    port = int(gateway.url.rpartition(":")[2])
    gateway.close()
    gateway.close()
    assert set(threading.enumerate()) == threads
    with socket.socket() as taken_again:
        taken_again.bind(("127.0.0.1", port))


def test_starts_inside_a_running_loop_as_in_a_kernel():
    async def cell():
        with start_gateway() as gateway:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{gateway.url}/")).status_code

    assert asyncio.run(cell()) == 200


def test_a_taken_port_is_refused_at_once():
    with start_gateway() as gateway, pytest.raises(OSError, match="in use"):
        start_gateway(port=int(gateway.url.rpartition(":")[2]))


def test_a_random_key_is_made_and_never_shown():
    with start_gateway() as one, start_gateway() as other:
        assert one.key != other.key
        assert len(one.key) >= 24
        for gateway in (one, other):
            assert gateway.key not in f"{gateway!r} {gateway._state!r} {gateway._state.keys!r}"
        assert one.url in repr(one)


def test_an_empty_key_is_refused():
    with pytest.raises(ValueError, match="needs a key"):
        start_gateway(key="")


@pytest.mark.parametrize("model", ["demo/stalls", "demo/long", "demo/markdown"])
def test_a_client_that_leaves_ends_its_stream_at_once(model):
    with start_gateway() as gateway:
        with streaming(gateway, model) as connection:
            read_until(connection, b'"text":" demo"')
            assert gateway.open_streams == 1
        left = time.monotonic()
        wait_until(lambda: gateway.open_streams == 0)
        assert time.monotonic() - left < 0.2


def test_a_client_that_leaves_while_the_provider_is_silent_ends_a_plain_call_too():
    with start_gateway() as gateway:
        body = body_for("demo/stalls") | {"stream": False}
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{gateway.url}/api/v1/generate", json=body, headers={"ws-secret": gateway.key}, timeout=0.2)
        tasks = gateway._serving._server.server_state.tasks
        wait_until(lambda: not tasks)


def test_closing_cuts_open_streams():
    gateway = start_gateway()
    with streaming(gateway, "demo/stalls") as connection:
        read_until(connection, b'"text":" demo"')
        begun = time.monotonic()
        gateway.close()
        assert time.monotonic() - begun < 1
        with contextlib.suppress(ConnectionResetError):
            while received := connection.recv(65536):
                assert not received.endswith(b"0\r\n\r\n")
    assert gateway.open_streams == 0


def test_closing_drops_a_client_that_does_not_read():
    gateway = start_gateway()
    connected = gateway._serving._server.server_state.connections
    with streaming(gateway, "demo/long", receive_buffer_bytes=4096, n=4), gateway:
        wait_until(lambda: any(connection.flow.write_paused for connection in list(connected)))
        gateway.close()
        assert gateway._serving.is_over
        assert not connected


def test_requests_are_kept_as_received_newest_last():
    with start_gateway(token_delay_s=0) as gateway:
        bodies = [body_for("demo/echo"), body_for("demo/down", "demo/echo", temperature=None)]
        for body in bodies:
            httpx.post(f"{gateway.url}/api/v1/generate", json=body, headers={"ws-secret": gateway.key})
        assert list(gateway.requests) == bodies
        assert gateway.requests.maxlen == 1000


def test_health_can_be_set_and_forgotten():
    with start_gateway(token_delay_s=0) as gateway:

        def source():
            body = body_for("demo/echo", "demo/markdown")
            reply = httpx.post(f"{gateway.url}/api/v1/generate", json=body, headers={"ws-secret": gateway.key})
            return "you said" in reply.text

        assert source()
        gateway.set_health("demo/echo", False, 0)  # noqa: FBT003 # the promised signature
        assert not source()
        gateway.set_health("demo/echo", True, 4000)  # noqa: FBT003 # the promised signature
        assert source()
        gateway.set_health("demo/echo", True, 4001)  # noqa: FBT003 # the promised signature
        assert not source()
        gateway.set_health("demo/echo", True, 10)  # noqa: FBT003 # the promised signature
        gateway.forget_health("demo/echo")
        assert not source()
        with pytest.raises(ValueError, match="no model 'demo/nobody'"):
            gateway.forget_health("demo/nobody")


def test_nothing_is_logged_and_other_loggers_are_left_alone(caplog):
    with caplog.at_level(logging.DEBUG):
        with start_gateway() as gateway:
            httpx.post(f"{gateway.url}/api/v1/generate", content=b"{", headers={"ws-secret": gateway.key})
            with streaming(gateway, "demo/stalls") as connection:
                read_until(connection, b'"text":" demo"')
        logging.getLogger("uvicorn.error").warning("from somebody else")
    said = [record.getMessage() for record in caplog.records if record.name.startswith("uvicorn")]
    assert said == ["from somebody else"]
    assert not logging.getLogger("uvicorn.error").filters


def test_ends_with_its_process_without_a_word():
    script = (
        "import urllib.request\n"
        "from gptrouter_notebook.gateway import start_gateway\n"
        "gateway = start_gateway()\n"
        "urllib.request.urlopen(gateway.url + '/healthcheck').close()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", script], capture_output=True, timeout=20, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_without_its_packages_it_says_what_to_install():
    script = (
        "import sys\n"
        "sys.modules['uvicorn'] = None\n"
        "try:\n"
        "    from gptrouter_notebook.gateway import start_gateway\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=False)
    assert "pip install 'gptrouter-notebook[gateway]'" in ended.stdout


def test_importing_it_loads_neither_a_server_nor_jupyter():
    script = (
        "import sys\n"
        "import gptrouter_notebook.gateway\n"
        "print(sorted({'uvicorn', 'starlette', 'IPython', 'anywidget', 'traitlets', 'httpx'} & set(sys.modules)))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=False)
    assert ended.stdout == "[]\n"
