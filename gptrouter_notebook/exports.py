"""A conversation as a file in one of several formats, and read from one; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never

from langchain_core.messages import messages_from_dict, messages_to_dict

from gptrouter_notebook import transcript, transcript_html
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.message_turns import conversation_of
from gptrouter_notebook.notebook_file import chat_in
from gptrouter_notebook.transcript_markdown import to_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gptrouter_notebook.conversation import Conversation
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.settings import Settings

__all__ = ["Export", "Format", "export", "read"]

Format = Literal["markdown", "html", "json", "langchain"]


@dataclass(frozen=True, slots=True)
class Export:
    """A file: its name, its MIME type, its text."""

    name: str
    mime: str
    text: str


def export(conversation: Conversation, models: Sequence[GPTRouterModel], settings: Settings, form: Format) -> Export:
    """The conversation as a file.

    Args:
        conversation: The turns; `json` has all branches, the others those that are shown.
        models: The priority list, for `json`.
        settings: How models are asked: `json` has all of it, `markdown` and `html` the system prompt.
        form: `markdown`; `html`, a page of its own; `json`, for `ChatWidget.from_dict`; or `langchain`, for
            `langchain_core.messages.messages_from_dict`.
    """
    match form:
        case "markdown":
            return Export("chat.md", "text/markdown", to_markdown(conversation, settings.system_prompt))
        case "html":
            body = transcript_html.to_html(conversation, settings.system_prompt)
            return Export("chat.html", "text/html", transcript_html.page(body, "GPTRouter chat"))
        case "json":
            return _json("chat.json", transcript.to_dict(conversation, models, settings))
        case "langchain":
            return _json("chat.langchain.json", messages_to_dict(conversation.messages()))
        case _:
            assert_never(form)


def read(text: str) -> Conversation:
    """The conversation in a file: one exported as `json` or `langchain`, or a notebook, whose last chat it is.

    Raises:
        ConfigurationError: It is none of these, or damaged.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ConfigurationError("This is no chat: choose a chat exported as JSON, or a notebook.") from None
    if isinstance(value, list):
        try:
            return conversation_of(messages_from_dict(value))
        except Exception as error:  # noqa: BLE001 - langchain-core lets through whatever a bad message makes it raise
            raise ConfigurationError(f"These are no LangChain messages ({type(error).__name__}).") from None
    if isinstance(value, Mapping) and "cells" in value:
        value = chat_in(value)
    return transcript.from_dict(value).conversation


def _json(name: str, value: object) -> Export:
    return Export(name, "application/json", json.dumps(value, ensure_ascii=False, indent=1) + "\n")
