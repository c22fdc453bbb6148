"""What tells notices from other entries of the audit log."""

from __future__ import annotations

from onmemos.errors import ConnectionFailed, OnMemOSError

NOTICE = "notice"
NEWEST = 100
"""Entries that one question for the notices of a user asks for."""
EVERY_S = 2.0
"""Seconds between two questions."""


def is_last(action: str) -> bool:
    """Whether nothing more happens to a session after this."""
    return action in ("session.terminated", "session.failed")


def passes(error: OnMemOSError) -> bool:
    """Whether the same question may succeed later."""
    return error.retryable or isinstance(error, ConnectionFailed)
