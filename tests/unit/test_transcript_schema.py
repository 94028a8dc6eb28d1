"""The saved form as other programs know it: `chat.v1.schema.json` says what `transcript` writes and reads."""

import copy
import json
from importlib import resources

import pytest
from jsonschema import Draft202012Validator
from sample_conversation import MODELS, SETTINGS, sample_conversation

from gptrouter_notebook.conversation import Conversation
from gptrouter_notebook.errors import ConfigurationError
from gptrouter_notebook.settings import Settings
from gptrouter_notebook.transcript import from_dict, to_dict

SCHEMA = json.loads(resources.files("gptrouter_notebook").joinpath("chat.v1.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def with_all_names_known(schema):
    """The schema, but names it does not list are refused."""
    if isinstance(schema, dict):
        closed = {name: with_all_names_known(value) for name, value in schema.items()}
        return closed | {"additionalProperties": False} if "properties" in schema else closed
    return [with_all_names_known(value) for value in schema] if isinstance(schema, list) else schema


def places(value, path=()):
    """Every place in a JSON value, by the steps to it."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inside:
        yield from places(item, (*path, step))


def at(value, path):
    for step in path:
        value = value[step]
    return value


SAVED = to_dict(sample_conversation(), MODELS, SETTINGS)
# What was sent by a gateway or a tool is kept as it is.
FOREIGN = {"citations", "args"}
PLACES = [path for path in places(SAVED) if path and not FOREIGN & set(path[:-1])]


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("saved", [SAVED, to_dict(Conversation(), MODELS, Settings())], ids=["everything", "nothing"])
def test_what_is_written_has_no_name_that_the_schema_does_not_know(saved):
    Draft202012Validator(with_all_names_known(SCHEMA)).validate(json.loads(json.dumps(saved)))


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_reader_and_schema_refuse_the_same_kinds(path):
    for wrong in ("x", -1, None, True, [], {}, ["x"], {"x": 1}, [1]):
        saved = copy.deepcopy(SAVED)
        at(saved, path[:-1])[path[-1]] = wrong
        is_valid = VALIDATOR.is_valid(saved)
        try:
            from_dict(saved)
        except ConfigurationError:
            # The schema cannot know which turns there are.
            assert not is_valid or path[-1] in {"id", "parent"}, f"{wrong!r} passes the schema only"
        else:
            assert is_valid, f"{wrong!r} passes the reader only"


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_reader_and_schema_miss_the_same(path):
    saved = copy.deepcopy(SAVED)
    del at(saved, path[:-1])[path[-1]]
    is_valid = VALIDATOR.is_valid(saved)
    try:
        from_dict(saved)
    except ConfigurationError:
        assert not is_valid or path[0] == "turns"
    else:
        assert is_valid


def test_what_is_empty_is_not_written():
    nothing = [at(SAVED, path) for path in PLACES if at(SAVED, path) in (None, "", [], {})]
    assert nothing == [None]  # what the first turn follows
