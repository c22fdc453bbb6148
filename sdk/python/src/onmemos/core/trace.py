"""What the debug log says of requests and answers. Never a key, a ticket or a value of an environment."""

from __future__ import annotations

import json
import logging
from typing import Any, Optional

from onmemos.core.shown import SECRET_FIELDS

logger = logging.getLogger("onmemos")
_SECRET_FIELDS = SECRET_FIELDS | {"env", "data"}
_LONGEST = 2_000

# The WebSocket library logs whole handshakes, key included, when it is asked for debug: so it is not.
websocket_logger = logging.getLogger("onmemos.websocket")
websocket_logger.setLevel(logging.INFO)


def log_request(method: str, url: str, params: Any, body: Any) -> None:
    """One line for a request that is about to be sent."""
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("request %s %s params=%s body=%s", method, url, params or {}, _shown(body))


def log_response(method: str, url: str, status: int, request_id: Optional[str], body: bytes) -> None:
    """One line for an answer."""
    if logger.isEnabledFor(logging.DEBUG):
        try:
            shown = _shown(json.loads(body)) if body else ""
        except ValueError:
            shown = f"{len(body)} bytes"
        logger.debug("response %s %s status=%d request_id=%s body=%s", method, url, status, request_id, shown)


def log_retry(error: Exception, pause: float) -> None:
    """One line for a call that is made again."""
    logger.debug("again in %.2f s after: %s", pause, error)


def _shown(value: Any) -> str:
    text = json.dumps(_redacted(value), ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _redacted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "…" if name in _SECRET_FIELDS and item else _redacted(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_redacted(item) for item in value]
    return value
