"""What is known of a call whose caller left before its answer was there."""

from __future__ import annotations

from typing import Optional

from onmemos.core.paths import new_key
from onmemos.errors import ConnectionFailed, OnMemOSError


class Sending:
    """A call under its idempotency key, over all attempts at it."""

    def __init__(self, key: Optional[str] = None) -> None:
        self.key = key or new_key()
        self._begun = False
        self._lost = False

    def note(self, event: str) -> None:
        """Takes an event of the HTTP library: from the first byte of a request on, the service may have it."""
        if event.endswith(".send_request_headers.started"):
            self._begun = True

    def failed(self, error: OnMemOSError) -> None:
        """Takes how an attempt failed: the service may have done what this does not answer."""
        is_lost = isinstance(error, ConnectionFailed) or (error.status or 0) >= 500
        self._lost = self._lost or (self._begun and is_lost)

    def is_left_open(self, error: BaseException) -> bool:
        """Whether it was broken off by this where it may have been done: by a cancellation, Ctrl-C or a signal."""
        # A coroutine that is closed can't wait for anything any more.
        return self._begun and not isinstance(error, (OnMemOSError, GeneratorExit))

    def is_unknown(self, error: BaseException) -> bool:
        """The same, also where the connection failed."""
        return self.is_left_open(error) or (self._begun and isinstance(error, ConnectionFailed))

    def may_be_done(self, error: BaseException) -> bool:
        """The same, also where the answer to an attempt was lost, or was that it is not known."""
        return self.is_left_open(error) or self._lost
