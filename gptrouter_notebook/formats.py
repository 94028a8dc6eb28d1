"""What stays of an answer under a cell, per format: Markdown, text, code, a JSON tree, sandboxed HTML, math; pure."""

from __future__ import annotations

import ast
import html
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from gptrouter_notebook.errors import GPTRouterError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["FORMATS", "INSTRUCTIONS", "Left", "NotJSON", "leave", "read_json", "streaming"]

FORMATS = ("markdown", "text", "code", "json", "html", "math")

INSTRUCTIONS = {
    "markdown": "",
    "text": "Answer in plain text, without Markdown.",
    "code": (
        "Answer with one fenced code block that can be run as a cell of a Python notebook, and with as few words "
        "outside of it as possible."
    ),
    "json": "Answer with one JSON value and nothing else: no words, no code fence.",
    "html": "Answer with one piece of HTML and nothing else, its styles inside it: no scripts, no code fence.",
    "math": "Answer with the LaTeX of one displayed formula and nothing else: no words, no delimiters.",
}
"""What the model is told about its answer's form, in the system prompt; "" is not told."""

_FENCE = re.compile(r"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[^\s`]*)[^`\n]*")
_PYTHON = frozenset({"python", "python3", "py", "ipython", "ipython3"})
_DELIMITED = re.compile(r"\$\$(.*)\$\$|\\\[(.*)\\\]|\\\((.*)\\\)|\$(.*)\$", re.DOTALL)
# Nothing runs, nothing is fetched: an address in an answer would tell somebody that it was read.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; media-src data:"


class NotJSON(GPTRouterError):
    """The answer was to be JSON, and is not."""


@dataclass(frozen=True, slots=True)
class Left:
    """What stays of an answer."""

    bundle: Mapping[str, Any]
    """By MIME type, the way Jupyter displays it."""
    code: str | None = None
    """What goes into a new cell below."""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Block:
    language: str
    code: str
    lines: range
    """The lines it takes, fences among them."""


def streaming(form: str, text: str) -> dict[str, str]:
    """What is shown of an answer that is still coming, or will not come to its end."""
    if form in {"text", "json", "html"}:
        return {"text/plain": text}
    return {"text/markdown": text, "text/plain": text}


def leave(form: str, text: str, answered: str) -> Left:
    """What stays of a whole answer.

    Args:
        form: One of `FORMATS`.
        text: The answer.
        answered: Who gave it, for the sentence that says it is not in that format.

    Raises:
        NotJSON: It was to be JSON; the message has the place of the fault.
    """
    match form:
        case "text":
            return Left({"text/plain": text})
        case "code":
            return _code(text)
        case "json":
            value = read_json(text, answered)
            plain = json.dumps(value, indent=2, ensure_ascii=False)
            # Jupyter's viewers take nothing but objects and arrays for JSON.
            tree = {"application/json": value} if isinstance(value, dict | list) else {}
            return Left(
                {**tree, "text/plain": plain}, metadata={"application/json": {"expanded": True}} if tree else {}
            )
        case "html":
            return _html(_unfenced(text))
        case "math":
            return _math(_unfenced(text).strip())
        case _:
            return Left({"text/markdown": text, "text/plain": text})


def read_json(text: str, answered: str = "The model") -> Any:
    """The value of an answer in JSON, with a code fence round it or without.

    Raises:
        NotJSON: It is none; the message has the place of the fault.
    """
    text = _unfenced(text).strip()
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        why = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError) as error:
        why = str(error) or "it is nested too deeply"
    raise NotJSON(f"{answered} did not answer in JSON ({why}): ask again, or ask another model.") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON value")


def _code(text: str) -> Left:
    blocks = [block for block in _blocks(text) if block.code.strip()]
    if not blocks:
        if _is_python(text):
            return Left({"text/markdown": "", "text/plain": text}, text.strip("\n"))
        return Left({"text/markdown": text, "text/plain": text})
    wanted = _PYTHON if any(block.language in _PYTHON for block in blocks) else {blocks[0].language}
    chosen = [block for block in blocks if block.language in wanted]
    taken = {line for block in chosen for line in block.lines}
    prose = "\n".join(line for at, line in enumerate(text.split("\n")) if at not in taken)
    # The whole stays as plain text: a runner without a front end makes no cells, and would lose the code.
    return Left(
        {"text/markdown": re.sub(r"\n{3,}", "\n\n", prose).strip(), "text/plain": text},
        "\n\n".join(block.code.strip("\n") for block in chosen),
    )


def _is_python(text: str) -> bool:
    """Whether it is Python without a fence; a lone word is, to Python, but not to a reader."""
    try:
        statements = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return not all(isinstance(one, ast.Expr) and isinstance(one.value, ast.Name | ast.Constant) for one in statements)


def _html(source: str) -> Left:
    inside = html.escape(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">{source}')
    shown = (
        f'<iframe sandbox srcdoc="{inside}" title="The answer, as HTML" '
        'style="width: 100%; height: 400px; border: 1px solid #8884; background: white; resize: vertical"></iframe>'
        f"<details><summary>Source</summary><pre>{html.escape(source)}</pre></details>"
    )
    return Left({"text/html": shown, "text/plain": source})


def _math(text: str) -> Left:
    delimited = _DELIMITED.fullmatch(text)
    formula = next((part for part in delimited.groups() if part is not None), "") if delimited else text
    if not any(mark in formula for mark in ("$", "\\[", "\\(")):
        formula = formula.strip()
        return Left({"text/markdown": f"$$\n{formula}\n$$", "text/plain": formula})
    # More than a formula: Jupyter's Markdown knows dollars only.
    shown = _in_dollars(_in_dollars(text, "\\[", "\\]", "$$"), "\\(", "\\)", "$")
    return Left({"text/markdown": shown, "text/plain": text})


def _in_dollars(text: str, opening: str, closing: str, dollars: str) -> str:
    """The text with other delimiters; where a thousand open and none closes, an expression would take for ever."""
    *closed, rest = text.split(closing)
    shown = []
    for piece in closed:
        before, found, formula = piece.partition(opening)
        shown.append(f"{before}{dollars}{formula}{dollars}" if found else f"{piece}{closing}")
    return "".join([*shown, rest])


def _unfenced(text: str) -> str:
    """The inside of the only code block there is, else the text."""
    blocks = list(_blocks(text))
    return blocks[0].code if len(blocks) == 1 else text


def _blocks(text: str) -> Iterator[_Block]:
    """The fenced code blocks; one that never ends goes to the end of the text."""
    lines = text.split("\n")
    begun = None
    at = 0
    for number, line in enumerate(lines):
        found = _FENCE.fullmatch(line.rstrip())
        if begun is None:
            begun, at = found, number
        elif found and found["fence"].startswith(begun["fence"]) and not line.strip(" \t`~"):
            yield _block(begun, lines, range(at, number + 1))
            begun = None
    if begun is not None:
        yield _block(begun, [*lines, ""], range(at, len(lines) + 1))


def _block(begun: re.Match[str], lines: list[str], place: range) -> _Block:
    indent = begun["indent"]
    inside = [line.removeprefix(indent) for line in lines[place.start + 1 : place.stop - 1]]
    return _Block(begun["language"].lower(), "\n".join(inside), place)
