"""Faults on the way to a gateway, and of the clock beside it: names, proxies, certificates, time."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from faults import AWAY, BROKEN, FAULTS, NO_GATEWAY, TEXT
from test_fault_matrix import WAYS, check, server

from gptrouter_notebook import pool

__all__ = ["server"]

DAY_S = 86_400.0
PROXY_SAYS = {
    "nothing": b"",
    "that it is no proxy": b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n",
    "who are you": b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
    "no way": b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
}


@contextmanager
def listening(serve):
    """The port of a server that hands every connection to `serve`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with suppress(OSError), connection:
                    serve(connection)

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()


def saying(words):
    """Reads what comes first and answers with these bytes."""

    def serve(connection):
        connection.recv(10_000)
        connection.sendall(words)

    return serve


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "http://nowhere.invalid", "http://[::1]:9"],
    ids=["refused", "no such name", "refused, IPv6"],
)
def test_a_gateway_out_of_reach_is_said_to_be(url, way):
    check(WAYS[way], url, AWAY, timeout=5.0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("host", ["x" * 70, "a..b", "ü" * 70])
def test_a_name_that_cannot_be_looked_up_is_no_address(host, way):
    check(WAYS[way], f"http://{host}.invalid", NO_GATEWAY, timeout=5.0)


@pytest.mark.parametrize("way", WAYS)
def test_no_names_at_all_is_a_gateway_out_of_reach(monkeypatch, way):
    def fail(*_args, **_options):
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    check(WAYS[way], "http://gateway.example", AWAY, timeout=5.0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("words", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x15\x03\x01\x00\x02\x02\x28"])
def test_an_address_with_https_where_there_is_none_is_out_of_reach(words, way):
    with listening(saying(words)) as port:
        check(WAYS[way], f"https://127.0.0.1:{port}", AWAY, timeout=5.0)


@pytest.fixture(scope="module")
def nobodys_certificate(tmp_path_factory):
    """A certificate that nobody has signed but itself."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = (str(tmp_path_factory.mktemp("tls") / name) for name in ("key.pem", "certificate.pem"))
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize("way", WAYS)
def test_a_certificate_that_nobody_signed_is_not_trusted(nobodys_certificate, way):
    heard = []

    def serve(connection):
        with nobodys_certificate.wrap_socket(connection, server_side=True) as secure:
            heard.append(secure.recv(10_000))

    with listening(serve) as port:
        check(WAYS[way], f"https://127.0.0.1:{port}", AWAY, timeout=5.0)
    assert b"".join(heard) == b""


@pytest.fixture
def through(monkeypatch):
    """Sends everything through a proxy."""

    def through(port):
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        pool.close()  # a pool has read its environment when it was made

    yield through
    monkeypatch.undo()
    pool.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_that_is_not_there_is_a_gateway_out_of_reach(through, way):
    through(9)
    check(WAYS[way], "http://gateway.example", AWAY, timeout=5.0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("words", PROXY_SAYS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_is_no_gateway_s_answer(through, scheme, words, way):
    with listening(saying(PROXY_SAYS[words])) as port:
        through(port)
        check(WAYS[way], f"{scheme}://gateway.example", (*AWAY, *NO_GATEWAY), timeout=5.0)


@pytest.fixture
def jumping_clock(monkeypatch):
    """The wall clock goes a day forward, or back, whenever it is read."""
    real, reads = time.time, []

    def jump():
        reads.append(1)
        return real() + DAY_S * (-1) ** len(reads)

    monkeypatch.setattr(time, "time", jump)


@pytest.mark.usefixtures("jumping_clock")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ["a slow drip", "silent after some tokens", "silent before the first byte"])
def test_the_clock_on_the_wall_decides_nothing(server, fault, way):
    answer, expected = FAULTS[fault]
    assert expected in (TEXT, BROKEN, AWAY)
    server.on("/api/v1/generate", answer)
    check(WAYS[way], server.url, expected)
