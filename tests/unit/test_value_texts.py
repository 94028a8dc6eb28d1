"""Values as text."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from collections import Counter, OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from gptrouter_notebook.values import rank, show, summary


def text(value, cap=8_000):
    return show(value, cap).text


PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary()),
    lambda inner: st.one_of(
        st.lists(inner), st.tuples(inner, inner), st.tuples(inner), st.dictionaries(st.text(), inner)
    ),
)


@given(st.one_of(st.lists(PLAIN), st.dictionaries(st.text(), PLAIN), st.sets(st.integers()), st.frozensets(st.text())))
def test_lists_and_dicts_are_written_as_python_writes_them(value):
    assert text(value, 10**6) == repr(value)


@given(PLAIN, st.integers(80, 300))
def test_nothing_is_longer_than_the_cap_and_a_cut_is_told(value, cap):
    shown = show(value, cap)
    assert len(shown.text) <= cap
    assert shown.is_cut == (f"(cut to {cap} characters" in shown.text)
    if not shown.is_cut:
        assert shown.text == (value if isinstance(value, str) else repr(value))


def test_a_cut_says_how_much_there_was():
    assert text("x" * 20_000).endswith("x\n… (cut to 8,000 characters; the whole: 20,000 characters)")
    assert text(list(range(10_000))).endswith("\n… (cut to 8,000 characters; the whole: 10,000 items)")


def test_only_the_beginning_of_a_long_list_is_written():
    class Loud:
        written = 0

        def __repr__(self):
            Loud.written += 1
            return "loud"

    assert show([Loud() for _ in range(100_000)], 1_000).is_cut
    assert Loud.written < 1_000


def test_a_list_may_hold_itself():
    value = [1]
    value.append(value)
    assert text(value) == "[1, …]"
    deep = []
    for _ in range(10_000):
        deep = [deep]
    assert "…" in text(deep)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.5, "1.5"),
        (True, "True"),
        (AIMessage("said"), "said"),
        (ValueError("no good"), "ValueError: no good"),
        (Counter("aab"), "Counter({'a': 2, 'b': 1})"),
        (OrderedDict(a=1), "OrderedDict({'a': 1})" if sys.version_info >= (3, 12) else "OrderedDict([('a', 1)])"),
    ],
)
def test_other_values_are_written_as_they_show_themselves(value, written):
    assert text(value) == written


def test_functions_are_their_source():
    shown = show(text, 8_000)
    assert shown.text == "def text(value, cap=8_000):\n    return show(value, cap).text"
    assert shown.kind == "function"


def test_classes_are_their_source_if_it_can_be_found():
    class Small:
        def method(self):
            return 1

    assert text(Small) == "class Small:\n        def method(self):\n            return 1"
    with pytest.raises(OSError, match="The source of Empty"):
        show(type("Empty", (), {}), 8_000)


def test_a_table_is_its_schema_and_its_first_rows():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"city": ["Bern", "Rome"] * 500, "heat": range(1000)})
    shown = show(table, 8_000)
    head, columns, *rest = shown.text.partition("Columns:")
    assert head.startswith("DataFrame: 1,000 rows × 2 columns, ")
    assert "  heat: int64\nFirst 5 rows:\n" in rest[0]
    assert rest[0].count("Bern") == 3
    assert (shown.kind, shown.is_cut, columns) == ("DataFrame", False, "Columns:")
    assert summary(table) == "1,000 rows × 2 columns"
    column = text(table["heat"])
    assert column.startswith("Series heat: 1,000 values of int64, 8.1 kB\nFirst 5:\n0    0\n")


def test_a_wide_table_says_how_many_columns_it_does_not_name():
    pandas = pytest.importorskip("pandas")
    shown = text(pandas.DataFrame([range(500)]))
    assert "1 row × 500 columns" in shown
    assert "… and 440 more" in shown
    assert len(shown) < 4_000


def test_an_array_is_its_shape_its_range_and_a_sample(recwarn):
    numpy = pytest.importorskip("numpy")
    shown = text(numpy.arange(1_000_000, dtype="float32").reshape(1000, 1000))
    assert shown.startswith("ndarray: shape (1000, 1000), float32, 4.0 MB, min 0.0, max 999999.0\n[[")
    assert len(shown) < 1_000
    gap = numpy.array([numpy.nan, 2.0, 1.0])
    assert "min 1.0, max 2.0" in text(gap)
    assert "min nan" in text(gap[:1])
    assert text(numpy.array([])).startswith("ndarray: shape (0,), float64, 0 bytes\n[]")
    assert "min" not in text(numpy.array(["a"]))
    assert "min False, max True" in text(numpy.array([True, False]))
    assert text(numpy.float64(1.5)) == "1.5"
    assert not recwarn


def picture(uri):
    image = pytest.importorskip("PIL.Image")
    assert uri.startswith("data:image/png;base64,")
    return image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_pictures_are_sent_where_they_may_be_and_told_of_where_not():
    image = pytest.importorskip("PIL.Image")
    value = image.new("CMYK", (4096, 2048), (0, 255, 255, 0))
    shown = show(value, 8_000, images=True)
    assert (shown.text, shown.kind) == ("Image, 4096 × 2048 pixels", "Image")
    sent = picture(shown.image)
    assert sent.size == (1024, 512)
    assert sent.getpixel((1, 1)) == (255, 0, 0)
    shown = show(value, 8_000)
    assert shown.text == "(Image, 4096 × 2048 pixels: a picture, which is not sent from here)"
    assert shown.image is None


def test_figures_are_pictures():
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(30, 10), dpi=100)
    figure.subplots().plot([1, 2, 3])
    shown = show(figure, 8_000, images=True)
    assert shown.text == "Figure, 3000 × 1000 pixels"
    assert picture(shown.image).size == (1024, 341)
    assert rank(figure) == 0


def test_nothing_is_imported_for_it():
    code = (
        "import sys; from gptrouter_notebook.values import show; show([1], 9); show(object(), 9);"
        "print(sorted({'pandas', 'numpy', 'matplotlib', 'PIL', 'IPython', 'traitlets'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
