"""Connections of threads."""

from __future__ import annotations

import contextlib
import socket
import weakref
from collections import deque
from typing import Callable, Deque, Dict, Iterator, Optional, Tuple

import httpx

from onmemos.pools.owner import Place, leave_to_parent, process_mark


def here() -> Place:
    """The present process."""
    return Place(process_mark())


_Open = Tuple[Place, httpx.Response, Iterator[bytes]]


class Stream:
    """An answer that is read piece by piece, on a connection of its own until it is closed.

    Where the last reference to it goes without that, its connection breaks at once, and the next use of the pool closes
    the rest. It can't be closed at once: the garbage collector may run while this thread holds the lock of httpcore's
    pool, and closing takes that lock.
    """

    def __init__(self, response: httpx.Response, dropped: Deque[_Open]) -> None:
        self.place = here()
        self._response = response
        self._pieces = response.iter_bytes()
        # It holds both, so that the garbage collector does not close them.
        self._finalizer = weakref.finalize(self, _drop, (self.place, response, self._pieces), dropped)

    def next_piece(self) -> Optional[bytes]:
        """The next piece; None at the end."""
        return next(self._pieces, None)

    def close(self) -> None:
        """Closes it."""
        if self._finalizer.detach() is not None:
            self._response.close()


def _drop(held: _Open, dropped: Deque[_Open]) -> None:
    """Breaks the connection of a stream that nothing refers to. The garbage collector calls it: it takes no lock."""
    place, response, _pieces = held
    if place.is_in_this_process:
        with contextlib.suppress(Exception):
            response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)
    dropped.append(held)


class Pool:
    """One HTTP client for each process that uses it: a connection that two processes share mixes up their answers.

    It has no lock: one that another thread holds at a fork would stay locked in the child.
    """

    def __init__(self, make: Callable[[], httpx.Client]) -> None:
        self._make = make
        # Made at once, so that wrong settings of the environment (proxies, certificates) are found here.
        self._unused: Optional[httpx.Client] = make()
        self._clients: Dict[Place, httpx.Client] = {}
        self._dropped: Deque[_Open] = deque()

    def stream(self, response: httpx.Response) -> Stream:
        """Reads an answer piece by piece. The caller closes it."""
        return Stream(response, self._dropped)

    def client(self) -> httpx.Client:
        """The client of this process."""
        self._close_dropped()
        place = here()
        found = self._clients.get(place)
        if found is None:
            self._leave_others(place)
            made, self._unused = self._unused or self._make(), None
            found = self._clients.setdefault(place, made)
            if found is not made:
                made.close()
        return found

    def close(self) -> None:
        """Closes the connections of this process. Those of other processes stay open."""
        self._close_dropped()
        unused, self._unused = self._unused, None
        for client in (unused, self._clients.pop(here(), None)):
            if client is not None:
                client.close()

    def _leave_others(self, place: Place) -> None:
        for other in [known for known in self._clients if known != place]:
            leave_to_parent(self._clients.pop(other, None))

    def _close_dropped(self) -> None:
        while self._dropped:
            # Another thread may have been faster.
            with contextlib.suppress(IndexError):
                held = self._dropped.popleft()
                place, response, _pieces = held
                if place.is_in_this_process:
                    response.close()
                else:
                    leave_to_parent(held)
