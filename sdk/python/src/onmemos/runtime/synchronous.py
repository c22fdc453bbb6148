"""Waiting and connecting in the calling thread."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any, Callable, Tuple, TypeVar

from websockets.sync.client import ClientConnection, connect

from onmemos.pools.synchronous import Pool, Stream, here
from onmemos.runtime.termination import Block

__all__ = [
    "Beside",
    "BothNames",
    "Lock",
    "Pool",
    "Socket",
    "Stream",
    "finish",
    "here",
    "new_block",
    "open_socket",
    "sleep",
    "told",
]

T = TypeVar("T")
Socket = ClientConnection
Lock = threading.Lock


def sleep(seconds: float) -> None:
    """Waits."""
    time.sleep(seconds)


def finish(begin: Callable[[], T]) -> T:
    """Does what must not be broken off by a cancellation; there is none here."""
    return begin()


def told(callback: Callable[[Any], Any], value: Any) -> None:
    """Calls it."""
    callback(value)


def new_block() -> Block:
    """A block of the present thread."""
    return Block()


class BothNames:
    """The asynchronous client has `aclose` beside `close`."""


class Beside:
    """Work beside the caller's."""

    def __init__(self, work: Callable[..., object], *args: Any) -> None:
        self._done: Future[object] = Future()
        self._thread = threading.Thread(target=self._run, args=(work, args), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Waits for its end, and raises what it raised."""
        self._done.result()

    def abandon(self) -> None:
        """The caller no longer waits for it. A thread cannot be stopped: its call ends with the command."""

    def _run(self, work: Callable[..., object], args: Tuple[Any, ...]) -> None:
        try:
            self._done.set_result(work(*args))
        except BaseException as error:
            self._done.set_exception(error)


def open_socket(url: str, **options: Any) -> Socket:
    """A WebSocket, which the caller closes."""
    # Entered and closed by hand: it may live longer than any one block.
    socket: ClientConnection = connect(url, **options).__enter__()
    return socket
