"""Runs every python block of a page as it stands, in order and in one process.

What each prints is compared with what its comments say: `# -> text` is one printed line, in which `...` is anything.

Usage: run_page.py PAGE. The client finds its server by the environment. Prints the number of blocks as JSON.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
from typing import Any

from execute import execute
from page import Block, blocks_of

SAID = re.compile(r"# -> (.*)$", re.MULTILINE)


def matches(printed: str, said: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, said.split("..."))), printed) is not None


def run_block(block: Block, origin: str, names: dict[str, Any]) -> None:
    printed = execute(block.text, origin, block.line, names)[0].splitlines()
    said = SAID.findall(block.text)
    fits = len(printed) == len(said) and all(map(matches, printed, said))
    assert fits, f"{origin}:{block.line} printed {printed}, and its comments say {said}"


def main(page: pathlib.Path) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    blocks = [block for block in blocks_of(page) if block.language == "python"]
    for block in blocks:
        run_block(block, page.name, names)
    print(json.dumps({"blocks": len(blocks)}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
