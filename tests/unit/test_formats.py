"""What stays of an answer, per format."""

from __future__ import annotations

import html
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptrouter_notebook.formats import FORMATS, INSTRUCTIONS, NotJSON, leave, read_json, streaming


def left(form, text):
    return leave(form, text, "demo/echo")


def test_every_format_has_its_instruction_and_its_way_of_streaming():
    assert tuple(INSTRUCTIONS) == FORMATS
    assert [form for form in FORMATS if "text/markdown" in streaming(form, "x")] == ["markdown", "code", "math"]
    assert all(streaming(form, "x")["text/plain"] == "x" for form in FORMATS)


@given(st.text())
def test_markdown_and_text_stay_as_they_are(text):
    assert left("markdown", text).bundle == {"text/markdown": text, "text/plain": text}
    assert left("text", text).bundle == {"text/plain": text}


@pytest.mark.parametrize(
    ("text", "code", "prose"),
    [
        ("Try this:\n\n```python\nprint(1)\n```\n\nIt prints.", "print(1)", "Try this:\n\nIt prints."),
        ("```\nx = 1\n```", "x = 1", ""),
        ("~~~py\nx = '```'\n~~~", "x = '```'", ""),
        ("````python\n```\nno fence\n```\n````", "```\nno fence\n```", ""),
        ("1. First\n   ```python\n   if x:\n       y()\n   ```", "if x:\n    y()", "1. First"),
        ("```python\na = 1\n```\nthen\n```python\nb = 2\n```", "a = 1\n\nb = 2", "then"),
        ("```bash\npip install x\n```\n```python\nimport x\n```", "import x", "```bash\npip install x\n```"),
        ("```sql\nSELECT 1\n```", "SELECT 1", ""),
        ("Cut off:\n```python\nx = [1,", "x = [1,", "Cut off:"),
        ("for i in range(3):\n    print(i)", "for i in range(3):\n    print(i)", ""),
        ("Sorry, I cannot.", None, "Sorry, I cannot."),
        ("Sorry", None, "Sorry"),
        ("", None, ""),
        ("```python\n\n```", None, "```python\n\n```"),
    ],
)
def test_code_goes_into_a_cell_without_its_fences_and_prose_stays(text, code, prose):
    stays = left("code", text)
    assert stays.code == code
    assert stays.bundle["text/markdown"] == prose
    assert stays.bundle["text/plain"] == text


@pytest.mark.parametrize(
    "text",
    ['{"a": [1, 2]}', ' \n{"a": [1, 2]}\n', '```json\n{"a": [1, 2]}\n```', 'Here:\n```\n{"a": [1, 2]}\n```\nSo.'],
)
def test_json_is_a_tree(text):
    stays = left("json", text)
    assert stays.bundle["application/json"] == {"a": [1, 2]}
    assert json.loads(stays.bundle["text/plain"]) == {"a": [1, 2]}
    assert stays.metadata["application/json"]["expanded"]


def test_a_bare_json_value_is_text():
    assert left("json", "3").bundle == {"text/plain": "3"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"a": 1,\n "b": }', "line 2, column 7: Expecting value"),
        ("Sorry, no.", "line 1, column 1: Expecting value"),
        ('```json\n{"a"\n```', "line 1, column 5"),
        ("[NaN]", "NaN is no JSON value"),
        ("[" * 100_000, "depth|deep"),
        ("", "line 1, column 1"),
    ],
)
def test_what_is_no_json_says_where(text, why):
    with pytest.raises(NotJSON, match=f"demo/echo did not answer in JSON \\(.*(?:{why}).*\\): ask again"):
        left("json", text)


@given(
    st.recursive(st.one_of(st.none(), st.integers(), st.text()), lambda s: st.lists(s) | st.dictionaries(st.text(), s))
)
def test_any_json_is_read(value):
    assert read_json(json.dumps(value)) == value


def test_html_is_in_a_sandbox_that_runs_and_fetches_nothing():
    source = '<h1 title="x">Hi & "bye"</h1><script>alert(1)</script></iframe>'
    stays = left("html", f"```html\n{source}\n```")
    shown = stays.bundle["text/html"]
    frame, after = shown.split(">", 1)
    assert re.search(r"<iframe sandbox srcdoc=", frame)
    assert "<" not in frame[1:]
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])
    assert inside.startswith('<meta http-equiv="Content-Security-Policy" content="default-src \'none\';')
    assert inside.endswith(source)
    assert "<script" not in after
    assert stays.bundle["text/plain"] == source


@pytest.mark.parametrize(
    "text",
    [
        "e^{i\\pi}",
        "$$e^{i\\pi}$$",
        "$e^{i\\pi}$",
        "\\[ e^{i\\pi} \\]",
        "\\(e^{i\\pi}\\)",
        "```latex\n$$\ne^{i\\pi}\n$$\n```",
    ],
)
def test_a_formula_is_displayed_whatever_it_stands_in(text):
    assert left("math", text).bundle == {"text/markdown": "$$\ne^{i\\pi}\n$$", "text/plain": "e^{i\\pi}"}


def test_more_than_a_formula_stays_text_with_math_in_it():
    text = "Since \\(a\\) and \\[b\\] hold, $c$."
    assert left("math", text).bundle == {"text/markdown": "Since $a$ and $$b$$ hold, $c$.", "text/plain": text}
