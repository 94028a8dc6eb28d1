"""A running gateway, and what is asked through it."""

from queue import Queue

import comm
import pytest
from recorded_view import Panel, View
from waiting import wait_until

from gptrouter_notebook.chat_model import GPTRouter
from gptrouter_notebook.gateway import start_gateway
from gptrouter_notebook.routing import as_models
from gptrouter_notebook.session import Session


@pytest.fixture(scope="module")
def gateway():
    with start_gateway(token_delay_s=0.002) as running:
        yield running


@pytest.fixture
def make_session(gateway):
    """Makes sessions whose events can be waited for; closes them."""
    made = []

    def make_session(*names, model=None, **options):
        models = as_models(names)
        if model is None:
            model = GPTRouter(models_priority_list=models, base_url=gateway.url, api_key=gateway.key, max_retries=0)
        session = Session(model, models, **options)
        session.events = Queue()
        session.listen(session.events.put)
        made.append(session)
        return session

    yield make_session
    for session in made:
        session.close()
    wait_until(lambda: gateway.open_streams == 0)


@pytest.fixture
def open_panel(gateway, monkeypatch):
    """Makes panels and gives them with their views; closes them."""
    monkeypatch.setattr(comm, "create_comm", View)
    made = []

    def open_panel(*names, **options):
        model = options.pop("model", None) or GPTRouter(
            models_priority_list=list(names), base_url=gateway.url, api_key=gateway.key, max_retries=0
        )
        panel = Panel(model, **options)
        made.append(panel)
        return panel, panel.comm

    yield open_panel
    for panel in made:
        panel.close()
    wait_until(lambda: gateway.open_streams == 0)
