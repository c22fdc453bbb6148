"""Signatures, docstrings and tables as Markdown."""

from __future__ import annotations

import re
from typing import Any, Iterable, Sequence

import griffe

WIDTH = 100
SECTIONS = ("Args", "Returns", "Raises")


def code(value: Any) -> str:
    """An annotation, in code."""
    return f"`{plain(value)}`"


def plain(value: Any) -> str:
    """An annotation as users write it: `str | None` for what may be left out."""
    text = str(value).strip("'\"")
    while found := re.search(r"\bOptional\[((?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*)\]", text):
        text = f"{text[: found.start()]}{found[1]} | None{text[found.end() :]}"
    return re.sub(r"\bUnion\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]", lambda union: _union(union[1]), text)


def _union(inner: str) -> str:
    return " | ".join(re.split(r", (?![^\[]*\])", inner))


def signature(item: griffe.Function, name: str = "") -> str:
    """How it is called, in a block; broken where it is long."""
    words = list(_parameters(item.parameters))
    init = item.name == "__init__"
    answer = "" if init or item.returns is None else f" -> {plain(item.returns)}"
    line = f"{name or item.name}({', '.join(words)}){answer}"
    if len(line) > WIDTH:
        inner = "".join(f"    {word},\n" for word in words)
        line = f"{name or item.name}(\n{inner}){answer}"
    return f"```\n{line}\n```"


def _parameters(parameters: Iterable[griffe.Parameter]) -> Iterable[str]:
    starred = False
    for one in parameters:
        if one.name == "self":
            continue
        kind = f": {plain(one.annotation)}" if one.annotation is not None else ""
        if one.kind is griffe.ParameterKind.var_keyword:
            yield f"**{one.name}{kind}"
            continue
        if one.kind is griffe.ParameterKind.keyword_only and not starred:
            starred = True
            yield "*"
        default = "" if one.default is None else f" = {one.default}" if kind else f"={one.default}"
        yield f"{one.name}{kind}{default}"


def docstring(item: griffe.Object) -> str:
    """A docstring, its sections as lists."""
    if item.docstring is None:
        return ""
    text = item.docstring.value
    parts: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text):
        head, _, rest = paragraph.partition("\n")
        title = head.strip().rstrip(":")
        if title in SECTIONS and head.strip().endswith(":"):
            parts.append(f"**{title}**\n\n{_entries(rest, title)}")
        else:
            parts.append(paragraph)
    return "\n\n".join(parts)


def _entries(text: str, title: str) -> str:
    """`name: meaning` lines, with what goes on below them further in."""
    indent = re.match(r" *", text)
    margin = len(indent[0]) if indent else 0
    entries: list[str] = []
    for line in text.splitlines():
        own = line[margin:]
        if own.startswith(" ") and entries or title == "Returns" and entries:
            entries[-1] += f" {own.strip()}"
        else:
            entries.append(own)
    if title == "Returns":
        return entries[0]
    named = (re.sub(r"^(\w+): ", r"`\1`: ", entry) for entry in entries)
    return "\n".join(f"- {entry}" for entry in named)


def summary(item: griffe.Object) -> str:
    """A docstring in one line, for a table."""
    return " ".join(item.docstring.value.split()) if item.docstring else ""


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the pipes in its cells do not end them."""
    lines = [titles, ["---"] * len(titles), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
