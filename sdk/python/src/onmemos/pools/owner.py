"""Where a connection belongs: to one process, and with asyncio to one event loop."""

from __future__ import annotations

import asyncio
import encodings.idna
import os
from dataclasses import dataclass
from typing import List, Optional, Tuple

import httpx

# The first look-up of an address imports it. A child that is forked while another thread does would wait for ever.
_IMPORTED_EARLY = encodings.idna

LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)
"""A command's output holds its connection for as long as the command runs, so their number has no bound."""

_forks = 0
_inherited: List[object] = []


def process_mark() -> Tuple[int, int]:
    """Another value in each process. The count tells apart processes that have one pid in two namespaces."""
    return os.getpid(), _forks


@dataclass(frozen=True)
class Place:
    """A process, and with asyncio a loop in it."""

    process: Tuple[int, int]
    loop: Optional[asyncio.AbstractEventLoop] = None

    @property
    def is_in_this_process(self) -> bool:
        """False after a fork, in the child."""
        return self.process == process_mark()


def leave_to_parent(thing: object) -> None:
    """Keeps what a forked process has inherited. Its destruction could write to the parent's connections."""
    _inherited.append(thing)


def _count_fork() -> None:
    global _forks
    _forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_fork)
