"""Connections of threads."""

from __future__ import annotations

from typing import Callable, Dict, Optional

import httpx

from onmemos.pools.owner import Place, leave_to_parent, process_mark


def here() -> Place:
    """The present process."""
    return Place(process_mark())


class Pool:
    """One HTTP client for each process that uses it: a connection that two processes share mixes up their answers.

    It has no lock: one that another thread holds at a fork would stay locked in the child.
    """

    def __init__(self, make: Callable[[], httpx.Client]) -> None:
        self._make = make
        # Made at once, so that wrong settings of the environment (proxies, certificates) are found here.
        self._unused: Optional[httpx.Client] = make()
        self._clients: Dict[Place, httpx.Client] = {}

    def client(self) -> httpx.Client:
        """The client of this process."""
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
        unused, self._unused = self._unused, None
        for client in (unused, self._clients.pop(here(), None)):
            if client is not None:
                client.close()

    def _leave_others(self, place: Place) -> None:
        for other in [known for known in self._clients if known != place]:
            leave_to_parent(self._clients.pop(other, None))
