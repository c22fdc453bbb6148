"""Instants: texts on the wire, `datetime` in a program."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any


def instant_of(value: Any) -> Any:
    """The instant that a text names, in UTC; what names none stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        # Python before 3.11 does not read a Z.
        found = datetime.fromisoformat(f"{value[:-1]}+00:00" if value.endswith(("Z", "z")) else value)
    except ValueError:
        return value
    return found.replace(tzinfo=timezone.utc) if found.tzinfo is None else found.astimezone(timezone.utc)


def text_of(value: datetime) -> str:
    """An instant as the wire has it.

    Raises:
        ValueError: it has no time zone, and could be any instant of a day.
    """
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone, such as datetime.now(timezone.utc)")
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
