"""A few seconds of search per target; `fuzz.py` says how to search for longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).with_name("fuzz.py")
SECONDS = "10"


@pytest.mark.parametrize("target", ["events", "streamed", "plain", "saved"])
def test_nothing_but_our_own_errors_comes_out(target, tmp_path):
    pytest.importorskip("atheris")
    done = subprocess.run(
        [sys.executable, str(FUZZ), target, SECONDS, str(tmp_path)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-8_000:]
    assert " runs in " in done.stderr
