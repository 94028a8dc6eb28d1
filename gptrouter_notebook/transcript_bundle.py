"""A conversation in every form a saved notebook keeps of it: plain, Markdown, HTML, and as data; no Jupyter.

A display is sent whole at every change, so what was written of a turn is kept until the turn says something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gptrouter_notebook import transcript
from gptrouter_notebook.per_turn import PerTurn
from gptrouter_notebook.script import Speaker, Typed, turn_lines
from gptrouter_notebook.transcript_html import TURN_RULE, lines_to_html
from gptrouter_notebook.transcript_markdown import lines_to_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gptrouter_notebook.conversation import Conversation, Turn
    from gptrouter_notebook.routing import GPTRouterModel
    from gptrouter_notebook.script import Line
    from gptrouter_notebook.settings import Settings

__all__ = ["CHAT_MIME", "TranscriptBundle"]

CHAT_MIME = "application/vnd.gptrouter.chat.v1+json"
"""The conversation as data: what `transcript.to_dict` writes and `transcript.from_dict` reads."""


LARGEST_CHARACTERS = 250_000
"""Longer HTML and Markdown are not kept both: a notebook grows by each, and every viewer that knows one shows HTML."""


class TranscriptBundle:
    """Writes one conversation again and again as it grows."""

    def __init__(self) -> None:
        self._written = PerTurn(_write_turn)
        self._data = PerTurn(transcript.turn_to_dict)

    def write(
        self, conversation: Conversation, models: Sequence[GPTRouterModel], settings: Settings, *, mark: str = ""
    ) -> dict[str, Any]:
        """The conversation by MIME type; without Markdown when it is very long.

        Args:
            conversation: The turns; all branches are in the data, and those that are shown in the rest.
            models: The priority list.
            settings: How models are asked.
            mark: What the HTML's element is known by to the panel, which hides it while it is there itself.
        """
        path = conversation.path()
        written = self._written.of(path, conversation)
        head: list[Line] = [Speaker("System"), Typed(settings.system_prompt)] if settings.system_prompt and path else []
        markdown = [lines_to_markdown(head, pictures=False), *(markdown for markdown, _ in written)]
        html = [lines_to_html(head), *(html for _, html in written)]
        count = f"{len(path)} turn{'' if len(path) == 1 else 's'}"
        text = f'<div data-gptr-chat="{mark}">\n{TURN_RULE.join(filter(None, html))}</div>\n'
        bundle = {
            "text/plain": f"GPTRouter chat, {count}",
            "text/markdown": "\n".join(filter(None, markdown)),
            "text/html": text,
            CHAT_MIME: transcript.to_dict(
                conversation, models, settings, self._data.of(conversation.everything(), conversation)
            ),
        }
        if len(text) + len(bundle["text/markdown"]) > LARGEST_CHARACTERS:
            del bundle["text/markdown"]
        return bundle


def _write_turn(turn: Turn, conversation: Conversation) -> tuple[str, str]:
    """As Markdown and as HTML."""
    script = list(turn_lines(turn, conversation.branch(turn)))
    return lines_to_markdown(script, pictures=False), lines_to_html(script)
