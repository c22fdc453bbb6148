"""The python blocks of a page, and the declared changes that make each one run."""

from __future__ import annotations

import json
import pathlib
import re
from dataclasses import dataclass
from typing import Any

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int
    """The line of its first line of text, from 1."""


def blocks_of(page: pathlib.Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [Block(found[1], found[2], text.count("\n", 0, found.start()) + 2) for found in BLOCK.finditer(text)]


def is_of_its_kind(change: dict[str, Any]) -> bool:
    """Whether a change does what its kind allows, and no more."""
    if change["kind"] == "undefined name":
        return "define" in change and "find" not in change
    if "define" in change:
        return False
    find, replace = change["find"], change["replace"]
    if change["kind"] == "indentation":
        return bool(find.strip() == replace.strip())
    if change["kind"] == "ellipsis":
        return bool(find == "(...)" and replace[0] + replace[-1] == "()" and "..." not in replace)
    return change["kind"] == "placeholder" and not any(mark in find for mark in "\n()='\"")


class Changes:
    """What `changes.json` says, each entry of a known kind and with its reason."""

    def __init__(self, file: pathlib.Path) -> None:
        said = json.loads(file.read_text(encoding="utf-8"))
        self._changes: list[dict[str, Any]] = said["changes"]
        self._before: list[dict[str, Any]] = said["before"]
        for change in self._changes:
            assert is_of_its_kind(change), f"this is no {change['kind']}: {change}"
        for entry in [*self._changes, *self._before]:
            assert entry["reason"], f"no reason for {entry}"

    def before(self, number: int) -> list[dict[str, Any]]:
        return [step for step in self._before if step["snippet"] == number]

    def definitions(self, number: int) -> str:
        return "\n".join(
            change["define"] for change in self._changes if change["snippet"] == number and "define" in change
        )

    def text(self, number: int, block: Block, known: dict[str, str]) -> str:
        """The block as it runs. `known` has what placeholders stand for."""
        text = block.text
        for change in self._changes:
            if change["snippet"] != number or "define" in change:
                continue
            found = text.count(change["find"])
            assert found == change["times"], f"snippet {number}: {change['find']!r} is there {found} times"
            replacement: str = change["replace"]
            if change["kind"] == "placeholder":
                replacement = replacement.format_map(known)
            text = text.replace(change["find"], replacement)
        return text
