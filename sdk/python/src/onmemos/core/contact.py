"""What a client knows of its service's presence, in all its calls."""

from __future__ import annotations

from typing import Optional


class Contact:
    """Shared by all calls of a client, so that one absence is waited for once."""

    def __init__(self) -> None:
        self._away_since: Optional[float] = None
        self.reached = False
        """Whether the service has ever answered. One that never has is not waited for: it may not exist."""

    def answered(self) -> None:
        """The service is there."""
        self.reached = True
        self._away_since = None

    def away(self, now: float) -> Optional[float]:
        """It can't be reached. Returns for how many seconds now; None if it was never reached."""
        if not self.reached:
            return None
        since = self._away_since
        if since is None:
            since = self._away_since = now
        return now - since
