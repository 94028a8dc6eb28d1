"""A value of the notebook as a model reads it: what it is and how it begins, under a cap that is stated when it cuts.

pandas, numpy, matplotlib and Pillow are known when the notebook has imported them; nothing is imported for them here.
"""

from __future__ import annotations

import ast
import base64
import inspect
import io
import linecache
import math
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from langchain_core.messages import BaseMessage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Shown", "is_value", "keys", "rank", "show", "summary"]

HEAD_ROWS = 5
MOST_COLUMNS = 60
"""Columns of a table that are named one by one."""
MOST_SIDE_PX = 1024
"""The longest side of a picture that is sent."""
DEEPEST = 40
"""Levels of nesting that are written."""

_CONTAINERS: dict[type, tuple[str, str]] = {
    dict: ("{", "}"),
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
}
_CODE = (types.FunctionType, type)


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as text."""

    text: str
    kind: str
    """What it is, in one word, such as `DataFrame`."""
    is_cut: bool = False
    image: str | None = None
    """A picture as a data URI; `text` then says what it shows."""


def is_value(value: object, home: str) -> bool:
    """Whether something of a namespace is a value: modules are not, nor are functions and classes from elsewhere.

    Args:
        value: What the name stands for.
        home: The name of the module whose namespace it is; functions and classes made there are values, as source.
    """
    if isinstance(value, types.ModuleType):
        return False
    if isinstance(value, _CODE):
        return getattr(value, "__module__", None) == home
    return not inspect.isroutine(value)


def show(value: Any, cap: int, *, images: bool = False) -> Shown:
    """The value as text of at most `cap` characters.

    Args:
        value: Any object.
        cap: Characters, the sentence that says it was cut among them.
        images: Whether pictures may be sent beside the text; if not, a line says that there is one.

    Raises:
        Exception: Whatever the value's own `__str__` raises.
    """
    kind = _kind(value)
    name = "class" if isinstance(value, type) else type(value).__name__
    if kind is _PICTURE and images:
        return Shown(f"{name}, {kind.summary(value)}", name, image=_png_uri(value))
    text = kind.text(value, cap)
    if len(text) <= cap:
        return Shown(text, name)
    whole = kind.summary(value) or f"{len(text):,} characters"
    note = f"\n… (cut to {cap:,} characters; the whole: {whole})"
    return Shown(text[: max(0, cap - len(note))] + note, name, is_cut=True)


def summary(value: Any) -> str:
    """How much there is of a value, in a few words; "" when that cannot be told without asking the value itself."""
    return _kind(value).summary(value)


def rank(value: Any) -> int:
    """How likely somebody means this value, 0 being the likeliest: data, then texts and lists, the rest, code."""
    return _kind(value).rank


def keys(value: Any) -> list[str]:
    """The names that stand in the square brackets behind a value: a table's columns, a dict's keys."""
    if _is(value, "pandas", "DataFrame"):
        return [column for column in value.columns if isinstance(column, str)]
    return [key for key in value if isinstance(key, str)] if isinstance(value, Mapping) else []


# Tables and arrays.


def _is(value: object, module: str, *names: str) -> bool:
    home = sys.modules.get(module)
    kinds = tuple(kind for name in names if isinstance(kind := getattr(home, name, None), type))
    return isinstance(value, kinds)


def _table(value: Any) -> str:
    columns = [f"  {name}: {dtype}" for name, dtype in zip(value.columns[:MOST_COLUMNS], value.dtypes, strict=False)]
    if (more := len(value.columns) - MOST_COLUMNS) > 0:
        columns.append(f"  … and {more:,} more")
    return "\n".join(
        [
            f"DataFrame: {_shape_of_table(value)}, {_bytes(value.memory_usage().sum())}",
            "Columns:",
            *columns,
            f"First {min(HEAD_ROWS, len(value))} rows:",
            value.head(HEAD_ROWS).to_string(max_cols=20, max_colwidth=80),
        ]
    )


def _shape_of_table(value: Any) -> str:
    rows, columns = value.shape
    return f"{rows:,} row{'' if rows == 1 else 's'} × {columns:,} column{'' if columns == 1 else 's'}"


def _column(value: Any) -> str:
    name = "" if value.name is None else f" {value.name}"
    about = f"Series{name}: {len(value):,} values of {value.dtype}, {_bytes(value.memory_usage())}"
    return f"{about}\nFirst {min(HEAD_ROWS, len(value))}:\n{value.head(HEAD_ROWS).to_string()}"


def _array(value: Any) -> str:
    numpy = sys.modules["numpy"]
    about = f"ndarray: shape {value.shape}, {value.dtype}, {_bytes(value.nbytes)}"
    if value.size and value.dtype.kind in "biufmM":
        # These pass NaNs over without a warning, and copy nothing.
        least, most = numpy.fmin.reduce(value, axis=None), numpy.fmax.reduce(value, axis=None)
        about += f", min {least}, max {most}"
    return f"{about}\n{numpy.array2string(value, threshold=200, edgeitems=3, max_line_width=110)}"


def _bytes(count: float) -> str:
    power = min(3, int(math.log(count, 1000))) if count >= 1 else 0
    return f"{count / 1000**power:.{1 if power else 0}f} {('bytes', 'kB', 'MB', 'GB')[power]}"


# Pictures.


def _is_picture(value: object) -> bool:
    return _is(value, "matplotlib.figure", "Figure") or _is(value, "PIL.Image", "Image")


def _size_px(value: Any) -> tuple[int, int]:
    if _is(value, "PIL.Image", "Image"):
        width, height = value.size
    else:
        width, height = value.get_size_inches() * value.dpi
    return round(width), round(height)


def _pixels(value: Any) -> str:
    return "{} × {} pixels".format(*_size_px(value))


def _is_short_int(value: Any) -> bool:
    return type(value) is int and value.bit_length() <= 64  # noqa: PLR2004 - longer ones are too long to read


def _png_uri(value: Any) -> str:
    scale = min(1.0, MOST_SIDE_PX / max(*_size_px(value), 1))
    png = io.BytesIO()
    if _is(value, "PIL.Image", "Image"):
        picture = value if value.mode in {"1", "L", "LA", "P", "RGB", "RGBA"} else value.convert("RGB")
        if scale < 1:
            picture = picture.resize([max(1, int(side * scale)) for side in picture.size])
        picture.save(png, format="PNG")
    else:
        value.savefig(png, format="png", dpi=value.dpi * scale)
    return "data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii")


# Lists and dicts, written only as far as they will be read.


def _is_container(value: object) -> bool:
    # A subclass with a repr of its own wants to be shown by it.
    return any(isinstance(value, kind) and _repr_of(type(value)) is _repr_of(kind) for kind in _CONTAINERS)


def _repr_of(kind: type) -> object:
    return kind.__repr__


def _beginning(value: Any, cap: int) -> str:
    taken, length = [], 0
    for piece in _pieces(value, cap):
        taken.append(piece)
        length += len(piece)
        if length > cap:
            break
    return "".join(taken)


def _pieces(value: Any, cap: int, above: tuple[int, ...] = ()) -> Iterator[str]:
    """The `repr` of a value, in pieces; of a string longer than `cap` only its beginning."""
    if isinstance(value, str | bytes | bytearray):
        yield repr(value[: cap + 1])
    elif not _is_container(value):
        yield repr(value)
    elif id(value) in above or len(above) >= DEEPEST:
        yield "…"
    elif not value:
        yield repr(value)
    else:
        above = (*above, id(value))
        opening, closing = next(marks for kind, marks in _CONTAINERS.items() if isinstance(value, kind))
        yield opening
        for at, item in enumerate(value):
            yield ", " if at else ""
            yield from _pieces(item, cap, above)
            if isinstance(value, dict):
                yield ": "
                yield from _pieces(value[item], cap, above)
        yield "," + closing if isinstance(value, tuple) and len(value) == 1 else closing


# Code.


def _source(value: Any) -> str:
    """The source of a function or a class.

    Raises:
        OSError: It is not to be found.
    """
    if not isinstance(value, type):
        return inspect.getsource(value)
    # inspect looks for a class in its module's file, and a notebook's module has none, or one that is not it: the
    # file is known by the methods.
    for method in filter(inspect.isfunction, vars(value).values()):
        text = "".join(linecache.getlines(method.__code__.co_filename))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and node.name == value.__name__:
                return ast.get_source_segment(text, node) or ""
    raise OSError(f"The source of {value.__name__} is not to be found.")


# What there is to say of each kind; the first that fits counts.


def _nothing(_value: Any) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class _Kind:
    fits: Callable[[Any], bool]
    text: Callable[[Any, int], str]
    """The value and the cap; what is longer than the cap will be cut."""
    summary: Callable[[Any], str] = _nothing
    rank: int = 2


_PICTURE = _Kind(
    _is_picture,
    lambda value, _: f"({type(value).__name__}, {_pixels(value)}: a picture, which is not sent from here)",
    _pixels,
    rank=0,
)
_KINDS = (
    _Kind(
        lambda value: isinstance(value, str),
        lambda value, _: value,
        lambda value: f"{len(value):,} character{'' if len(value) == 1 else 's'}",
        rank=1,
    ),
    _PICTURE,
    _Kind(lambda value: _is(value, "pandas", "DataFrame"), lambda value, _: _table(value), _shape_of_table, rank=0),
    _Kind(
        lambda value: _is(value, "pandas", "Series"),
        lambda value, _: _column(value),
        lambda value: f"{len(value):,} × {value.dtype}",
        rank=0,
    ),
    _Kind(
        lambda value: _is(value, "numpy", "ndarray"),
        lambda value, _: _array(value),
        lambda value: f"{value.dtype}, shape {value.shape}",
        rank=0,
    ),
    _Kind(
        _is_container,
        _beginning,
        lambda value: f"{len(value):,} item{'' if len(value) == 1 else 's'}",
        rank=1,
    ),
    _Kind(lambda value: isinstance(value, bytes | bytearray), lambda value, cap: repr(value[: cap + 1]), rank=1),
    _Kind(
        lambda value: value is None or isinstance(value, bool | float | complex) or _is_short_int(value),
        lambda value, _: str(value),  # not its repr: numpy's numbers name their type there
        str,
    ),
    _Kind(lambda value: isinstance(value, BaseMessage), lambda value, _: str(value.text)),
    _Kind(lambda value: isinstance(value, BaseException), lambda value, _: f"{type(value).__name__}: {value}"),
    _Kind(lambda value: isinstance(value, _CODE), lambda value, _: _source(value).rstrip(), rank=3),
    _Kind(lambda _: True, lambda value, _: str(value)),
)


def _kind(value: Any) -> _Kind:
    return next(kind for kind in _KINDS if kind.fits(value))
