"""Programs of their own, for what concerns a whole process."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import Sequence

LIMIT_S = 120
"""For programs that hang."""


def output_of(program: str, url: str, key: str, *words: str, options: Sequence[str] = ()) -> str:
    """What a program printed, which must end well and have nothing to warn of."""
    env = {**os.environ, "ONMEMOS_BASE_URL": url, "ONMEMOS_API_KEY": key, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, *options, "-c", textwrap.dedent(program), *words]
    ran = subprocess.run(command, capture_output=True, text=True, env=env, timeout=LIMIT_S, check=False)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout + ran.stderr
    return ran.stdout
