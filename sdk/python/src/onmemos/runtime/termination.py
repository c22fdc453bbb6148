"""SIGTERM while a `with` block holds a session: the block is left as by an exception, so that its session is ended."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from types import FrameType
from typing import Any, Callable, List, Optional

EXIT_CODE = 128 + int(signal.SIGTERM)


class Block:
    """One open block: of a task in an event loop, or of the thread itself."""

    def __init__(
        self, loop: Optional[asyncio.AbstractEventLoop] = None, task: Optional[asyncio.Task[Any]] = None
    ) -> None:
        self.loop = loop
        self.task = task
        self.leaving = False
        self.terminated = False

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
