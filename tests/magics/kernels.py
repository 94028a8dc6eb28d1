"""A real kernel with the magics loaded, and what a front end hears from it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, field

from jupyter_client.manager import KernelManager

PATIENCE_S = 60


@dataclass
class Ran:
    """What one cell did."""

    outputs: list[dict] = field(default_factory=list)
    """The displays that stand below the cell at its end, each as its MIME bundle."""
    sent_bytes: int = 0
    """What its displays cost on the wire."""
    updates: int = 0
    error: str = ""
    """What is shown of its error; "" without one."""
    next_cell: str | None = None
    """What is to go into a new cell below it."""
    printed: str = ""

    def show(self, content, by_id):
        """Takes a display, or an update of one."""
        self.sent_bytes += len(json.dumps(content))
        name = content.get("transient", {}).get("display_id")
        if name in by_id:
            self.updates += 1
            by_id[name].clear()
            by_id[name].update(content["data"])
        else:
            self.outputs.append(dict(content["data"]))
            by_id[name] = self.outputs[-1]


class Kernel:
    """A kernel of this interpreter."""

    def __init__(self, **environment):
        self.heard: list[dict] = []
        """Every message of the cells that ran, as it came."""
        self.manager = KernelManager()
        self.manager.kernel_spec.argv[0] = sys.executable
        self.manager.start_kernel(env=os.environ | environment)
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE_S)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def run(self, code, *, on_display=None):
        """Runs a cell to its end; `on_display` is called with every bundle that is shown."""
        ran, by_id = Ran(), {}
        request = self.client.execute(code)
        for message in self._heard(self.client.get_iopub_msg, request):
            kind, content = message["msg_type"], message["content"]
            if kind in {"display_data", "update_display_data"}:
                ran.show(content, by_id)
                if on_display is not None:
                    on_display(content["data"])
            elif kind == "stream":
                ran.printed += content["text"]
            elif kind == "error":
                ran.error = "\n".join(content["traceback"])
            elif kind == "status" and content["execution_state"] == "idle":
                break
        reply = next(self._heard(self.client.get_shell_msg, request))
        for payload in reply["content"].get("payload", ()):
            if payload["source"] == "set_next_input":
                assert not payload["replace"]
                ran.next_cell = payload["text"]
        return ran

    def _heard(self, get, request):
        while True:
            message = get(timeout=PATIENCE_S)
            if message["parent_header"].get("msg_id") == request:
                self.heard.append(message)
                yield message

    def complete(self, code):
        """What Tab offers at the end of a cell."""
        reply = self.client.complete(code, len(code), reply=True, timeout=PATIENCE_S)["content"]
        return [code[: reply["cursor_start"]] + match for match in reply["matches"]]
