"""Names in prompts: what is replaced, and that nothing else ever is."""

from __future__ import annotations

import dataclasses
import keyword
import math
import re
from collections import defaultdict

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gptrouter_notebook.context import CAP, Completion, complete, expand, visible


@dataclasses.dataclass
class Person:
    name: str = "Ada"
    _secret: str = "never"
    friends: tuple = ("Grace",)

    @property
    def broken(self):
        raise RuntimeError("broken on purpose")

    def shout(self):
        raise AssertionError("called")


class Unspeakable:
    def __str__(self):
        raise RuntimeError("broken on purpose")


NAMESPACE = {
    "__name__": __name__,
    "a": "VALUE",
    "b": 7,
    "n": 3,
    "name": "Ada",
    "braces": "{a} @a",
    "d": {"a": 1, "b": {"c": "deep"}, 5: "five"},
    "rows": [10, 20, 30],
    "person": Person(),
    "unspeakable": Unspeakable(),
    "_hidden": "never",
    "math": math,
    "dataclass": dataclasses.dataclass,
    "In": ["", "x = 1", "y = 2"],
    "Out": {2: "two"},
}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("{a}", "VALUE"),
        ("say {a}, {b}{n}!", "say VALUE, 73!"),
        ("{d['a']} and {d[\"b\"]['c']} and {d[5]}", "1 and deep and five"),
        ("{rows[0]} {rows[-1]} {person.name} {person.friends[0]}", "10 30 Ada Grace"),
        ("{In[1]} {Out[2]} {Err[4]}", "x = 1 two Traceback of 4"),
        ("{math.pi}", str(math.pi)),
        ("see `{a}` and ```\n{a}\n```", "see `VALUE` and ```\nVALUE\n```"),
        ("{braces}", "{a} @a"),
        ("[{a}](x) ({a}) #{n} -{n} {a}.", "[VALUE](x) (VALUE) #3 -3 VALUE."),
    ],
)
def test_names_in_braces_are_replaced_once(text, expanded):
    assert expand(text, NAMESPACE, errors={4: "Traceback of 4"}).text == expanded


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": [1, 2], "c": {"a": "a"}}',
        "{'a': a, 'b': b} {'x': {a}}",
        "{a, b} {a: b} {*a} {a for a in b} { a } {a } { a}",
        "{a!r} {a:>10} {a.b:%Y} {0} {} {a()} {a.upper()} {d.get('a')} {rows[0:2]} {rows[n]}",
        "f'{a}' f\"{a} and {b}\" rf'{a}' Fr\"{a}\" f'''{a}\n{b}''' f\"\"\"{a}\n\"\"\" f'it\\'s {a}'",
        r"\frac{a}{b} \text{a {b} c} \sqrt[3]{a} x_{a} y^{b} \left\{a\right\} \begin{a}x\end{a} \cmd*{a}",
        "${a} $${a} {{a}} {{{a}}} {{ a }} ${{ a }}",
        "function f(x: {a: string}): {b: number} extends {c} => {return a}",
        "interface A {\n  a: string\n}",
        "{missing} {a.missing} {d['missing']} {rows[99]} {In[9]} {Out[1]} {Err[1]}",
        "{person._secret} {_hidden} {person.broken} {person.shout} {unspeakable} {a.__class__} {a.upper}",
        "{math} {dataclass} {math.sqrt}",
        "@a mail me@a.example or @missing",
        "\\{a\\} \\n{a}",
        "",
        "\x00 \ud83d λ\r\n\t{",
    ],
)
def test_everything_else_stays_as_typed(text):
    expanded = expand(text, NAMESPACE)
    assert expanded.text == text
    assert expanded.inserted == expanded.images == ()


def test_looking_up_has_no_effects():
    counts = defaultdict(int)
    assert expand("{counts['x']}", {"counts": counts}).text == "{counts['x']}"
    assert not counts


def test_a_name_of_the_notebook_goes_before_ours():
    assert expand("{Err[1]}", {"Err": {1: "mine"}}, errors={1: "ours"}).text == "mine"


def test_what_was_inserted_is_told():
    expanded = expand("{d['a']} {a} {a} {missing} {long}", {**NAMESPACE, "long": "x" * 20_000})
    told = [(one.name, one.kind, one.length, one.is_cut) for one in expanded.inserted]
    assert told == [("d['a']", "int", 1, False), ("a", "str", 5, False), ("long", "str", CAP, True)]


