"""Waiting for states and events, never for times."""

import time

from gptrouter_notebook.turn_events import Ended

PATIENCE_S = 20


def wait_until(is_so):
    give_up_at = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < give_up_at, "it never came to that"
        time.sleep(0.005)


def next_event(session, kind):
    """The next event of this kind; those before it are dropped."""
    while not isinstance(event := session.events.get(timeout=PATIENCE_S), kind):
        pass
    return event


def all_events(session):
    """What happened up to the next end."""
    events = [session.events.get(timeout=PATIENCE_S)]
    while not isinstance(events[-1], Ended):
        events.append(session.events.get(timeout=PATIENCE_S))
    return events


def asked_of(gateway):
    """The messages of the newest request."""
    messages = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    return [(message["role"], message["content"]) for message in messages]
