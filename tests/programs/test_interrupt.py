"""Interrupting a kernel in the middle of a plain, blocking call."""

from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_client.manager import start_new_kernel
from replay import eventually

from gptrouter_notebook.gateway import start_gateway

# jupyter_client leaves sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


CALLS = ["model.invoke('Hi')", "model.batch(['Hi'])", "for chunk in model.stream('Hi'): pass"]


def wait_asleep(pid):
    """Waits until a process's main thread sleeps: has run nothing since the last look, which is a while ago."""
    ran = []

    def slept():
        fields = Path(f"/proc/{pid}/task/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        state, ticks = fields[0], int(fields[11]) + int(fields[12])
        ran.append(ticks)
        return state == "S" and len(ran) > 40 and ran[-40] == ticks

    eventually(slept, timeout_s=10)


@pytest.mark.parametrize("call", CALLS)
def test_interrupting_the_kernel_closes_the_connection_at_once(call, monkeypatch):
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    with start_gateway(token_delay_s=0.0) as gateway:
        monkeypatch.setenv("GPT_ROUTER_API_BASE", gateway.url)
        monkeypatch.setenv("GPT_ROUTER_API_KEY", gateway.key)
        manager, client = start_new_kernel(kernel_name="python3")
        try:
            code = "from gptrouter_notebook import GPTRouter\nmodel = GPTRouter(models_priority_list=['demo/stalls'])\n"
            request = client.execute(code + call)
            eventually(lambda: gateway.open_streams == 1, timeout_s=20)
            # An interrupt in the millisecond in which httpx reads the headers is httpx's to clean up after.
            wait_asleep(manager.provisioner.pid)
            manager.interrupt_kernel()
            eventually(lambda: gateway.open_streams == 0, timeout_s=1)
            while (reply := client.get_shell_msg(timeout=10))["parent_header"].get("msg_id") != request:
                pass
            assert reply["content"]["ename"] == "KeyboardInterrupt"
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
