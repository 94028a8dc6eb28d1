"""The built files of the front end, as the kernel hands them out."""

import re
from pathlib import Path

import pytest

from gptrouter_notebook import assets
from gptrouter_notebook.assets import MissingPart, bundled, part_source

PARTS_TS = (Path(__file__).parents[2] / "js" / "src" / "parts.ts").read_text("utf-8")


@pytest.fixture
def static(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "_STATIC", tmp_path / "static")
    (tmp_path / "static").mkdir()
    return tmp_path / "static"


def test_a_built_file_is_found_and_a_missing_one_is_no_file(static):
    (static / "widget.js").write_text("export {};", "utf-8")
    assert bundled("widget.js") == static / "widget.js"
    assert bundled("widget.css") == ""


def test_a_part_is_its_source(static):
    (static / "markdown.js").write_text("export const pi = 'π';", "utf-8")
    assert part_source("markdown") == "export const pi = 'π';"


@pytest.mark.parametrize("name", ["widget", "../secret", "", "markdown.js", "/etc/passwd"])
def test_only_parts_are_handed_out(static, name):
    (static / "widget.js").write_text("export {};", "utf-8")
    (static.parent / "secret.js").write_text("secret", "utf-8")
    with pytest.raises(MissingPart, match="unknown part") as refused:
        part_source(name)
    assert repr(name) in refused.value.message


def test_a_part_that_is_not_built_is_said_with_what_to_do(static):
    assert not list(static.iterdir())
    with pytest.raises(MissingPart, match=r"'markdown' is missing .*`\./dev build`"):
        part_source("markdown")


def test_the_view_knows_the_same_parts():
    [body] = re.findall(r"export interface PartModules {(.*?)\n}", PARTS_TS, re.DOTALL)
    assert set(re.findall(r"^  (\w+):", body, re.MULTILINE)) == set(assets.PARTS)
