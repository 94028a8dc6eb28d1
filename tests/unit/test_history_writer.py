"""A conversation that lives in a LangChain chat history: loaded, added to, written anew."""

import os
import subprocess
import sys
import threading
import warnings

import pytest
from langchain_core.chat_history import BaseChatMessageHistory
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from recorded_view import Panel
from waiting import PATIENCE_S, wait_until

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # langchain-community says that it will go
    from langchain_community.chat_message_histories import SQLChatMessageHistory


def said(history):
    return [(message.type, message.text) for message in history.messages]


class ListHistory(BaseChatMessageHistory):
    """A history that forgets all with the process."""

    def __init__(self, *messages):
        super().__init__()
        self.messages = list(messages)

    def add_messages(self, messages):
        self.messages = [*self.messages, *messages]

    def clear(self):
        self.messages = []


@pytest.fixture
def database(tmp_path):
    return f"sqlite:///{tmp_path}/chats.db"


def test_a_conversation_lives_in_sqlite_from_one_kernel_to_the_next(open_panel, database, gateway):
    panel, _ = open_panel("demo/echo", history=SQLChatMessageHistory("a", connection=database))
    first = panel.ask("One").result(PATIENCE_S)
    wait_until(lambda: len(SQLChatMessageHistory("a", connection=database).messages) == 2)
    panel.close()
    again, view = open_panel("demo/echo", history=SQLChatMessageHistory("a", connection=database))
    (_, _, opened), *_ = view.sent
    assert opened["state"]["conversation"]["turns"][0]["user"] == "One"
    assert again.messages == panel.messages
    again.ask("Two").result(PATIENCE_S)
    sent = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    assert [message["content"] for message in sent] == ["One", first.content, "Two"]
    wait_until(lambda: len(SQLChatMessageHistory("a", connection=database).messages) == 4)
    assert SQLChatMessageHistory("b", connection=database).messages == []
    assert gateway.key not in repr(SQLChatMessageHistory("a", connection=database).messages)


def test_what_is_edited_switched_or_cleared_is_so_in_the_history(open_panel):
    history = ListHistory(SystemMessage("Be short."))
    panel, _ = open_panel("demo/echo", history=history)
    for text in ("One", "Two"):
        panel.ask(text).result(PATIENCE_S)
    wait_until(lambda: len(history.messages) == 5)
    panel._session.edit(1, "Other").result(PATIENCE_S)
    wait_until(lambda: [text for kind, text in said(history) if kind == "human"] == ["Other"])
    panel._session.show(1)
    wait_until(lambda: [text for kind, text in said(history) if kind == "human"] == ["One", "Two"])
    panel.clear()
    wait_until(lambda: said(history) == [("system", "Be short.")])


def test_what_other_programs_stored_is_shown_as_turns(open_panel):
    call = {"name": "f", "args": {"x": 1}, "id": "c1"}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    history = ListHistory(
        AIMessage("Hello!"),
        HumanMessage([{"type": "text", "text": "What?"}, picture, {"type": "image_url", "image_url": "https://x"}]),
        AIMessage("", tool_calls=[call]),
        ToolMessage("7", tool_call_id="c1"),
        AIMessage("Seven.", response_metadata={"model_name": "gpt-4", "model_provider": "openai", "route": 3}),
        HumanMessage("Unanswered"),
    )
    panel, _ = open_panel("demo/echo", history=history)
    turns = panel._session.conversation.path()
    assert [(turn.user, turn.answer.text) for turn in turns] == [
        ("…", "Hello!"),
        ("What?", "Seven."),
        ("Unanswered", ""),
    ]
    assert turns[1].question.images == ("data:image/png;base64,AAAA",)
    assert turns[1].answer.extras.tool_calls[0]["name"] == "f"
    assert turns[1].answer.meta.label == "openai/gpt-4"


class Broken(ListHistory):
    """Its first writing fails."""

    attempts = 0

    def add_messages(self, messages):
        self.attempts += 1
        if self.attempts == 1:
            raise OSError("postgresql://user:secret@host is away")
        super().add_messages(messages)


def test_a_history_that_fails_is_told_and_gets_everything_with_the_next_answer(open_panel, caplog):
    history = Broken()
    panel, view = open_panel("demo/echo", history=history)
    panel.ask("One").result(PATIENCE_S)
    refused = view.wait_for("refused")
    assert "OSError" in refused["message"]
    assert "secret" not in refused["message"] + caplog.text
    panel.ask("Two").result(PATIENCE_S)
    wait_until(lambda: len(history.messages) == 4)
    history.attempts = 0  # fails again, between forgetting and writing anew
    panel._session.edit(1, "Other").result(PATIENCE_S)
    view.wait_for("refused", 2)
    panel.ask("More").result(PATIENCE_S)
    wait_until(lambda: [text for kind, text in said(history) if kind == "human"] == ["Other", "More"])


def test_answers_do_not_wait_for_a_slow_history_and_nothing_is_written_twice(open_panel):
    gate = threading.Event()

    class Slow(ListHistory):
        def add_messages(self, messages):
            gate.wait(PATIENCE_S)
            super().add_messages(messages)

    history = Slow()
    panel, _ = open_panel("demo/echo", history=history)
    for text in ("One", "Two", "Three"):
        panel.ask(text).result(PATIENCE_S)
    assert history.messages == []
    gate.set()
    wait_until(lambda: len(history.messages) == 6)
    assert [text for kind, text in said(history) if kind == "human"] == ["One", "Two", "Three"]


def test_a_history_that_cannot_be_read_is_said_at_once():
    class Away(BaseChatMessageHistory):
        @property
        def messages(self):
            raise OSError("away")

        def clear(self):
            raise AssertionError

    with pytest.raises(OSError, match="away"):
        Panel(models_priority_list=["demo/echo"], history=Away())


def test_a_panel_that_is_closed_has_written_what_was_said(open_panel):
    may_write = threading.Event()

    class Slow(ListHistory):
        def add_messages(self, messages):
            may_write.wait(PATIENCE_S)
            super().add_messages(messages)

    history = Slow()
    panel, _ = open_panel("demo/echo", history=history)
    panel.ask("One").result(PATIENCE_S)
    assert history.messages == []
    threading.Timer(0.1, may_write.set).start()
    panel.close()
    assert [text for kind, text in said(history) if kind == "human"] == ["One"]


def test_a_program_that_ends_with_the_answer_has_written_it(gateway, database):
    program = f"""
import time, warnings; warnings.simplefilter("ignore")
from langchain_community.chat_message_histories import SQLChatMessageHistory
from gptrouter_notebook import ChatWidget
class Slow(SQLChatMessageHistory):
    def add_messages(self, messages):
        time.sleep(0.5)
        super().add_messages(messages)
history = Slow("a", connection={database!r})
ChatWidget(models_priority_list=["demo/echo"], history=history).ask("One").result()
"""
    settings = {"GPT_ROUTER_API_BASE": gateway.url, "GPT_ROUTER_API_KEY": gateway.key}
    subprocess.run([sys.executable, "-c", program], check=True, env=os.environ | settings, timeout=PATIENCE_S)
    assert len(SQLChatMessageHistory("a", connection=database).messages) == 2
