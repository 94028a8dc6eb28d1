"""What a gateway was asked by a shell."""

from __future__ import annotations

USER_KEY = "a-user-of-the-tests"
"""Opens the gateway of the tests to a user with an allowance, whose usage is counted."""


def asked(gateway):
    """Models and texts of the last request."""
    return [
        (f"{e['providerName']}/{e['modelName']}", e["promptParams"]["messages"]) for e in gateway.requests[-1]["data"]
    ]


def dialogue(gateway):
    """The last request's messages for its first model, as `(role, text)`."""
    return [(message["role"], message["content"]) for message in asked(gateway)[0][1]]
