"""A conversation as HTML that needs no JavaScript and no styles, for viewers strip both; pure.

Roles stand in bold paragraphs of their own and remarks in italics, so that the bare text reads well. Whatever was
said is escaped or rendered by `markdown_html`. Every block begins a line, and an earlier turn's lines do not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from gptrouter_notebook.markdown_html import code, escaped, link, literal, markdown_to_html, picture, plain
from gptrouter_notebook.script import Aside, Code, Pictures, Remark, Sources, Speaker, Typed, Words, lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gptrouter_notebook.conversation import Conversation
    from gptrouter_notebook.script import Line

__all__ = ["TURN_RULE", "lines_to_html", "page", "to_html"]

TURN_RULE = "<hr>\n"
"""What stands between turns."""

_PAGE = """\
<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.6 system-ui, sans-serif; }}
pre {{ overflow-x: auto; padding: 0.75rem; border: 1px solid #8884; border-radius: 6px; }}
table {{ border-collapse: collapse; }}
td, th {{ padding: 0.25rem 0.5rem; border: 1px solid #8886; }}
img {{ max-width: 100%; }}
:root {{ color-scheme: light dark; }}
</style>
</head>
<body>
{body}</body>
</html>
"""


def to_html(conversation: Conversation, system_prompt: str | None = None) -> str:
    """The conversation as a run of HTML blocks; "" when nothing was said.

    Args:
        conversation: The turns; branches that are not shown are left out.
        system_prompt: What stands before them.
    """
    return lines_to_html(lines(conversation, system_prompt))


def page(body: str, title: str) -> str:
    """These blocks as a whole page, which fetches nothing."""
    return _PAGE.format(title=escaped(title), body=body)


def lines_to_html(script: Iterable[Line]) -> str:
    """What was said as HTML blocks, each on a line of its own."""
    return "".join(map(_block, script)).removeprefix(TURN_RULE)


def _block(line: Line) -> str:  # noqa: PLR0911 - one for each kind of line
    match line:
        case Speaker():
            name = f"<p><strong>{escaped(line.name)}</strong></p>\n"
            return f"{TURN_RULE}{name}" if line.begins_turn else name
        case Typed():
            return literal(line.text)
        case Words():
            return markdown_to_html(line.text)
        case Pictures():
            shown = (picture(image, f"Picture {at}") for at, image in enumerate(line.addresses, 1))
            return "".join(f"<p>{one}</p>\n" for one in shown)
        case Aside():
            title = escaped(line.title)
            return f"<details>\n<summary>{title}</summary>\n{markdown_to_html(line.text)}</details>\n"
        case Sources():
            items = "".join(f"<li>{link(source.url, source.title)}</li>\n" for source in line.sources)
            return f"<ul>\n{items}</ul>\n"
        case Code():
            return f"<p><em>{escaped(line.title)}</em></p>\n{code(line.text)}"
        case Remark():
            return f"<p><em>{plain(line.text)}</em></p>\n"
        case _:
            assert_never(line)
