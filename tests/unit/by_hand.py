"""An exchange whose requests are answered by hand: no gateway, no clock but ours."""

from __future__ import annotations

import json

from langchain_core.messages import HumanMessage

from gptrouter_notebook.errors import InvalidRequest, StreamInterrupted
from gptrouter_notebook.exchange import Exchange
from gptrouter_notebook.messages import Question
from gptrouter_notebook.records import HealthPoint, Model
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.sse import EventDecoder
from gptrouter_notebook.wire import Reply

UP = HealthPoint(None, is_available=True, latency_ms=120.0)
DOWN = HealthPoint(None, is_available=False, latency_ms=0.0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Asking:
    """An exchange whose requests are answered by hand, with a gateway's models and health beside it."""

    def __init__(self, *models, hands_out=False, newest=None, manners=None, **params):
        self.models = as_models(list(models))
        self.known = [Model(f"id-{model.name}", model.name, "", model.provider_name, "", 1) for model in self.models]
        self.newest = {model: newest[at] for at, model in enumerate(self.models)} if newest else None
        self.clock = Clock()
        self.exchange = Exchange(
            Question([HumanMessage("hi")], params), self.models, hands_out=hands_out, manners=manners, clock=self.clock
        )
        self.looked_up = []

    def next(self):
        request = self.exchange.next_request()
        assert request is not None
        return ["stream" if request.stream else "plain", *(entry.name for entry in request.entries)]

    def streams(self, *events, broken=False):
        chunks = [chunk for event in events if (chunk := self.exchange.feed(event)) is not None]
        if broken:
            self.exchange.refused(StreamInterrupted("It broke.", cause="nothing came for 60 s"))
        self.settle()
        return chunks

    def replies(self, **reply):
        self.exchange.take(Reply.from_json({"id": "r", "modelId": f"id-{self.models[0].name}", **reply}))
        self.settle()

    def refuses(self, error):
        self.exchange.refused(error)
        self.settle()

    def settle(self):
        models = newest = None
        if self.exchange.needs_models:
            self.looked_up.append("models")
            models = self.known
        if self.exchange.needs_newest(models):
            self.looked_up.append("health")
            newest = self.newest
        self.clock.now += 100  # the time of a look-up is nobody's fault
        self.exchange.settle(models, newest)

    @property
    def route(self):
        return told(self.exchange.metadata()["route"])


def told(route):
    return [(hop["model"], hop["outcome"], hop["reason"]) for hop in route]


def sse(*events):
    """The events of a stream, as the decoder makes them."""
    return [event for item in events for event in EventDecoder().feed(b"data: " + json.dumps(item).encode() + b"\n\n")]


def update(text="", finish=None, **more):
    return {"event": "update", "id": "c1", "data": {"text": text, "finish_reason": finish, **more}}


def failure(message):
    return sse({"event": "error", "message": message})


def whole(text, model, **data):
    return sse(
        update(text),
        update("", "stop", **data),
        {
            "event": "meta",
            "data": {"text": text, "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}},
        },
        {"event": "generation_source", "data": {"modelId": f"id-{model}", "providerId": "pid"}},
        {"event": "end", "data": "end"},
    )


def catch_all():
    return InvalidRequest("Refused.", status=500, cause="Something went wrong")
