"""What runs in the kernel: reports of what the kernel knows, and the widgets the panel is compared with."""
# ruff: noqa: INP001 - scripts, no package

from __future__ import annotations

import json
import os
import threading
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from answers import MODEL, pieces
from langchain_core.chat_history import InMemoryChatMessageHistory
from langchain_core.messages import AIMessage, HumanMessage

from gptrouter_notebook import ChatWidget, GPTRouter
from gptrouter_notebook.coalescer import Coalescer
from gptrouter_notebook.turn_events import Delta, Ended

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NaiveMarkdown", "PerToken", "WholeText", "opened", "panel", "report_kernel"]

REPORTS = Path(os.environ["GPTROUTER_BENCH_REPORTS"])
WORDS_OF_ANSWER = 150
NAIVE_MARKDOWN = Path(os.environ["GPTROUTER_BENCH_NAIVE"])


def report(name: str, **values: Any) -> None:
    """Leaves figures where the benchmark finds them: a message would be one more to count."""
    draft = REPORTS / f"{name}.draft"
    draft.write_text(json.dumps(values))
    draft.rename(REPORTS / f"{name}.json")


def report_kernel() -> None:
    """Says what this kernel really runs: an environment's own kernel spec would win silently."""
    report("kernel", ipykernel=metadata.version("ipykernel"))


def long_conversation(messages: int) -> InMemoryChatMessageHistory:
    """What was said before: questions and answers with code, tables and formulas, about 600 characters each."""
    said = InMemoryChatMessageHistory()
    answer = "".join(pieces("rich", WORDS_OF_ANSWER))
    for at in range(messages // 2):
        said.add_message(HumanMessage(f"Question {at + 1}: what next?"))
        said.add_message(AIMessage(f"Answer {at + 1}.\n\n{answer}"))
    return said


def opened(messages: int) -> ChatWidget:
    """A panel with a long conversation; reports when it began to be made, and was."""
    said = long_conversation(messages)
    began_at = time.time()
    chat = ChatWidget(models_priority_list=[MODEL], history=said)
    report("opened", began_at=began_at, made_at=time.time())
    return chat


def panel() -> ChatWidget:
    """A panel that reports when an answer's last token came, and when the answer was over."""
    chat = ChatWidget(models_priority_list=[MODEL])
    last_at = 0.0

    def note(event: object) -> None:
        nonlocal last_at
        if isinstance(event, Delta):
            last_at = time.time()
        elif isinstance(event, Ended):
            report("ended", last_at=last_at, ended_at=time.time(), reason=event.reason)

    # Ours first: what happens before the feed has sent the token counts, too.
    chat._session._listeners.insert(0, note)  # noqa: SLF001 - a benchmark looks where no user does
    return chat


class _Rival(anywidget.AnyWidget):
    """A widget that shows an answer as it comes, read on a thread."""

    def ask(self, question: str) -> None:
        """Begins."""
        threading.Thread(target=self._run, args=[question], daemon=True).start()

    def _run(self, question: str) -> None:
        last_at = 0.0
        for token in _tokens(question):
            last_at = time.time()
            self._take(token)
        self._end()
        report("ended", last_at=last_at, ended_at=time.time(), reason="complete")

    def _take(self, token: str) -> None:
        raise NotImplementedError

    def _end(self) -> None:
        """Everything was taken."""


class PerToken(_Rival):
    """A message for every token."""

    _esm = """
    export default { render({ model, el }) {
      const text = document.createTextNode("");
      el.className = "rival";
      el.append(text);
      model.on("msg:custom", ({ token }) => text.appendData(token));
    } };
    """

    def _take(self, token: str) -> None:
        self.send({"token": token})


class WholeText(_Rival):
    """A trait that holds the text so far."""

    _esm = """
    export default { render({ model, el }) {
      el.className = "rival";
      model.on("change:text", () => { el.textContent = model.get("text"); });
    } };
    """
    text = traitlets.Unicode().tag(sync=True)

    def _take(self, token: str) -> None:
        self.text += token


class NaiveMarkdown(_Rival):
    """As few messages as the panel's, but the whole answer rendered again for each: marked, DOMPurify, highlight.js."""

    _esm = NAIVE_MARKDOWN

    def _run(self, question: str) -> None:
        self._coalescer = Coalescer()
        super()._run(question)

    def _take(self, token: str) -> None:
        if (numbered := self._coalescer.push(token, time.monotonic())) is not None:
            self.send({"token": numbered.text})

    def _end(self) -> None:
        if (numbered := self._coalescer.flush(time.monotonic())) is not None:
            self.send({"token": numbered.text})


def _tokens(question: str) -> Iterator[str]:
    model = GPTRouter(models_priority_list=[MODEL])
    for chunk in model.stream(question):
        if chunk.content:
            yield str(chunk.content)
