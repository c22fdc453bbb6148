"""Connections of event loops."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Any, AsyncGenerator, Callable, Dict, Iterator, Optional

import httpx

from onmemos.pools.owner import Place, leave_to_parent, process_mark


def here() -> Place:
    """The present process and its running event loop; a process that was forked from within a loop has none."""
    with contextlib.suppress(RuntimeError):
        return Place(process_mark(), asyncio.get_running_loop())
    return Place(process_mark())


class Stream:
    """An answer that is read piece by piece, on a connection of its own until it is closed.

    Where the last reference to it goes without that, its event loop closes it: it does so with all asynchronous
    generators.
    """

    def __init__(self, response: httpx.Response) -> None:
        self.place = here()
        self._response = response
        self._pieces = response.aiter_bytes()

    async def next_piece(self) -> Optional[bytes]:
        """The next piece; None at the end."""
        async for piece in self._pieces:
            return piece
        return None

    async def aclose(self) -> None:
        """Closes it."""
        await self._response.aclose()


@dataclass(frozen=True)
class _Open:
    client: httpx.AsyncClient
    ending: AsyncGenerator[None, None]


class Pool:
    """One HTTP client for each process and event loop that uses it: a connection works in the loop that opened it."""

    def __init__(self, make: Callable[[], httpx.AsyncClient]) -> None:
        self._make = make
        # Made at once, so that wrong settings of the environment (proxies, certificates) are found here.
        self._unused: Optional[httpx.AsyncClient] = make()
        self._open: Dict[Place, _Open] = {}

    def stream(self, response: httpx.Response) -> Stream:
        """Reads an answer piece by piece. The caller closes it."""
        return Stream(response)

    async def client(self) -> httpx.AsyncClient:
        """The client of the running loop."""
        place = here()
        found = self._open.get(place)
        if found is None or found.client.is_closed:
            self._leave_others(place)
            made, self._unused = self._unused or self._make(), None
            found = _Open(made, _until_loop_ends(made, place))
            self._open[place] = found
            await found.ending.__anext__()
        return found.client

    async def aclose(self) -> None:
        """Closes the connections of this process, those of other loops as soon as these run."""
        place, unused = here(), self._unused
        self._unused = None
        if unused is not None:
            await unused.aclose()
        self._leave_others(place)
        for known, other in list(self._open.items()):
            self._open.pop(known, None)
            if known == place:
                await other.ending.aclose()
            elif known.loop is not None:
                with contextlib.suppress(RuntimeError):
                    known.loop.call_soon_threadsafe(_close_soon, known.loop, other)

    def _leave_others(self, place: Place) -> None:
        """Forgets what can't be used any more: of the process that this one was forked from, and of closed loops."""
        for known in [one for one in self._open if one != place]:
            if not known.is_in_this_process:
                leave_to_parent(self._open.pop(known, None))
            elif known.loop is not None and known.loop.is_closed():
                other = self._open.pop(known, None)
                if other is not None:
                    _drop(other.client)


async def _until_loop_ends(client: httpx.AsyncClient, place: Place) -> AsyncGenerator[None, None]:
    """Closes the client when the loop ends: `asyncio.run` and others close all asynchronous generators then."""
    try:
        yield
    finally:
        # In a forked child, the loop's selector is the parent's: closing would take the parent's connections out of it.
        if place.is_in_this_process:
            await client.aclose()


def _close_soon(loop: asyncio.AbstractEventLoop, other: _Open) -> None:
    task = loop.create_task(other.ending.aclose())
    task.add_done_callback(lambda _done: None)


def _drop(client: httpx.AsyncClient) -> None:
    """Frees the sockets of a loop that was closed without the end of its generators.

    There is no public way: closing a connection needs its loop. Where the libraries look different, the sockets are
    freed by the garbage collector, with a ResourceWarning.
    """
    for transport in _sockets(client):
        with contextlib.suppress(Exception):
            transport._call_connection_lost(None)


def _sockets(client: httpx.AsyncClient) -> Iterator[Any]:
    for mounted in (client._transport, *client._mounts.values()):
        for connection in getattr(getattr(mounted, "_pool", None), "connections", ()):
            network = getattr(getattr(connection, "_connection", None), "_network_stream", None)
            stream: Any = getattr(network, "_stream", None)
            while hasattr(stream, "transport_stream"):
                stream = stream.transport_stream
            transport = getattr(stream, "_transport", None)
            if transport is not None:
                yield transport
