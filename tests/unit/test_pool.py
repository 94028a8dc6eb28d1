"""The process's connections: shared, closed with their loop, and never a parent's in a child."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

from replay import Replay, eventually, recorded, recorded_bytes

from gptrouter_notebook import pool
from gptrouter_notebook.client import GatewayClient

MODELS, _ = recorded_bytes(recorded("03"))


def opened(server):
    """How many connections the server has seen."""
    return len(server._threads)


def test_calls_one_after_another_share_a_connection():
    pool.close()
    with Replay() as server:
        server.on("/api/v1/model/all", MODELS)
        for _ in range(3):
            GatewayClient(server.url, "k").models()
        assert len(server.asked) == 3
        assert opened(server) == 1
        pool.close()


def test_a_loop_has_a_client_of_its_own_and_closes_it_at_its_end():
    async def twice(client):
        await client.amodels()
        await client.amodels()
        return await pool.async_client()

    with Replay() as server:
        server.on("/api/v1/model/all", MODELS)
        clients = [asyncio.run(twice(GatewayClient(server.url, "k"))) for _ in range(2)]
        assert opened(server) == 2
        eventually(lambda: server.open_connections == 0)
        assert clients[0] is not clients[1]
        assert all(client.is_closed for client in clients)


def test_threads_may_call_at_once():
    with Replay() as server:
        server.on("/api/v1/model/all", MODELS)
        client = GatewayClient(server.url, "k")
        counts = []
        threads = [threading.Thread(target=lambda: counts.append(len(client.models()))) for _ in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert counts == [24] * 30
        pool.close()


FORKED = """
import os, sys
from gptrouter_notebook.client import GatewayClient
client = GatewayClient(sys.argv[1], "k")
client.models()
pid = os.fork()
if pid == 0:
    os._exit(0 if len(client.models()) == 24 else 1)
assert os.waitpid(pid, 0)[1] == 0
client.models()
"""


def test_a_forked_child_opens_its_own_connection():
    with Replay() as server:
        server.on("/api/v1/model/all", MODELS)
        done = subprocess.run(
            [sys.executable, "-c", FORKED, server.url], check=False, env=os.environ | {"PYTHONWARNINGS": "ignore"}
        )
        assert done.returncode == 0
        assert len(server.asked) == 3
        assert opened(server) == 2


def test_a_proxy_from_the_environment_is_used():
    program = (
        "import sys; from gptrouter_notebook.client import GatewayClient;"
        "print(len(GatewayClient('http://gateway.invalid', 'k').models()))"
    )
    with Replay() as proxy:
        proxy.on("http://gateway.invalid/api/v1/model/all", MODELS)
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        environment["HTTP_PROXY"] = proxy.url
        done = subprocess.run(
            [sys.executable, "-c", program], check=True, env=environment, capture_output=True, text=True
        )
        assert done.stdout.strip() == "24"
