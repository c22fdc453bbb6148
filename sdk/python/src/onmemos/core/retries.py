"""Whether and when a call is repeated."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Callable, Optional

from onmemos.errors import OnMemOSError

FIRST_S = 0.1
LONGEST_S = 5.0
LONGEST_ASKED_S = 60.0
AFTER_A_CUT = 10
"""Attempts for a call that continues at the service after a break. They take about 15 s, enough for a restart."""
WORKING_S = 1.0
"""Seconds after which a connection with a waiting call counts as a working one."""


@dataclass
class Retries:
    """The attempts of one call: full jitter below a bound that doubles from 0.1 s up to 5 s."""

    most: int
    """How often a call is repeated at most."""
    made: int = 0
    rng: Callable[[], float] = field(default=random.random, repr=False)

    def pause(self, error: OnMemOSError) -> Optional[float]:
        """Seconds until the next attempt; None if there is none."""
        if not error.retryable or self.made >= self.most:
            return None
        asked = error.retry_after or 0.0
        if asked > LONGEST_ASKED_S:
            return None
        bound = min(LONGEST_S, FIRST_S * (2.0**self.made))
        self.made += 1
        return asked + self.rng() * bound

    def goes_on(self) -> None:
        """The work continues at the service without the connection, so it is asked for longer."""
        if self.most > 0:
            self.most = max(self.most, AFTER_A_CUT)

    def progressed(self) -> None:
        """Something was received, so the next attempt is the first one again."""
        self.made = 0