def test_mentions_keep_their_word_and_append_the_value_once():
    expanded = expand("Compare @a with @rows, then @a again; ask me@a.example.", NAMESPACE, mentions=True)
    assert expanded.text == (
        "Compare @a with @rows, then @a again; ask me@a.example.\n\n"
        "`a`:\n```\nVALUE\n```\n\n"
        "`rows`:\n```\n[10, 20, 30]\n```"
    )
    assert [one.name for one in expanded.inserted] == ["a", "rows"]


def test_a_mention_may_go_deeper_or_end_a_sentence():
    expanded = expand("@person.name, or @a.Then @d['b']['c']", NAMESPACE, mentions=True)
    assert [one.name for one in expanded.inserted] == ["person.name", "a", "d['b']['c']"]


@pytest.mark.parametrize("text", ["@missing @_hidden @math @dataclass me@a x@a", "@", "@ a", "@@"])
def test_other_mentions_stay_alone(text):
    assert expand(text, NAMESPACE, mentions=True).text == text


def test_a_fence_is_longer_than_any_in_the_value():
    text = expand("@a", {"a": "```python\n1\n````\n"}, mentions=True).text
    assert text == "@a\n\n`a`:\n`````\n```python\n1\n````\n\n`````"


def test_both_ways_may_be_mixed():
    assert expand("{a} @a", NAMESPACE, mentions=True).text == "VALUE @a\n\n`a`:\n```\nVALUE\n```"


NAMES = st.from_regex(r"[a-z]{1,3}", fullmatch=True).filter(lambda name: not keyword.iskeyword(name))
SYNTAX = st.sampled_from(
    ["{", "}", "{{", "}}", "@", "$", "\\", "_", "^", ".", "[", "]", "'", '"', "f'", 'f"', "(", ")", ":", "\n", "\\frac"]
)


@given(st.lists(st.one_of(st.text(), SYNTAX, NAMES), max_size=30), st.dictionaries(NAMES, st.text(), max_size=5))
def test_text_without_a_name_of_the_namespace_arrives_unchanged(pieces, namespace):
    text = "".join(pieces)
    assume(not any(re.search(rf"(?<!\w){name}(?!\w)", text) for name in namespace))
    for mentions in (False, True):
        expanded = expand(text, namespace, mentions=mentions)
        assert expanded.text == text
        assert expanded.inserted == ()


@given(st.text(), st.text(), st.text())
def test_a_value_goes_in_as_it_is_and_is_not_read_again(before, value, after):
    assume(not re.search(r"[\\$_^{fF'\"]", before))
    assume(not after.startswith("}"))
    assert expand(before + "{value}" + after.replace("{", ""), {"value": value}, cap=10**6).text == (
        before + value + after.replace("{", "")
    )


@pytest.mark.parametrize(
    "piece", ["\\a{", "\\a[", "f'", 'f"""', "{a", ".a", "@a", "{", "\\x{{{{{", "[", "{a}", "\\a{{b}{c}", "@a.b"]
)
def test_any_text_is_read_in_a_time_that_grows_with_it(piece):
    # A quadratic reading of this much would take minutes.
    expand("@a" + piece * 100_000, {"a": "v"}, mentions=True)


def test_completion_puts_data_first_and_leaves_out_what_is_no_value():
    numpy = pytest.importorskip("numpy")
    namespace = {**NAMESPACE, "array": numpy.zeros((2, 3)), "Person": Person}
    assert complete("", namespace) == [
        Completion("array", "ndarray", "float64, shape (2, 3)"),
        Completion("a", "str", "5 characters"),
        Completion("braces", "str", "6 characters"),
        Completion("d", "dict", "3 items"),
        Completion("name", "str", "3 characters"),
        Completion("rows", "list", "3 items"),
        Completion("b", "int", "7"),
        Completion("n", "int", "3"),
        Completion("person", "Person", ""),
        Completion("unspeakable", "Unspeakable", ""),
        Completion("Person", "type", ""),
    ]


@pytest.mark.parametrize("mark", ["", "@", "{"])
def test_completion_goes_on_with_what_was_begun(mark):
    assert [found.name for found in complete(f"{mark}na", NAMESPACE)] == ["name"]
    assert [found.name for found in complete(f"{mark}d['", NAMESPACE)] == ["d['a']", "d['b']"]
    assert [found.name for found in complete(f'{mark}d["b', NAMESPACE)] == ['d["b"]']
    assert complete(f"{mark}zz", NAMESPACE) == complete(f"{mark}rows['", NAMESPACE) == []


def test_what_ipython_put_there_is_not_the_notebooks():
    put = object()
    namespace = {"exit": put, "open": "mine", "a": 1, "In": [], "Out": {}}
    hidden = {"exit": put, "open": put, "In": namespace["In"], "Out": namespace["Out"]}
    assert sorted(visible(namespace, hidden)) == ["In", "Out", "a", "open"]
