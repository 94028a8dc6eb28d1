"""What is built from this checkout: an sdist, and from it, as an installer would, a wheel."""

from __future__ import annotations

import email
import gzip
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERSION = metadata.version("gptrouter-notebook")
FRONT_END = ("widget.js", "widget.css", "markdown.js", "highlight.js", "math.js")
BUNDLE = tuple(f"gptrouter_notebook/static/{name}" for name in FRONT_END)
# What every widget carries, and every notebook that saves it.
LARGEST_BUNDLE = 150_000
LARGEST_BUNDLE_ZIPPED = 50_000
# Without isolation, for the build needs no network then; hatchling is in the dev group.
BUILD = [sys.executable, "-m", "build", "--no-isolation"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([*BUILD, "--outdir", folder, ROOT], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        yield archive


@pytest.fixture(scope="module")
def sdist(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        yield {name.partition("/")[2] for name in archive.getnames()}


def test_the_wheel_holds_the_package_and_the_bundle_and_nothing_else(wheel):
    names = set(wheel.namelist())
    info = f"gptrouter_notebook-{VERSION}.dist-info/"
    assert {*BUNDLE, "gptrouter_notebook/py.typed", "gptrouter_notebook/quickstart.ipynb"} <= names
    ours = {str(path.relative_to(ROOT)) for path in (ROOT / "gptrouter_notebook").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == ours
    assert {name for name in names if not name.startswith(("gptrouter_notebook/", info))} == set()
    assert f"{info}licenses/LICENSE" in names


@pytest.mark.parametrize("name", BUNDLE)
def test_the_bundle_is_not_empty(wheel, name):
    assert wheel.getinfo(name).file_size > 1000


def test_the_licences_of_what_is_bundled_are_handed_on(wheel):
    licences = wheel.read("gptrouter_notebook/static/LICENSES.txt").decode()
    named = {block.splitlines()[0] for block in licences.split(f"\n{'-' * 80}\n\n")}
    assert {"dompurify", "highlight.js", "marked", "preact", "@preact/signals"} <= named
    assert "Redistributions in binary form must reproduce the above copyright" in licences


def test_what_every_widget_carries_is_small(wheel):
    source = wheel.read(BUNDLE[0])
    assert len(source) <= LARGEST_BUNDLE
    assert len(gzip.compress(source)) <= LARGEST_BUNDLE_ZIPPED


def test_the_bundle_is_of_this_version(wheel):
    banner = wheel.read(BUNDLE[0]).decode().splitlines()[0]
    assert re.search(r"gptrouter-notebook\D*(\d+\.\d+\.\d+\S*)", banner).group(1) == VERSION


def test_the_packaged_quickstart_is_the_checkouts(wheel):
    packaged = wheel.read("gptrouter_notebook/quickstart.ipynb")
    assert packaged == (ROOT / "notebooks" / "quickstart.ipynb").read_bytes()


def test_the_metadata_name_the_extras_and_the_command(wheel):
    info = f"gptrouter_notebook-{VERSION}.dist-info"
    said = email.message_from_bytes(wheel.read(f"{info}/METADATA"))
    assert said["Name"] == "gptrouter-notebook"
    assert said["Version"] == VERSION
    assert said["License-Expression"] == "MIT"
    assert set(said.get_all("Provides-Extra")) == {"demo", "gateway"}
    assert "gptrouter-notebook = gptrouter_notebook.cli:main" in wheel.read(f"{info}/entry_points.txt").decode()


def test_the_sdist_can_be_built_from_with_and_without_node(sdist):
    sources = {"js/package.json", "js/package-lock.json", "js/src/widget.ts", "hatch_build.py", "pyproject.toml"}
    assert {*BUNDLE, *sources, "notebooks/quickstart.ipynb", "LICENSE", "README.md"} <= sdist
    assert {name for name in sdist if "node_modules" in name or "_cache" in name} == set()


def test_the_wheel_installs_and_its_command_runs(built, tmp_path):
    target = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", target]
    subprocess.run([*install, next(built.glob("*.whl"))], check=True, capture_output=True)
    environment = os.environ | {"PYTHONPATH": str(target)}
    where = [sys.executable, "-c", "import gptrouter_notebook as it; print(it.__file__)"]
    found = subprocess.check_output(where, env=environment, cwd=tmp_path, text=True).strip()
    assert found == str(target / "gptrouter_notebook" / "__init__.py")
    helped = subprocess.check_output(
        [target / "bin" / "gptrouter-notebook", "--help"], env=environment, cwd=tmp_path, text=True
    )
    assert helped.startswith("usage: gptrouter-notebook")


@pytest.fixture
def clone(tmp_path):
    """Return a copy of what a clone has: everything but what was built."""
    unbuilt = shutil.ignore_patterns("static", "node_modules", "__pycache__")
    for name in ("gptrouter_notebook", "js", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=unbuilt)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def build_without_node(clone, tmp_path_factory, **variables):
    environment = os.environ | {"PATH": str(tmp_path_factory.mktemp("no-node"))} | variables
    return subprocess.run([*BUILD, "--wheel", clone], env=environment, capture_output=True, text=True, check=False)


def test_without_bundle_and_node_a_build_fails_and_says_what_to_do(clone, tmp_path_factory):
    said = build_without_node(clone, tmp_path_factory)
    assert said.returncode != 0
    assert "The front end is not built and Node is missing: install Node 20 or newer" in said.stdout + said.stderr


def test_the_front_end_can_be_left_out_on_purpose(clone, tmp_path_factory):
    said = build_without_node(clone, tmp_path_factory, GPTROUTER_SKIP_JS="1")
    assert said.returncode == 0, said.stderr
    with zipfile.ZipFile(next((clone / "dist").glob("*.whl"))) as archive:
        assert not set(BUNDLE) & set(archive.namelist())
