"""Runs every python block of the users' quick reference, in order and in one process, against a real server.

Environment: QUICK_REFERENCE_URL, QUICK_REFERENCE_KEY and QUICK_REFERENCE_JOURNAL (the server behind its stand-ins), and
ONMEMOS_DATA_DIR (where a client without arguments finds it). Prints a line for each
snippet, and at the end their number as JSON.
"""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

import checks_contexts  # noqa: F401  registers its checks
import checks_sessions  # noqa: F401
import checks_workflows  # noqa: F401
import sentences
from execute import execute
from page import Changes, blocks_of
from ran import CHECKS, Ran
from under_test import Server, presume

HERE = pathlib.Path(__file__).parent.parent


def main() -> None:
    server = Server(
        os.environ["QUICK_REFERENCE_URL"],
        os.environ["QUICK_REFERENCE_KEY"],
        pathlib.Path(os.environ["QUICK_REFERENCE_JOURNAL"]),
    )
    changes = Changes(HERE / "changes.json")
    known = {"base_url": server.url, "api_key": server.key}
    names: dict[str, Any] = {"__name__": "__main__"}
    page = blocks_of(HERE / "seed.md")
    snippets = [block for block in page if block.language == "python"]
    assert sorted(CHECKS) == list(range(1, len(snippets) + 1)), "a check for each snippet, and no other"
    for number, block in enumerate(snippets, 1):
        for step in changes.before(number):
            known.update(presume(server, step))
        server.happened()
        defined: dict[str, Any] = {}
        execute(changes.definitions(number), "changes.json", 1, defined)
        known_already = set(defined) & set(names) - {"__builtins__"}
        assert not known_already, f"snippet {number} has {known_already} from those before it"
        names.update(defined)
        printed, logged = execute(changes.text(number, block, known), "seed.md", block.line, names)
        happened = server.happened()
        CHECKS[number](Ran(server, names, known, printed, logged, happened))
        print(f"snippet {number} (line {block.line}) ran", flush=True)
    spoken = sentences.check_all(server, [block for block in page if block.language == ""])
    print(json.dumps({"snippets": len(snippets), "sentences": spoken}))


if __name__ == "__main__":
    main()
