"""What is put under load: our panel, and what people write without it."""
# ruff: noqa: INP001, PLC0415 - scripts, no package; each process loads what it measures

from __future__ import annotations

import threading
from typing import Any, Protocol

import anywidget
import traitlets
from answers import MODEL

__all__ = ["SUBJECTS", "Subject"]

PATIENCE_S = 120
PROVIDER, NAME = MODEL.split("/")


class Subject(Protocol):
    """A chat in a cell's output."""

    comm: Any

    def ask(self, text: str) -> None:
        """Begins an answer."""

    def answer(self) -> str:
        """Waits for the end of the answer, and gives it."""

    def stop(self) -> None:
        """Stops the answer."""

    def clear(self) -> None:
        """Forgets the conversation."""

    def close(self) -> None:
        """Removes the widget."""


class Ours:
    """The panel, followed by a view."""

    def __init__(self, url: str) -> None:
        from gptrouter_notebook import ChatWidget

        self.model = self.model_at(url)
        self.panel = ChatWidget(self.model)
        self.comm = self.panel.comm
        self.comm.command("hello")

    @staticmethod
    def model_at(url: str) -> Any:
        """The chat model alone."""
        from gptrouter_notebook import GPTRouter

        return GPTRouter(models_priority_list=[MODEL], base_url=url, api_key="bench")

    def ask(self, text: str) -> None:
        """Begins an answer."""
        self._asked = self.panel.ask(text)

    def answer(self) -> str:
        """Waits for the end of the answer, and gives it."""
        return str(self._asked.result(PATIENCE_S).content)

    def stop(self) -> None:
        """As the view's button does."""
        self.comm.command("stop", turn=self._asked.turn)

    def clear(self) -> None:
        """Forgets the conversation."""
        self.panel.clear()

    def close(self) -> None:
        """Removes the widget."""
        self.panel.close()


class Today(anywidget.AnyWidget):
    """langchain_community's model on a thread, and the whole conversation in a trait that is set with every token."""

    _esm = "export default { render({ model, el }) { model.on('change:text', () => el.append()); } };"
    text = traitlets.Unicode().tag(sync=True)

    def __init__(self, url: str) -> None:
        super().__init__()
        self.model = self.model_at(url)
        self._messages: list[Any] = []
        self._is_stopped = False

    @staticmethod
    def model_at(url: str) -> Any:
        """The chat model alone."""
        from langchain_community.chat_models.gpt_router import GPTRouter, GPTRouterModel

        models = [GPTRouterModel(name=NAME, provider_name=PROVIDER)]
        return GPTRouter(models_priority_list=models, gpt_router_api_base=url, gpt_router_api_key="bench")

    def ask(self, text: str) -> None:
        """Begins an answer."""
        from langchain_core.messages import HumanMessage

        self._is_stopped, self._answer = False, ""
        self._messages.append(HumanMessage(text))
        self.text += f"\n\n{text}\n\n"
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        from langchain_core.messages import AIMessage

        for chunk in self.model.stream(self._messages):
            if self._is_stopped:
                break
            self._answer += str(chunk.content)
            self.text += str(chunk.content)
        self._messages.append(AIMessage(self._answer))

    def answer(self) -> str:
        """Waits for the end of the answer, and gives it."""
        self._thread.join(PATIENCE_S)
        return self._answer

    def stop(self) -> None:
        """Looked at when the next token comes."""
        self._is_stopped = True

    def clear(self) -> None:
        """Forgets the conversation."""
        self._messages, self.text = [], ""


SUBJECTS: dict[str, Any] = {"ours": Ours, "today": Today}
