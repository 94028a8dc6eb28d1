"""What a session does not do, and says so; nothing has changed by it."""

from __future__ import annotations

from dataclasses import replace

from gptrouter_notebook.answering import sendable
from gptrouter_notebook.conversation import Question
from gptrouter_notebook.errors import GPTRouterError

__all__ = ["Refused", "checked"]


class Refused(GPTRouterError):
    """Something that cannot be done now; nothing has changed by it."""


def checked(question: Question | str) -> Question:
    """The question as it can be sent.

    Raises:
        Refused: There is nothing in it.
    """
    if isinstance(question, str):
        question = Question(question)
    if not (question.text.strip() or question.images):
        raise Refused("The message is empty, so nothing was sent: write something first.")
    told = None if question.told is None else sendable(question.told)
    return replace(question, text=sendable(question.text), told=told)
