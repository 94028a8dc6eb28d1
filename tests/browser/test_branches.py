"""The conversation in real JupyterLab: edit, branches, other models, the queue, what is too long, settings."""

from __future__ import annotations

import pytest
from panel import Panel
from playwright.sync_api import expect

SETUP = "from gptrouter_notebook import ChatWidget\nchat = ChatWidget(models_priority_list={models!r})\nchat"


@pytest.fixture(autouse=True)
def fresh(gateway):
    gateway.requests.clear()


def open_panel(lab, *models):
    lab.open([SETUP.format(models=list(models))])
    lab.run_cell(0)
    return Panel(lab.output(0)).wait()


def users(gateway):
    """What the user said in the last request."""
    messages = gateway.requests[-1]["data"][0]["promptParams"]["messages"]
    return [message["content"] for message in messages if message["role"] == "user"]


def test_an_edited_message_is_a_branch_and_the_old_one_comes_back(lab, gateway):
    panel = open_panel(lab, "demo/echo")
    for text in ("What is one?", "And two?"):
        panel.ask(text)
        panel.wait_answered()
        expect(panel.log).to_contain_text(f"you said “{text}”")
    panel.log.get_by_role("button", name="Edit", exact=True).first.click()
    box = panel.root.get_by_role("textbox", name="Edit message")
    expect(box).to_be_focused()
    box.fill("What is seven?")
    box.press("Enter")
    expect(panel.log).to_contain_text("you said “What is seven?”")
    panel.wait_answered()
    assert users(gateway) == ["What is seven?"]
    expect(panel.log).not_to_contain_text("And two?")
    expect(panel.box).to_be_focused()
    panel.button("Previous version").click()
    expect(panel.log).to_contain_text("you said “And two?”")
    expect(panel.log).not_to_contain_text("seven")
    expect(panel.log).to_contain_text("1/2")
    panel.ask("And three?")
    expect(panel.log).to_contain_text("you said “And three?”")
    assert users(gateway) == ["What is one?", "And two?", "And three?"]
    assert lab.console_errors == []


def test_another_model_answers_the_same_question_and_a_message_can_be_deleted(lab, gateway):
    panel = open_panel(lab, "demo/echo", "demo/markdown")
    panel.ask("Hello there")
    panel.wait_answered()
    panel.root.get_by_role("combobox", name="Regenerate with another model").focus()
    panel.root.get_by_role("combobox", name="Regenerate with another model").select_option("demo/slow")
    expect(panel.log).to_contain_text("2/2")
    panel.wait_answered()
    assert [entry["modelName"] for entry in gateway.requests[-1]["data"]] == ["slow", "echo", "markdown"]
    panel.button("Delete").click()
    panel.button("Really delete this?").click()
    expect(panel.log.get_by_text("Hello there", exact=False).first).to_be_visible()
    expect(panel.log).not_to_contain_text("2/2")
    panel.button("Delete").click()
    panel.button("Really delete this?").click()
    expect(panel.log).not_to_contain_text("Hello there")
    expect(panel.box).to_be_focused()


def test_messages_typed_while_an_answer_streams_wait_and_are_sent_in_order(lab, gateway):
    panel = open_panel(lab, "demo/stalls", "demo/echo")
    panel.ask("One")
    panel.wait_streaming()
    panel.ask("Two")
    panel.ask("Three")
    waiting = panel.root.get_by_role("list", name="Waiting messages")
    expect(waiting.get_by_role("listitem")).to_have_count(2)
    waiting.get_by_role("listitem").nth(1).get_by_role("button", name="Take back").click()
    expect(panel.box).to_have_value("Three")
    panel.models.click()
    panel.button("Remove demo/stalls").click()
    panel.models.click()
    panel.stop.click()
    expect(panel.log).to_contain_text("you said “Two”")
    panel.wait_answered()
    expect(waiting).to_have_count(0)
    assert users(gateway) == ["One", "Two"]
    expect(panel.box).to_have_value("Three")


def test_a_conversation_too_long_is_said_and_what_to_leave_out_is_chosen(lab, gateway):
    panel = open_panel(lab, "demo/short-memory")
    for text in ("first " * 40, "second " * 10):
        panel.ask(text)
        panel.wait_answered()
    panel.ask("third " * 80)
    expect(panel.log).to_contain_text("The conversation is too long for the model")
    panel.button("Retry without 1 message").click()
    expect(panel.log).to_contain_text("you said “third")
    panel.wait_answered()
    expect(panel.log).to_contain_text("Models are not told this.")
    assert [text.split()[0] for text in users(gateway)] == ["second", "third"]


def test_settings_are_the_widget_s_and_go_with_the_next_request(lab, gateway):
    panel = open_panel(lab, "demo/echo")
    panel.models.click()
    panel.root.get_by_text("Settings", exact=True).click()
    panel.root.get_by_label("System prompt").fill("Be short.")
    panel.root.get_by_label("Temperature").fill("0.4")
    panel.root.get_by_label("Longest answer, in tokens").fill("50")
    panel.root.get_by_label("Stop sequences, one per line").fill("END")
    panel.ask("Hello")
    expect(panel.log).to_contain_text("you said “Hello”")
    params = gateway.requests[-1]["data"][0]["promptParams"]
    assert (params["temperature"], params["max_tokens"], params["stop"]) == (0.4, 50, ["END"])
    assert params["messages"][0] == {"role": "system", "content": "Be short."}
    panel.root.get_by_label("Temperature").fill("-3")
    panel.box.focus()
    expect(panel.root.get_by_role("alert")).to_contain_text("The temperature cannot be -3")
    expect(panel.root.get_by_label("Temperature")).to_have_value("0.4")


def test_all_models_are_checked_only_after_a_second_click(lab, gateway):
    panel = open_panel(lab, "demo/echo")
    panel.models.click()
    before = len(gateway._state.health.rows())
    panel.button("Check health now").click()
    sure = panel.root.get_by_role("button", name="This costs tokens")
    expect(sure).to_be_visible()
    assert len(gateway._state.health.rows()) == before
    sure.click()
    expect(panel.button("Check health now")).to_be_enabled()
    assert len(gateway._state.health.rows()) > before + 30
    assert lab.console_errors == []


def test_code_of_an_answer_goes_into_a_cell_below(lab):
    panel = open_panel(lab, "demo/markdown")
    panel.ask("Show me")
    panel.wait_answered()
    panel.root.get_by_role("button", name="Insert below: python code").first.click()
    lab.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.length === 2"
        " && window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.source !== ''"
    )
    code = panel.log.locator("pre code").first.inner_text().rstrip("\n")
    assert (
        lab.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.widgets[1].model.sharedModel.source")
        == code
    )
