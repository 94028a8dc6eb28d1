"""What `import gptrouter_notebook` promises, and what it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gptrouter_notebook
from gptrouter_notebook import errors


def test_importing_the_package_loads_none_of_what_it_builds_on():
    heavy = {"httpx", "langchain_core", "anywidget", "ipywidgets", "IPython", "pydantic", "starlette"}
    code = f"import gptrouter_notebook, sys; print(*({heavy!r} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""


@pytest.mark.parametrize("name", gptrouter_notebook.__all__)
def test_every_promised_name_is_there_and_listed(name):
    assert getattr(gptrouter_notebook, name) is not None
    assert name in dir(gptrouter_notebook)


def test_every_error_is_promised():
    assert set(errors.__all__) <= set(gptrouter_notebook.__all__)


def test_a_misspelt_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'ChatWigdet'"):
        _ = gptrouter_notebook.ChatWigdet
