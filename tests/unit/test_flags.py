"""Flags as people type them."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.flags import candidates, options, parameters, read


@pytest.fixture(scope="module")
def parser():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("-m", "--model", action="append")
    parser.add_argument("-f", "--format", choices=("text", "json"))
    parser.add_argument("-o", "--out")
    parser.add_argument("-s", "--system")
    parser.add_argument("--param", action="append", default=[])
    return parser


@pytest.mark.parametrize(
    ("line", "params"),
    [
        ('--param response_format={"type": "json_object"}', {"response_format": {"type": "json_object"}}),
        ('--param \'response_format={"type": "json_object"}\'', {"response_format": {"type": "json_object"}}),
        ('--param stop=["a", "b c"] --param user=ada', {"stop": ["a", "b c"], "user": "ada"}),
        ("--param seed=7 --param user='Ada L.' --param x={not", {"seed": 7, "user": "Ada L.", "x": "{not"}),
        ("--param flag=true --param none=null", {"flag": True, "none": None}),
    ],
)
def test_parameters_are_json_where_they_can_be(parser, line, params):
    assert parameters(read(parser, line, ()).param) == params


def test_texts_in_quotes_stay_whole(parser):
    args = read(parser, """-s "it's ={fine}" -m a/b -m c/d -o ans""", ())
    assert (args.system, args.model, args.out) == ("it's ={fine}", ["a/b", "c/d"], "ans")


@given(st.text(alphabet="-=mos'\"{}[] \\a/:,1", max_size=30))
def test_any_line_is_read_or_refused_with_a_sentence(line):
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("-m", "--model", action="append")
    parser.add_argument("-o", "--out")
    try:
        read(parser, line, ("use",))
    except ValueError as error:
        assert str(error).endswith((".", "?"))  # noqa: PT017 - it need not be raised
    except argparse.ArgumentError:
        pass


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("top_p", "write --param KEY=VALUE"),
        ("=1", "write --param KEY=VALUE"),
        ("prompt=x", "the text of the cell"),
        ("stream=false", "--no-stream"),
        ("temperatur=1", "did you mean temperature"),
    ],
)
def test_what_is_no_parameter_says_what_to_write(text, why):
    with pytest.raises(ConfigurationError, match=why):
        parameters([text])


@pytest.mark.parametrize(
    ("before", "offered"),
    [
        ("%gptrouter ", ("use", "fix")),
        ("%gptrouter use ", ("a/b", "c/d")),
        ("%gptrouter use a/b ", ("c/d",)),
        ("%gptrouter help ", ()),
        ("%gptrouter fix -m ", ("a/b", "c/d")),
        ("%%gptrouter --model ", ("a/b", "c/d")),
        ("%%gptrouter -f ", ("text", "json")),
    ],
)
def test_what_may_follow_is_offered(parser, before, offered):
    assert candidates(before, parser, ("use", "fix"), ["a/b", "c/d"]) == offered


def test_flags_are_offered_wherever_they_may_stand(parser):
    assert candidates("%%gptrouter -m a/b ", parser, (), []) == tuple(options(parser))
