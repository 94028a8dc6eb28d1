"""A gateway whose `demo/script` answers what a test says, and what it was asked by a shell."""

from __future__ import annotations

from dataclasses import replace

from gptrouter_notebook.gateway.catalogue import Catalogue, demo_catalogue
from gptrouter_notebook.gateway.demo import DemoModel

USER_KEY = "a-user-of-the-tests"
"""Opens the gateway of the tests to a user with an allowance, whose usage is counted."""


class Script:
    """What `demo/script` answers."""

    text = ""


def scripted_catalogue(script):
    """The demo models and `demo/script`."""
    demo = demo_catalogue(0.0)
    echo = demo.model_by_full_name("demo/echo")
    speaker = DemoModel(lambda _: script.text, echo.provider.kind, latency_ms=90)
    model = replace(echo, id="5c819700-0000-4000-8000-000000000000", name="script", order=99, upstream=speaker)
    return Catalogue(demo.providers, [*demo.models, model], demo.vision)


def asked(gateway):
    """Models and texts of the last request."""
    return [
        (f"{e['providerName']}/{e['modelName']}", e["promptParams"]["messages"]) for e in gateway.requests[-1]["data"]
    ]


def dialogue(gateway):
    """The last request's messages for its first model, as `(role, text)`."""
    return [(message["role"], message["content"]) for message in asked(gateway)[0][1]]
