"""The harness refuses what it must: changes that are not declared."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from page import Block, Changes, blocks_of

BLOCK = Block("python", "print('id-1')\n", 7)


def changes(folder: pathlib.Path, *entries: dict[str, Any]) -> Changes:
    file = folder / "changes.json"
    file.write_text(json.dumps({"changes": entries, "before": []}))
    return Changes(file)


def placeholder(**other: Any) -> dict[str, Any]:
    entry = {"snippet": 1, "kind": "placeholder", "find": "id-1", "replace": "{it}", "times": 1, "reason": "an id"}
    return {**entry, **other}


def test_blocks_keep_their_lines(tmp_path: pathlib.Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\na = 1\n```\n\n```\nwords\n```\n")
    assert blocks_of(page) == [Block("python", "a = 1\n", 4), Block("", "words\n", 8)]


def test_a_declared_change_is_made_in_its_own_snippet_alone(tmp_path: pathlib.Path) -> None:
    made = changes(tmp_path, placeholder())
    assert made.text(1, BLOCK, {"it": "ses-1"}) == "print('ses-1')\n"
    assert made.text(2, BLOCK, {"it": "ses-1"}) == BLOCK.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "a line removed"},
        {"reason": ""},
        {"define": "x = 1"},
        {"kind": "undefined name"},
        {"kind": "indentation"},
        {"kind": "ellipsis"},
        {"kind": "ellipsis", "find": "(...)", "replace": "(...), 1"},
        {"find": "print('id-1')"},
    ],
)
def test_a_change_of_another_kind_is_refused(tmp_path: pathlib.Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        changes(tmp_path, placeholder(**wrong))


def test_a_change_that_no_longer_fits_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(AssertionError, match="is there 1 times"):
        changes(tmp_path, placeholder(times=2)).text(1, BLOCK, {"it": "ses-1"})
