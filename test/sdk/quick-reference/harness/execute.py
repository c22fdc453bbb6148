"""Runs a piece of a page as Python."""

from __future__ import annotations

import contextlib
import io
from typing import Any


def execute(source: str, origin: str, line: int, names: dict[str, Any]) -> tuple[str, str]:
    """Answers what it printed and what it logged. Its lines keep the numbers of the page in a traceback."""
    printed, logged = io.StringIO(), io.StringIO()
    code = compile("\n" * (line - 1) + source, origin, "exec", dont_inherit=True)
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(logged):
        exec(code, names)
    return printed.getvalue(), logged.getvalue()
