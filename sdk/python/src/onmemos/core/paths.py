"""Paths and bodies of requests."""

from __future__ import annotations

import uuid
from typing import Any, Dict, Mapping, Optional
from urllib.parse import quote


def path(*parts: str) -> str:
    """A path below /v1 of which every part is escaped.

    Raises:
        ValueError: a part is empty, which would name another route.
    """
    for part in parts:
        if not isinstance(part, str) or not part or part in (".", ".."):
            raise ValueError(f"an id is a text that is not empty, not {part!r}")
    return "/v1/" + "/".join(quote(str(part), safe="") for part in parts)


def given(**values: Any) -> Dict[str, Any]:
    """The values that are not None; an underscore behind a name (`from_`) is dropped."""
    return {name.rstrip("_"): value for name, value in values.items() if value is not None}


def query(values: Optional[Mapping[str, Any]]) -> Dict[str, str]:
    """Values as a query has them."""
    return {name: _text(value) for name, value in (values or {}).items() if value is not None}


def new_key() -> str:
    """An idempotency key: one for a call, kept over its retries."""
    return uuid.uuid4().hex


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
