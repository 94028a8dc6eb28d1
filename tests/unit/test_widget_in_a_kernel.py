"""Stop in a real kernel, over real comm messages, while a cell runs."""

import sys
import time

import pytest
from jupyter_client.manager import KernelManager

PATIENCE_S = 30

OPEN_PANEL = """
from gptrouter_notebook import GPTRouter, ChatWidget
from gptrouter_notebook.gateway import start_gateway

class Panel(ChatWidget):
    _esm = "export default {};"
    _css = ""

gateway = start_gateway()
panel = Panel(GPTRouter(models_priority_list=["demo/stalls"], base_url=gateway.url, api_key=gateway.key))
print(panel.model_id)
"""

# Ends by itself when Stop comes through; else it gives up and says so.
BUSY_CELL = """
import time
give_up_at = time.monotonic() + 8
while panel.status == "streaming" and time.monotonic() < give_up_at:
    time.sleep(0.01)
print(panel.status, gateway.open_streams)
"""


class Kernel:
    """A kernel of this interpreter, and the view's end of its channels."""

    def __init__(self):
        self.manager = KernelManager()
        self.manager.kernel_spec.argv[0] = sys.executable
        self.manager.start_kernel()
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE_S)
        self.printed = ""

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def run(self, code):
        """Starts a cell; returns the id of its request."""
        return self.client.execute(code)

    def read_until(self, is_it):
        """Reads what the kernel publishes up to the message meant."""
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE_S)
            if message["msg_type"] == "stream":
                self.printed += message["content"]["text"]
            assert message["msg_type"] != "error", message["content"]["traceback"]
            if is_it(message):
                return message

    def finish(self, request):
        """Reads up to the end of a cell; returns what was printed meanwhile."""
        self.printed = ""
        self.read_until(lambda message: is_status(message, "idle") and message["parent_header"]["msg_id"] == request)
        return self.printed

    def new_subshell(self):
        request = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(request)
        return self.client.get_control_msg(timeout=PATIENCE_S)["content"]["subshell_id"]

    def command(self, comm_id, subshell, **content):
        """Sends a command of the view as JupyterLab does: to a subshell of its own."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)


def is_status(message, state):
    return message["msg_type"] == "status" and message["content"]["execution_state"] == state


def has_delta(message):
    return message["msg_type"] == "comm_msg" and message["content"]["data"].get("state", {}).get("delta")


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    yield kernel
    kernel.close()


@pytest.mark.parametrize("who_speaks_first", ["the kernel", "the view"])
def test_stop_is_heard_while_a_cell_runs(kernel, who_speaks_first):
    comm_id = kernel.finish(kernel.run(OPEN_PANEL)).split()[-1]
    subshell = kernel.new_subshell()
    if who_speaks_first == "the kernel":
        kernel.run("asked = panel.ask('Hi')")
    else:
        kernel.command(comm_id, subshell, kind="send", id=1, text="Hi")
    kernel.read_until(has_delta)
    busy = kernel.run(BUSY_CELL)
    kernel.read_until(lambda message: is_status(message, "busy") and message["parent_header"]["msg_id"] == busy)
    began_at = time.monotonic()
    kernel.command(comm_id, subshell, kind="stop", id=2, turn=1)
    assert kernel.finish(busy).split()[0] == "idle"
    assert time.monotonic() - began_at < 5
    kernel.finish(kernel.run("panel.close(); gateway.close()"))
