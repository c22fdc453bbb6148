"""Waiting and connecting in an event loop."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any, Callable, Coroutine, Optional, TypeVar

from websockets.asyncio.client import ClientConnection, connect

from onmemos.pools.asynchronous import Pool, Stream, here
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
MOST_BEGUN = 3
"""How often work that must be finished is begun at most."""
Socket = ClientConnection
Lock = asyncio.Lock


async def sleep(seconds: float) -> None:
    """Waits."""
    await asyncio.sleep(seconds)


async def finish(begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Does this to its end, even where the task is cancelled meanwhile; the cancellation takes effect after it.

    A second Ctrl-C ends the event loop, which cancels the work too. Then it is done from the start: it may be repeated.
    """
    cancelled: Optional[asyncio.CancelledError] = None
    for _ in range(MOST_BEGUN):
        task = asyncio.ensure_future(begin())
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                # anyio repeats its cancellation until the task has left.
                cancelled = error
        if not _is_broken_off(task):
            break
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()


def _is_broken_off(task: asyncio.Future[Any]) -> bool:
    return task.cancelled() or isinstance(task.exception(), KeyboardInterrupt)


async def told(callback: Callable[[Any], Any], value: Any) -> None:
    """Calls it, and waits for what it began."""
    result = callback(value)
    if inspect.isawaitable(result):
        await result


def new_block() -> Block:
    """A block of the present task."""
    return Block(asyncio.get_running_loop(), asyncio.current_task())


class BothNames:
    """`close` beside `aclose`: libraries have either."""

    async def aclose(self) -> None:
        """Closes it."""
        raise NotImplementedError

    async def close(self) -> None:
        """The same as `aclose`."""
        await self.aclose()


class Beside:
    """Work beside the caller's."""

    def __init__(self, work: Callable[..., Coroutine[Any, Any, object]], *args: Any) -> None:
        self._task = asyncio.ensure_future(work(*args))

    async def join(self) -> None:
        """Waits for its end, and raises what it raised."""
        await self._task

    def abandon(self) -> None:
        """The caller no longer waits for it."""
        self._task.cancel()


async def open_socket(url: str, **options: Any) -> Socket:
    """A WebSocket, which the caller closes."""
    return await connect(url, **options)
