"""Conversations found again in notebooks' files."""

import json

import pytest
from recorded_view import Panel
from sample_conversation import MODELS, SETTINGS, sample_conversation

from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.transcript import to_dict
from gptrouter_notebook.transcript_bundle import CHAT_MIME


def chat(text):
    saved = to_dict(sample_conversation(), MODELS, SETTINGS)
    saved["turns"][0]["user"] = text
    return {"output_type": "display_data", "data": {CHAT_MIME: saved, "text/plain": "chat"}, "metadata": {}}


@pytest.fixture
def path(tmp_path):
    cells = [
        {"cell_type": "markdown", "id": "a", "source": "# Hi"},
        {"cell_type": "code", "id": "b", "outputs": [chat("one"), {"output_type": "stream", "text": "x"}]},
        {"cell_type": "code", "id": "c", "outputs": []},
        {"cell_type": "code", "id": "d", "outputs": [chat("two"), chat("three")]},
    ]
    path = tmp_path / "a notebook.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "utf-8")
    return path


@pytest.mark.parametrize(
    ("cell", "first"), [(None, "three"), (1, "one"), ("b", "one"), (3, "three"), (-1, "three"), ("d", "three")]
)
def test_a_panel_goes_on_with_what_a_notebook_holds(path, cell, first, monkeypatch):
    monkeypatch.delenv("GPT_ROUTER_API_KEY", raising=False)
    monkeypatch.setenv("GPT_ROUTER_API_BASE", "http://127.0.0.1:9")
    panel = Panel.from_notebook(path, cell)
    assert panel.messages[0].content == first
    assert panel.models_priority_list == list(MODELS)
    assert (panel.system_prompt, panel.temperature) == (SETTINGS.system_prompt, SETTINGS.temperature)
    panel.close()


@pytest.mark.parametrize("cell", [0, 2, "c", "e", 4, -5])
def test_a_cell_without_a_chat_is_named(path, cell):
    with pytest.raises(ConfigurationError, match=rf"a notebook\.ipynb holds no saved chat in cell {cell}: "):
        Panel.from_notebook(path, cell)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not json", "is no notebook"),
        (b"[]", "is no notebook"),
        (b'{"cells": 3}', "is no notebook"),
        (b'{"cells": [3, {"outputs": 3}, {"outputs": [3, {"data": 3}]}]}', "holds no saved chat: "),
        (b"\xff", "could not be read"),
    ],
)
def test_a_file_that_holds_none_is_refused_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=sentence):
        Panel.from_notebook(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"gone\.ipynb could not be read"):
        Panel.from_notebook(tmp_path / "gone.ipynb")
