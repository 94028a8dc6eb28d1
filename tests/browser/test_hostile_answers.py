"""Answers that attack their reader, in real Chromium: nothing runs, nothing is fetched, nothing leaves its box."""

from __future__ import annotations

import json

import pytest
from hostile_corpus import CASES
from panel import Panel

BATCH = 140
BATCHES = [CASES[at : at + BATCH] for at in range(0, len(CASES), BATCH)]
SETUP = """
import json
from gptrouter_notebook import ChatWidget
from gptrouter_notebook.conversation import Conversation, Question
said = Conversation()
for text in json.load(open({path!r})):
    turn = said.begin(Question(text))
    turn.answer.append(text)
    turn.answer.finish("complete")
ChatWidget(models_priority_list=["demo/echo"], _conversation=said)
"""
WATCH = "() => { window.runs = 0; window.pwned = () => { window.runs += 1; }; }"
FOUND = """(log) => {
  const allowed = new Set(("a b blockquote br code del details div em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li"
    + " mark ol p pre s span strong sub summary sup table tbody td th thead tr u ul"
    + " button select option optgroup").split(" "));
  const bad = [];
  for (const node of log.querySelectorAll("*")) {
    const isMath = node.closest("math") !== null;
    if (!isMath && !allowed.has(node.localName)) bad.push(`<${node.localName}>`);
    if (isMath && !/^(math$|m[a-z]+$|none$)/.test(node.localName)) bad.push(`<${node.localName}> in math`);
    if (node.localName === "input" && node.type !== "checkbox") bad.push("an input");
    if (node.localName === "button" && !/^gptr-/.test(node.className)) bad.push("a button");
    for (const { name, value } of node.attributes) {
      const isKnown = /^(class|role|tabindex|title|type|aria-.*|data-gptr-.*|disabled|target|rel|alt)$/.test(name)
        || /^(start|align|checked|open|href|src|value|selected)$/.test(name);
      if (/^(on.*|id|name|srcset|ping|action|formaction|background|poster|is)$/.test(name)) bad.push(name);
      else if (name === "href" && !/^(https?:|mailto:)/i.test(value)) bad.push(`href=${value}`);
      else if (name === "src" && !/^data:image\\/(png|jpeg|gif|webp)/.test(value)) bad.push(`src=${value}`);
      else if (!isMath && !isKnown) bad.push(`${name}=${value}`);
      else if (name === "class" && !value.split(" ").every((one) => one === "" || /^(gptr-|hljs|tml-)/.test(one)))
        bad.push(`class=${value}`);
    }
    if (getComputedStyle(node).position === "fixed") bad.push("fixed");
  }
  for (const link of log.querySelectorAll(".gptr-answer a[href]"))
    if (link.target !== "_blank" || !link.rel.includes("noopener") || link.title !== link.getAttribute("href"))
      bad.push(`a link that hides where it goes: ${link.outerHTML}`);
  return bad;
}"""
TOUCH = """(log) => {
  for (const node of log.querySelectorAll(".gptr-markdown *")) {
    for (const kind of ["mouseover", "pointerenter", "focus", "animationstart", "toggle", "error", "load"])
      node.dispatchEvent(new Event(kind, { bubbles: kind !== "focus" }));
    if (!node.closest("a, button")) node.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  }
}"""


@pytest.mark.parametrize("batch", range(len(BATCHES)))
def test_nothing_runs_is_fetched_or_leaves_its_box(lab, tmp_path, batch):
    cases = BATCHES[batch]
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases), "utf-8")
    told, page = [], lab.page
    page.on("dialog", lambda dialog: (told.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("popup", lambda popup: told.append(f"popup {popup.url}"))
    page.on("request", lambda request: told.append(request.url) if "evil.example" in request.url else None)
    lab.open([SETUP.format(path=str(path))])
    address = page.url
    page.evaluate(WATCH)
    lab.run_cell(0)
    panel = Panel(lab.output(0)).wait()
    page.wait_for_function(
        "([log, count]) => log.querySelectorAll('.gptr-markdown:not(.gptr-plain)').length === count",
        arg=[panel.log.element_handle(), len(cases)],
    )
    assert panel.log.evaluate(FOUND) == []
    panel.log.evaluate(TOUCH)
    # Whatever was started by then has had its turn when the next task comes.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    assert page.evaluate("() => window.runs") == 0
    assert told == []
    assert page.url == address
    assert page.evaluate("() => typeof document.getElementById + typeof document.body.parentNode") == "functionobject"
