"""SIGTERM and SIGHUP while a `with` block holds a session, or a call makes something: the block or the call is left as
by an exception, so that nothing stays that nobody holds."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from types import FrameType
from typing import Any, Callable, Dict, List, Optional, Set

from onmemos.pools.owner import process_mark

_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def is_told_to_end(error: Optional[BaseException]) -> bool:
    """Whether a block is left because its program or its task is to end: by Ctrl-C, a signal or a cancellation."""
    return error is not None and not isinstance(error, Exception)


class Block:
    """One open block, or one call: of a task in an event loop, or of the thread itself."""

    def __init__(
        self, loop: Optional[asyncio.AbstractEventLoop] = None, task: Optional[asyncio.Task[Any]] = None
    ) -> None:
        self.loop = loop
        self.task = task
        self.is_call = False
        self.leaving = False
        self.terminated = False
        self._process = process_mark()

    @property
    def is_ours(self) -> bool:
        """Whether this process opened it: one that was forked inside the block leaves the session to its parent."""
        return self._process == process_mark()

    def open(self) -> None:
        """The block begins: from now on SIGTERM and SIGHUP leave it."""
        _watch.add(self)

    def begin_leaving(self) -> None:
        """Its session is being ended: a further signal does not break that off."""
        self.leaving = True

    def close(self, error: Optional[BaseException]) -> None:
        """The block has ended.

        Raises:
            SystemExit: a signal came meanwhile.
        """
        number = _watch.number
        _watch.remove(self)
        if self.terminated and not isinstance(error, SystemExit):
            raise SystemExit(128 + number) from error

    def __enter__(self) -> Block:
        """A call begins. It leaves the handlers of the program alone, which say themselves what a signal means."""
        self.is_call = True
        self.open()
        return self

    def __exit__(self, _kind: object, error: Optional[BaseException], _trace: object) -> None:
        self.close(error)


class _Watch:
    """The handler: there only while blocks are open in the main thread, and only one for all of them."""

    def __init__(self) -> None:
        self.number = int(signal.SIGTERM)
        self._blocks: List[Block] = []
        self._previous: Dict[int, Any] = {}
        self._terminated = False
        self._masks = threading.local()
        # A bound method is another object each time it is asked for.
        self._handler: Callable[[int, Optional[FrameType]], None] = self._on_signal

    def add(self, block: Block) -> None:
        # Only the main thread may have handlers, and only it gets signals.
        if threading.current_thread() is not threading.main_thread():
            return
        if not self._blocks:
            self._terminated = False
        self._blocks.append(block)
        for number in _SIGNALS:
            previous = signal.getsignal(number)
            # A program that ignores a signal goes on doing so; None is a handler that is not Python's to put back.
            if number in self._previous or previous in (signal.SIG_IGN, None):
                continue
            if block.is_call and previous is not signal.SIG_DFL:
                continue
            # An interpreter embedded beside another's may not have handlers even in its main thread.
            with contextlib.suppress(ValueError):
                signal.signal(number, self._handler)
                self._previous[number] = previous

    def remove(self, block: Block) -> None:
        if block not in self._blocks:
            return
        self._blocks.remove(block)
        if self._blocks:
            return
        before, self._previous = self._previous, {}
        for number, previous in before.items():
            # A handler that was set inside the block stays.
            if signal.getsignal(number) is self._handler:
                signal.signal(number, previous)
        previous = before.get(self.number)
        if self._terminated and callable(previous) and not isinstance(previous, signal.Handlers):
            previous(self.number, None)

    def hold_back(self) -> None:
        """Before a fork: the signals wait, since Python loses what comes to a child before the fork is complete."""
        self._masks.before = signal.pthread_sigmask(signal.SIG_BLOCK, list(self._previous)) if self._previous else None

    def go_on(self) -> None:
        """After it: what has waited comes now."""
        mask: Optional[Set[Any]] = getattr(self._masks, "before", None)
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def forget(self) -> None:
        """In a forked child: the open blocks are the parent's, and the signals do what they did before them."""
        self._blocks.clear()
        before, self._previous = self._previous, {}
        for number, previous in before.items():
            if signal.getsignal(number) is self._handler:
                signal.signal(number, previous)
        self.go_on()

    def _on_signal(self, number: int, _frame: Optional[FrameType]) -> None:
        if not self._terminated:
            self.number = number
        self._terminated = True
        here = False
        tasks: List[asyncio.Task[Any]] = []
        for block in self._blocks:
            if block.terminated:
                continue
            block.terminated = True
            if block.leaving:
                continue
            if block.task is None or block.loop is None:
                here = True
            elif block.task not in tasks:
                # A call in a block is of the same task, which is cancelled once.
                tasks.append(block.task)
                block.loop.call_soon_threadsafe(block.task.cancel)
        if here:
            raise SystemExit(128 + self.number)


_watch = _Watch()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_watch.hold_back, after_in_parent=_watch.go_on, after_in_child=_watch.forget)
