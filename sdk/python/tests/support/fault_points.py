"""Calls that are broken off at each point where they wait."""

from __future__ import annotations

import asyncio
import socket
import threading
from types import TracebackType
from typing import Any, Awaitable, Callable, Generator, Optional, Type

METHODS = ("connect", "recv", "recv_into", "send", "sendall")


class CancelledAt:
    """Awaits something, and cancels the present task at the n-th time that it waits.

    Args:
        point: which time, from 1 on.
        late: cancel once that for which it waits has come: the answer is there, and nobody gets it.
    """

    def __init__(self, awaited: Awaitable[Any], point: int, late: bool) -> None:
        self._awaited = awaited
        self._point = point
        self._late = late
        self.reached = False

    def __await__(self) -> Generator[Any, Any, Any]:
        inner, waited, error = self._awaited.__await__(), 0, None
        while True:
            try:
                awaits = next(inner) if error is None else inner.throw(error)
            except StopIteration as stop:
                return stop.value
            error, waited = None, waited + 1
            if waited == self._point:
                self.reached = True
                self._cancel(awaits)
            try:
                yield awaits
            except BaseException as raised:
                error = raised

    def _cancel(self, awaits: object) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._late and isinstance(awaits, asyncio.Future):
            awaits.add_done_callback(lambda _done: task.cancel())
        else:
            task.cancel()


class InterruptedAt:
    """For a block: raises KeyboardInterrupt at the n-th call of a socket in it, by this thread.

    Args:
        late: after the call, whose result nobody gets.
    """

    def __init__(self, point: int, late: bool) -> None:
        self._point = point
        self._late = late
        self._calls = 0
        self._thread = threading.get_ident()
        self._before = {name: getattr(socket.socket, name) for name in METHODS}

    @property
    def reached(self) -> bool:
        return self._calls >= self._point

    def __enter__(self) -> InterruptedAt:
        for name, method in self._before.items():
            setattr(socket.socket, name, self._counting(method))
        return self

    def __exit__(
        self, _kind: Optional[Type[BaseException]], _error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        for name, method in self._before.items():
            setattr(socket.socket, name, method)

    def _counting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            if threading.get_ident() != self._thread:
                return method(*args, **options)
            self._calls += 1
            is_here = self._calls == self._point
            if is_here and not self._late:
                raise KeyboardInterrupt
            done = method(*args, **options)
            if is_here:
                raise KeyboardInterrupt
            return done

        return call
