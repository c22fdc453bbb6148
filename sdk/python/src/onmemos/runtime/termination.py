"""SIGTERM while a `with` block holds a session: the block is left as by an exception, so that its session is ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from types import FrameType
from typing import Any, Callable, List, Optional, Set

from onmemos.pools.owner import process_mark

EXIT_CODE = 128 + int(signal.SIGTERM)


def is_told_to_end(error: Optional[BaseException]) -> bool:
    """Whether a block is left because its program or its task is to end: by Ctrl-C, a signal or a cancellation."""
    return error is not None and not isinstance(error, Exception)


class Block:
    """One open block: of a task in an event loop, or of the thread itself."""

    def __init__(
        self, loop: Optional[asyncio.AbstractEventLoop] = None, task: Optional[asyncio.Task[Any]] = None
    ) -> None:
        self.loop = loop
        self.task = task
        self.leaving = False
        self.terminated = False
        self._process = process_mark()

    @property
    def is_ours(self) -> bool:
        """Whether this process opened it: one that was forked inside the block leaves the session to its parent."""
        return self._process == process_mark()

    def open(self) -> None:
        """The block begins: from now on SIGTERM leaves it."""
        _watch.add(self)

    def begin_leaving(self) -> None:
        """Its session is being ended: a further SIGTERM does not break that off."""
        self.leaving = True

    def close(self, error: Optional[BaseException]) -> None:
        """The block has ended.

        Raises:
            SystemExit: SIGTERM came meanwhile.
        """
        _watch.remove(self)
        if self.terminated and not isinstance(error, SystemExit):
            raise SystemExit(EXIT_CODE) from error


class _Watch:
    """The handler: there only while blocks are open in the main thread, and only one for all of them."""

    def __init__(self) -> None:
        self._blocks: List[Block] = []
        self._previous: object = signal.SIG_DFL
        self._installed = False
        self._terminated = False
        self._masks = threading.local()
        # A bound method is another object each time it is asked for.
        self._handler: Callable[[int, Optional[FrameType]], None] = self._on_signal

    def add(self, block: Block) -> None:
        # Only the main thread may have handlers, and only it gets signals.
        if threading.current_thread() is not threading.main_thread():
            return
        self._blocks.append(block)
        if not self._installed:
            previous = signal.getsignal(signal.SIGTERM)
            # A program that ignores SIGTERM goes on doing so; None is a handler that is not Python's to put back.
            if previous in (signal.SIG_IGN, None):
                return
            self._previous, self._terminated = previous, False
            # An interpreter embedded beside another's may not have handlers even in its main thread.
            with contextlib.suppress(ValueError):
                signal.signal(signal.SIGTERM, self._handler)
                self._installed = True

    def remove(self, block: Block) -> None:
        if block not in self._blocks:
            return
        self._blocks.remove(block)
        if self._blocks or not self._installed:
            return
        self._installed = False
        previous = self._previous
        # A handler that was set inside the block stays.
        if signal.getsignal(signal.SIGTERM) is self._handler:
            signal.signal(signal.SIGTERM, previous)  # type: ignore[arg-type]
        if self._terminated and callable(previous) and not isinstance(previous, signal.Handlers):
            previous(int(signal.SIGTERM), None)

    def hold_back(self) -> None:
        """Before a fork: SIGTERM waits, since Python loses what comes to a child before the fork is complete."""
        self._masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]) if self._installed else None

    def go_on(self) -> None:
        """After it: what has waited comes now."""
        mask: Optional[Set[Any]] = getattr(self._masks, "before", None)
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def forget(self) -> None:
        """In a forked child: the open blocks are the parent's, and SIGTERM does what it did before them."""
        self._blocks.clear()
        if self._installed:
            self._installed = False
            if signal.getsignal(signal.SIGTERM) is self._handler:
                signal.signal(signal.SIGTERM, self._previous)  # type: ignore[arg-type]
        self.go_on()

    def _on_signal(self, _number: int, _frame: Optional[FrameType]) -> None:
        self._terminated = True
        here = False
        for block in self._blocks:
            if block.terminated:
                continue
            block.terminated = True
            if block.leaving:
                continue
            if block.task is None or block.loop is None:
                here = True
            else:
                block.loop.call_soon_threadsafe(block.task.cancel)
        if here:
            raise SystemExit(EXIT_CODE)


_watch = _Watch()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_watch.hold_back, after_in_parent=_watch.go_on, after_in_child=_watch.forget)
