"""A conversation written as HTML: readable when bare, and harmless whatever was said."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_conversation import sample_conversation

from gptrouter_notebook.answer import Extras, Failure, Meta
from gptrouter_notebook.conversation import Conversation, Question
from gptrouter_notebook.markdown_html import literal, markdown_to_html
from gptrouter_notebook.transcript_html import page, to_html

HARMLESS = {
    **{key: set() for key in ["blockquote", "br", "details", "em", "hr", "li", "p", "s", "span", "strong"]},
    **{key: set() for key in ["summary", "table", "tbody", "thead", "tr", "ul"]},
    "a": {"href", "rel"},
    "code": {"class"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "pre": {"style"},
    "td": {"align", "style"},
    "th": {"align", "style"},
}
STYLES = {None, "margin-bottom:1em", "text-align:left", "text-align:center", "text-align:right"}
VOID = {"br", "hr", "img"}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/?q=1)",
    '![x](data:image/svg+xml;base64,AAAA "a\\"b")',
    "[x](data:text/html;base64,AAAA)",
    '<https://a.b/?"onmouseover=alert(1)>',
    '```"><script>\nx\n```',
    "$<script>alert(1)</script>$",
    "\\[<img src=x onerror=alert(1)>\\]",
    "</div></details></section>",
    "[x]: javascript:alert(1)\n\n[x]",
]


class Reader(HTMLParser):
    """Reads as a browser would, and keeps what was found; an end tag must close what is open."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    def check_harmless(self):
        for tag, attrs in self.tags:
            assert set(attrs) <= HARMLESS[tag]
            assert attrs.get("style") in STYLES
            assert attrs.get("href", "https:").lower().startswith(("http:", "https:", "mailto:"))
            assert attrs.get("src", "data:image/png;base64,").startswith("data:image/")
            assert not attrs.get("src", "").startswith("data:image/svg")


def hostile_conversation(text):
    talk = Conversation()
    turn = talk.begin(Question(text, images=(text,)))
    turn.answer.append(text)
    turn.answer.break_off(text)
    turn.answer.append(text)
    turn.answer.finish(
        "failed",
        error=Failure(text, text),
        meta=Meta(model_name=text, provider=text),
        extras=Extras(text, (text, {"url": text, "title": text}), ({"name": text, "args": {text: text}, "id": None},)),
    )
    return talk


def test_everything_said_is_there_in_its_order_when_the_tags_are_gone():
    words = "".join(Reader(to_html(sample_conversation(), "Be short.")).words).split("\n")
    assert [line for line in words if line] == [
        "System",
        "Be short.",
        "You",
        "Hello 😀",
        "there",
        "demo/echo",
        "Once",
        "demo/breaks broke off; demo/echo was asked instead.",
        "Whole answer",
        "first token 0.31 s · total 1.50 s · 7 tokens · $0.002",
        "You",
        "Again",
        "With x (int).",
        "Version 2 of 2.",
        "Answer",
        "print(1)",
        "Reasoning",
        "Hm.",
        "Calls f",
        "{",
        '  "x": 1',
        "}",
        "https://a.b",
        "u",
        "demo/echo broke off.",
    ]


def test_nothing_said_is_nothing_written():
    assert to_html(Conversation(), "Be short.") == ""


def test_a_turn_more_leaves_every_line_before_it_as_it_was():
    talk = sample_conversation()
    before = to_html(talk)
    talk.begin(Question("More"))
    assert to_html(talk).startswith(before)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words(text):
    Reader(to_html(hostile_conversation(text), text)).check_harmless()


PIECES = [*HOSTILE, *'<>"&`$\n|-*[]()!x\0', "\n\n", "    ", "<!--"]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_mixture_of_them_gets_through(text):
    Reader(to_html(hostile_conversation(text), text)).check_harmless()


def test_a_picture_in_the_text_is_shown_and_one_from_elsewhere_is_a_link():
    shown = markdown_to_html("![a cat](data:image/png;base64,AAAA) ![a dog](https://dogs.example/1.png)")
    assert '<img src="data:image/png;base64,AAAA" alt="a cat">' in shown
    assert '<a href="https://dogs.example/1.png" rel="noreferrer">a dog</a>' in shown
    assert (
        Reader(to_html(sample_conversation())).tags.count(
            ("img", {"src": "data:image/png;base64,AAAA", "alt": "Picture 1"})
        )
        == 1
    )


def test_code_and_tables_keep_their_shape():
    shown = markdown_to_html("```python\nif x < 1:\n    print('$y$')\n```\n\n| a | b |\n|---|--:|\n| 1 | `x` |\n")
    assert '<pre style="margin-bottom:1em"><code class="language-python">if x &lt; 1:\n    print(' in shown
    left, right = 'style="text-align:left"', 'align="right" style="text-align:right"'
    assert f"<tr><td {left}>1</td><td {right}><code>x</code></td></tr>\n" in shown


@pytest.mark.parametrize("formula", ["$a_1 * b_2 * c$", "$$\n\\int_0^1 x_a\n$$", "\\(x_1 _y_\\)", "\\[ a\\\\b \\]"])
def test_a_formula_stays_as_typed(formula):
    assert formula in markdown_to_html(f"So {formula}, and *that*")
    assert "<em>that</em>" in markdown_to_html(f"So {formula}, and *that*")


@pytest.mark.parametrize("text", ["It costs $5 and $6.", "$HOME and $PATH", "$ x $", "Pay $5 now or never ever pay 6$"])
def test_money_is_no_formula(text):
    shown = markdown_to_html(text)
    assert shown.count("<span>$</span>") == text.count("$")
    assert "".join(Reader(shown).words).strip() == text


def test_what_was_typed_keeps_its_lines_and_indents():
    assert literal("def f():\n    return *1*\n\n\n\tdone\n") == (
        "<p>def f():<br>\n&nbsp;&nbsp;&nbsp;&nbsp;return *1*</p>\n<p>&nbsp;&nbsp;&nbsp;&nbsp;done</p>\n"
    )


def test_the_tasks_of_a_list_have_boxes():
    shown = markdown_to_html("- [x] done\n- [ ] open\n- [y] word\n\n[x] word")
    assert shown.startswith("<ul>\n<li>☑ done</li>\n<li>☐ open</li>\n<li>[y] word</li>\n</ul>\n<p>[x] word</p>")


def test_no_heading_of_an_answer_stands_in_the_notebooks_contents():
    assert markdown_to_html("# One\n\nTwo\n===\n") == ("<p><strong>One</strong></p>\n<p><strong>Two</strong></p>\n")


def test_a_page_fetches_nothing():
    whole = page(to_html(sample_conversation()), "<Chat>")
    assert "<title>&lt;Chat&gt;</title>" in whole
    assert "default-src 'none'" in whole
    assert whole.count("http") == 3  # the policy's own word, and one address twice: where it leads, and what it says
