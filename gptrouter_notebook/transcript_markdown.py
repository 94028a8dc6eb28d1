"""A conversation as Markdown, for readers and for diffs; pure.

One paragraph per thing said, roles in bold, everything that is nobody's own words in italics.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from gptrouter_notebook.script import Aside, Code, Pictures, Remark, Sources, Speaker, Typed, Words, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gptrouter_notebook.conversation import Conversation
    from gptrouter_notebook.script import Line, Source

__all__ = ["lines_to_markdown", "to_markdown"]

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def to_markdown(conversation: Conversation, system_prompt: str | None = None, *, pictures: bool = True) -> str:
    """The conversation as Markdown; "" when nothing was said.

    Args:
        conversation: The turns; branches that are not shown are left out.
        system_prompt: What stands before them.
        pictures: Whether pictures are in it, as `data:` addresses; else only how many there are.
    """
    return lines_to_markdown(lines(conversation, system_prompt), pictures=pictures)


def lines_to_markdown(script: Iterable[Line], *, pictures: bool = True) -> str:
    """What was said as Markdown, with a line break at its end."""
    paragraphs = [text for line in script for text in _paragraphs(line, pictures)]
    return "\n\n".join(paragraphs) + "\n" if paragraphs else ""


def _paragraphs(line: Line, pictures: bool) -> Iterator[str]:  # noqa: FBT001 - one caller
    match line:
        case Speaker():
            yield f"**{_escaped(line.name)}**"
        case Typed() | Words():
            yield closed(line.text)
        case Pictures():
            if pictures:
                yield from (f"![Picture {at}]({image})" for at, image in enumerate(line.addresses, 1))
            else:
                yield _italic("1 picture." if len(line.addresses) == 1 else f"{len(line.addresses)} pictures.")
        case Aside():
            yield _italic(line.title)
            yield "\n".join(f"> {quoted}".rstrip() for quoted in closed(line.text).split("\n"))
        case Sources():
            yield "\n".join(f"- {_link(source)}" for source in line.sources)
        case Code():
            yield _italic(line.title)
            yield f"~~~~json\n{line.text}\n~~~~"
        case Remark():
            yield _italic(line.text)
        case _:
            assert_never(line)


def _link(source: Source) -> str:
    address = source.url.replace("<", "%3C").replace(">", "%3E").replace("\n", "")
    return f"[{_escaped(source.title)}](<{address}>)" if source.title and address else f"<{address}>"


def _escaped(text: str) -> str:
    return re.sub(r"([\\*\[\]<>`])", r"\\\1", " ".join(text.split()))


def _italic(sentence: str) -> str:
    return "*{}*".format(" ".join(sentence.replace("\\", "\\\\").replace("*", "\\*").split()))


def closed(text: str) -> str:
    """The text with its last code block closed, so that what follows is not swallowed by it."""
    text = text.strip("\n")
    open_fence = ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        if found is None:
            continue
        fence = found[1]
        if not open_fence:
            open_fence = fence
        elif fence.startswith(open_fence) and not line.strip(" `~"):
            open_fence = ""
    return f"{text}\n{open_fence}" if open_fence else text
