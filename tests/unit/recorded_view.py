"""A widget without its bundle, and a stand-in for its front end: only the comm is not real."""

import json
import threading
import time

from comm.base_comm import BaseComm
from waiting import PATIENCE_S

from gptrouter_notebook.widget import ChatWidget


class Panel(ChatWidget):
    """The widget without its bundle, which these tests do not need."""

    _esm = "export default {};"
    _css = ""


class View(BaseComm):
    """Stands where the front end would: keeps what it is sent, sends what it likes."""

    def __init__(self, *args, **kwargs):
        self.news = threading.Condition()
        self.sent = []
        super().__init__(*args, **kwargs)

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        del metadata, buffers, keys
        with self.news:
            # A real comm makes JSON of it at once, too.
            self.sent.append((time.monotonic(), msg_type, json.loads(json.dumps(data or {}))))
            self.news.notify_all()

    def messages(self, kind=None):
        """The custom messages so far."""
        found = [data["content"] for _, _, data in list(self.sent) if data.get("method") == "custom"]
        return [content for content in found if kind in (None, content["kind"])]

    def values(self, trait):
        """What the trait was told to be, one after the other."""
        updates = [data["state"] for _, _, data in list(self.sent) if data.get("method") == "update"]
        return [state[trait] for state in updates if trait in state]

    def wait(self, is_so):
        with self.news:
            assert self.news.wait_for(is_so, PATIENCE_S), "it never came to that"

    def wait_for(self, kind, count=1):
        """The `count`-th message of this kind."""
        self.wait(lambda: len(self.messages(kind)) >= count)
        return self.messages(kind)[count - 1]

    def command(self, kind, **fields):
        self.say({"method": "custom", "content": {"kind": kind, **fields}})

    def write(self, **state):
        self.say({"method": "update", "state": state, "buffer_paths": []})

    def say(self, data):
        self.handle_msg({"content": {"data": data}, "buffers": []})


def is_idle(view):
    """Whether the newest answer is over, and everything about it was told."""
    return lambda: view.values("status")[-1:] == ["idle"]


def streaming_parts(view, turn):
    """The answer as a view would put it together, and whether its numbers have no gap."""
    parts, expected = [""], 1
    for _, _, data in list(view.sent):
        message = data.get("content", {}) if data.get("method") == "custom" else {}
        delta = data.get("state", {}).get("delta") if data.get("method") == "update" else None
        if delta and delta["turn"] == turn:
            assert delta["seq"] == expected
            parts[-1] += delta["text"]
            expected += 1
        elif message.get("turn") == turn and message["kind"] == "turn_started":
            parts, expected = [""], 1
        elif message.get("turn") == turn and message["kind"] == "part":
            assert message["seq"] == expected - 1
            parts.append("")
        elif message.get("turn") == turn and message["kind"] == "turn_ended":
            assert message["seq"] == expected - 1
    return parts
