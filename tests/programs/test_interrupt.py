"""Interrupting a kernel in the middle of a plain, blocking call."""

from __future__ import annotations

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


CALLS = [
    "model.invoke('Hi')",
    "model.batch(['Hi'])",
    "for chunk in model.stream('Hi'): print(chunk.content, flush=True)",
]
LAST_TOKEN = " model"


def printed(client):
    """What the kernel prints next."""
    while (message := client.get_iopub_msg(timeout=20))["msg_type"] != "stream":
        pass
    return message["content"]["text"]


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
            # Between two chunks the program has the thread, not the stream; here it waits for what never comes.
            while "print" in call and LAST_TOKEN not in printed(client):
                pass
            manager.interrupt_kernel()
            eventually(lambda: gateway.open_streams == 0, timeout_s=1)
            while (reply := client.get_shell_msg(timeout=10))["parent_header"].get("msg_id") != request:
                pass
            assert reply["content"]["ename"] == "KeyboardInterrupt"
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
