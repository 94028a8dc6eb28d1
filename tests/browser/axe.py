"""axe-core on a part of a page, in all the colours a person may have chosen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lab import Lab
    from playwright.sync_api import Locator

__all__ = ["violations"]

SOURCE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
# JupyterLab's body is 0 px high and hides what overflows: to axe, though to no browser, all that is in it is hidden.
RUN = """async (element) => {
  document.body.style.height = "100vh";
  const { violations, passes } = await window.axe.run(element);
  document.body.style.height = "";
  const brief = (rule) => ({ rule: rule.id, nodes: rule.nodes.map((node) =>
    `${node.html.slice(0, 200)}  ${node.failureSummary?.replaceAll("\\n", " ") ?? ""}`) });
  const contrast = passes.find((rule) => rule.id === "color-contrast");
  return {
    violations: violations.map(brief),
    measured: contrast?.nodes.filter((node) => node.any[0]?.data?.contrastRatio).length ?? 0,
  };
}"""


def violations(lab: Lab, element: Locator) -> dict[str, list[Any]]:
    """What axe finds in an element, by the look in which it finds it: light, dark, forced colours."""
    if not SOURCE.exists():
        pytest.fail("axe-core is not installed: run ./dev test browser, or npm ci in js/.")
    # By evaluation, not by a script element: the page's own policy has no say in it.
    lab.page.evaluate(SOURCE.read_text("utf-8"))
    found = {}
    for look in ("light", "dark", "forced"):
        lab.set_theme("JupyterLab Dark" if look == "dark" else "JupyterLab Light")
        lab.page.emulate_media(forced_colors="active" if look == "forced" else "none")
        _wait_for_colours(element, "dark" if look == "dark" else "light")
        result = element.evaluate(RUN)
        assert result["measured"] > 0  # a run that looks at nothing finds no fault either
        if result["violations"]:
            found[look] = result["violations"]
    lab.page.emulate_media(forced_colors="none")
    return found


def _wait_for_colours(element: Locator, theme: str) -> None:
    """The panel has followed the page, and nothing fades any more."""
    element.page.wait_for_function(
        "([element, theme]) => element.dataset.theme === theme"
        " && !document.getAnimations().some((one) => one instanceof CSSTransition)",
        arg=[element.element_handle(), theme],
    )
