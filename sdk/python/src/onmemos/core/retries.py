"""Whether and when a call is repeated."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Callable, Optional

from onmemos.core.contact import Contact
from onmemos.errors import ConnectionFailed, OnMemOSError, ServerAway

FIRST_S = 0.1
LONGEST_S = 5.0
LONGEST_AWAY_S = 2.0
"""Longest pause while the service is away, so that it is found soon after its restart."""
LONGEST_ASKED_S = 60.0
AFTER_A_CUT = 10
"""Attempts for a call that continues at the service after a break."""
WORKING_S = 1.0
"""Seconds after which a connection with a waiting call counts as a working one."""


@dataclass
class Retries:
    """The attempts of one call: full jitter below a bound that doubles from 0.1 s up to 5 s.

    A service that has answered this client before, and can't be reached now, is asked again until it has been away for
    `reconnect` seconds.
    """

    most: int
    """How often a call is repeated at most. With 0 nothing is waited for."""
    made: int = 0
    rng: Callable[[], float] = field(default=random.random, repr=False)
    contact: Contact = field(default_factory=Contact, repr=False)
    reconnect: float = 0.0
    url: str = ""
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _since: Optional[float] = field(default=None, repr=False)
    _away: Optional[float] = field(default=None, repr=False)

    def pause(self, error: OnMemOSError) -> Optional[float]:
        """Seconds until the next attempt; None if there is none, and then `reason` says why."""
        self._away = None
        if error._is_away and isinstance(error, ConnectionFailed):
            self.contact.failed(refused=error._is_refused)
        if not error.retryable or self.most == 0:
            return None
        asked = error.retry_after or 0.0
        if asked > LONGEST_ASKED_S:
            return None
        self._away = self._away_for() if error._is_away else None
        waits = self._away is not None and self._away < self.reconnect
        if self.made >= self.most and not waits:
            return None
        bound = min(LONGEST_AWAY_S if waits else LONGEST_S, FIRST_S * (2.0 ** min(self.made, 10)))
        self.made += 1
        return asked + self.rng() * bound

    def reason(self, error: OnMemOSError) -> OnMemOSError:
        """What the caller is told after the last attempt."""
        if self._away is None or self.reconnect <= 0:
            return error
        return ServerAway(self.url, self._away)

    def goes_on(self) -> None:
        """The work continues at the service without the connection, so it is asked for longer."""
        if self.most > 0:
            self.most = max(self.most, AFTER_A_CUT)

    def progressed(self) -> None:
        """Something was received, so the next attempt is the first one again."""
        self.made = 0
        self._since = None

    def _away_for(self) -> Optional[float]:
        """How long this could not be done: the service may answer, and still break off each connection."""
        now = self.clock()
        away = self.contact.away(now)
        if self._since is None:
            self._since = now
        return None if away is None else max(away, now - self._since)
