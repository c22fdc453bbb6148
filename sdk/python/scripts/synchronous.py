"""The synchronous form of an asynchronous module: the same lines without their waiting."""

from __future__ import annotations

import io
import re
import tokenize
from typing import List, Tuple

NAMES = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "StopAsyncIteration": "StopIteration",
    "aclose": "close",
    "aread": "read",
    "aiter_bytes": "iter_bytes",
    "asynchronous": "synchronous",
    "aio": "sync",
}
ASYNC_NAME = re.compile(r"^(_?)Async(?=[A-Z])")


def synchronous_text(text: str) -> str:
    """Drops `async` and `await`, and takes the synchronous name wherever there are two."""
    lines = text.splitlines(keepends=True)
    edits: List[Tuple[int, int, int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        row, column = token.start
        if token.type == tokenize.NAME or token.type in _KEYWORDS:
            if token.string in ("async", "await"):
                edits.append((row, column, column + len(token.string) + 1, ""))
            elif (name := _renamed(token.string)) != token.string:
                edits.append((row, column, token.end[1], name))
        elif token.type == tokenize.STRING and token.string.startswith(('"""', 'r"""')):
            _edit_docstring(token, lines)
    for row, start, end, new in sorted(edits, reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:start] + new + line[end:]
    return "".join(lines).replace("onmemos.sync", "onmemos.generated.sync")


_KEYWORDS = {getattr(tokenize, name) for name in ("ASYNC", "AWAIT") if hasattr(tokenize, name)}


def _renamed(name: str) -> str:
    return NAMES.get(name, ASYNC_NAME.sub(r"\1", name))


def _edit_docstring(token: tokenize.TokenInfo, lines: List[str]) -> None:
    for row in range(token.start[0], token.end[0] + 1):
        line = re.sub(r"\basync (?=with|for)", "", lines[row - 1])
        line = re.sub(r"\bawait ", "", line)
        lines[row - 1] = re.sub(r"\bAsync(?=[A-Z])", "", line)
