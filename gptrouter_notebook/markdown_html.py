"""A model's Markdown as HTML that may stand in anybody's page; pure.

A model's words are a stranger's words, and notebooks run what stands in them. So no HTML of the model's survives,
addresses are those of the web, and nothing is fetched: a picture from elsewhere becomes a link to it.

Formulas stay as typed, for MathJax or for the eye; every other dollar is fenced off, or MathJax would take
"$5 and $6" for a formula.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

__all__ = ["code", "escaped", "link", "literal", "markdown_to_html", "picture", "plain"]

_EMBEDDED = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
_ADDRESS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
# Blank lines end a paragraph, and with it a formula. A dollar that opens one stands before its first character, one
# that closes it behind its last, and not before a digit: that is money.
_FORMULA = re.compile(
    r"\$\$(?!\s*\$)(?:(?!\n\s*\n)[^$]){1,5000}\$\$"
    r"|\\\[(?:(?!\n\s*\n|\\\]).){1,5000}\\\]"
    r"|\\\((?:(?!\n\s*\n|\\\)).){1,5000}\\\)"
    r"|\$(?=\S)(?:(?!\n\s*\n)[^$`]){0,5000}?[^\s$\\`]\$(?!\d)",
    re.DOTALL,
)
_CLOSINGS = {"\\[": "\\]", "\\(": "\\)"}
_LONGEST = 5_004  # with its delimiters
_TABLE = frozenset({"table", "thead", "tbody", "tr", "th", "td"})
_TASK = re.compile(r"\A\[([ xX])\](?=\s)")
_THREE_WORDS = re.compile(r"(?<![A-Za-z\\])[A-Za-z]{2,}(?:[,.;:]?\s+[A-Za-z]{2,}){2}")


def markdown_to_html(text: str) -> str:
    """The text as HTML, one block per line or more, with a line break at the end."""
    return str(_parser().render(text))


def literal(text: str) -> str:
    """Plain text as paragraphs in which its line breaks and indents are seen, whatever the viewer strips."""
    paragraphs = re.split(r"\n(?:[^\S\n]*\n)+", text.strip("\n"))
    return "".join(f"<p>{_lines(paragraph)}</p>\n" for paragraph in paragraphs)


def picture(address: str, title: str) -> str:
    """A picture that is in its address, or a link to it; never anything that is fetched."""
    if _EMBEDDED.fullmatch(address):
        return f'<img src="{address}" alt="{escapeHtml(title)}">'
    return link(address, title)


def link(address: str, title: str = "") -> str:
    """A link to an address on the web; its words alone for any other address."""
    words = plain(title or address)
    return f'<a href="{escapeHtml(address)}" rel="noreferrer">{words}</a>' if _ADDRESS.match(address) else words


def plain(text: str) -> str:
    """Plain text in which no dollar begins a formula."""
    return escaped(text).replace("$", "<span>$</span>")


def escaped(text: str) -> str:
    """Plain text, for between tags: its quotes stay, which makes code half as long."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\0", "\ufffd")


def code(text: str, language: str = "") -> str:
    """A block of code, with room below it: where styles are stripped, that is the page's affair."""
    mark = f' class="language-{escapeHtml(language)}"' if language else ""
    return f'<pre style="margin-bottom:1em"><code{mark}>{escaped(text)}</code></pre>\n'


def _lines(paragraph: str) -> str:
    shown = []
    for typed in paragraph.split("\n"):
        line = typed.rstrip().expandtabs(4)
        words = line.lstrip(" ")
        shown.append("&nbsp;" * (len(line) - len(words)) + plain(words))
    return "<br>\n".join(shown)


@cache
def _parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False}, renderer_cls=_Renderer).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.core.ruler.push("tasks", _tasks)
    return parser


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's own name
        return bool(_ADDRESS.match(url) or _EMBEDDED.fullmatch(url))


class _Renderer(RendererHTML):
    """Each method writes the token of its name."""

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        return plain(tokens[idx].content)

    def formula(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        return escaped(tokens[idx].content)

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        words = self.renderInlineAsText(tokens[idx].children, options, env)
        return picture(str(tokens[idx].attrGet("src") or ""), words or "Picture")

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        address = str(tokens[idx].attrGet("href") or "")
        # What is embedded may be shown, but not opened.
        return f'<a href="{escapeHtml(address)}" rel="noreferrer">' if _ADDRESS.match(address) else "<a>"

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        return code(tokens[idx].content, *tokens[idx].info.split()[:1])

    code_block = fence

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:  # noqa: ARG002
        return f"<code>{escaped(tokens[idx].content)}</code>"

    def renderToken(  # noqa: N802 - markdown-it's own name
        self, tokens: Sequence[Token], idx: int, options: Any, env: Any
    ) -> str:
        token = tokens[idx]
        if token.tag not in _TABLE:
            return super().renderToken(tokens, idx, options, env)
        # A row stands on one line. Notebooks align cells to the right unless a style says otherwise; where styles are
        # stripped, the attribute stays.
        side = str(token.attrGet("style") or "").removeprefix("text-align:") or "left"
        attribute = f' align="{side}"' if side != "left" else ""
        mark = f'{attribute} style="text-align:{side}"' if token.tag in {"th", "td"} else ""
        end = "\n" if token.type in {"tr_close", "table_close"} else ""
        return f"</{token.tag}>{end}" if token.nesting < 0 else f"<{token.tag}{mark}>"

    def heading_open(self, *_: Any) -> str:
        # A heading here would stand in the notebook's table of contents.
        return "<p><strong>"

    def heading_close(self, *_: Any) -> str:
        return "</strong></p>\n"


def _formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's own signature
    if state.src[state.pos] not in "$\\":
        return False
    closing = _CLOSINGS.get(state.src[state.pos : state.pos + 2])
    # Many that open and none that closes: a plain search is a hundred times as fast as the expression.
    if closing is not None and state.src.find(closing, state.pos, state.pos + _LONGEST) < 0:
        return False
    found = _FORMULA.match(state.src, state.pos)
    if found is None or (found[0].startswith("$") and _THREE_WORDS.search(found[0])):
        return False
    if not silent:
        state.push("formula", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _tasks(state: StateCore) -> None:
    """Boxes for the tasks of a list, as characters: no viewer strips them."""
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if (item.type, paragraph.type) == ("list_item_open", "paragraph_open") and inline.children:
            first = inline.children[0]
            first.content = _TASK.sub(lambda box: "☐" if box[1] == " " else "☑", first.content)
