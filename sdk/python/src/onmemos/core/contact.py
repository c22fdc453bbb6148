"""What a client knows of its service's presence, in all its calls."""

from __future__ import annotations

from typing import Optional


class Contact:
    """Shared by all calls of a client, so that one absence is waited for once."""

    def __init__(self) -> None:
        self._away_since: Optional[float] = None
        self.reached = False
        """Whether the service is known to exist: it has answered, or was there and went away under a call. One that
        is not known is not waited for."""
        self._broke = False

    def answered(self) -> None:
        """The service is there."""
        self.reached = True
        self._away_since = None

    def failed(self, *, refused: bool) -> None:
        """A call failed. A connection that breaks may be another program's; refused after that, it is a restart."""
        if not refused:
            self._broke = True
        elif self._broke:
            self.reached = True

    def away(self, now: float) -> Optional[float]:
        """It can't be reached. Returns for how many seconds now; None if it was never reached."""
        if not self.reached:
            return None
        since = self._away_since
        if since is None:
            since = self._away_since = now
        return now - since
