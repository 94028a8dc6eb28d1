"""The chat panel as a person finds it: by the names of design.md's promises, in a real page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["Panel"]


class Panel:
    """One panel on a page.

    Args:
        scope: Where to look for it: the page, or one cell's output.
    """

    def __init__(self, scope: Page | Locator) -> None:
        self.root = scope.get_by_role("region", name="GPTRouter chat")
        self.log = self.root.get_by_role("log", name="Conversation")
        self.box = self.root.get_by_role("textbox", name="Message", exact=True)
        self.send = self.root.get_by_role("button", name="Send", exact=True)
        self.stop = self.root.get_by_role("button", name="Stop", exact=True)
        self.models = self.root.get_by_role("button", name="Models", exact=True)
        self.list = self.root.get_by_role("list", name="Model priority")

    def wait(self) -> Panel:
        """Waits until the panel is there and has heard from the kernel."""
        self.box.wait_for()
        return self

    def ask(self, text: str) -> None:
        """Types a message and presses Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def wait_streaming(self) -> None:
        """Waits until an answer is on its way."""
        self.stop.wait_for()

    def wait_answered(self) -> None:
        """Waits until the last answer is over: Stop is Send again."""
        self.send.wait_for()

    def button(self, name: str) -> Locator:
        """A button of the panel by its whole name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def order(self) -> list[str]:
        """The models of the open picker, first to last."""
        names = [
            item.get_attribute("aria-label") or item.inner_text() for item in self.list.get_by_role("listitem").all()
        ]
        return [next(word for word in name.split() if "/" in word).strip(",:") for name in names]
