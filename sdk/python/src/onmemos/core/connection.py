"""What connections raise, as this library's errors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator

import httpx
from websockets.exceptions import InvalidStatus, WebSocketException

from onmemos.core.problems import error_of, unanswered, unreachable


@contextmanager
def connection_errors(url: str, limit: float) -> Iterator[None]:
    """Around a request to `url` that has `limit` seconds."""
    try:
        yield
    except (httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout) as error:
        raise unanswered(url, limit) from error
    except httpx.UnsupportedProtocol as error:
        raise unreachable(url, error, retryable=False) from error
    except (httpx.TransportError, httpx.StreamError) as error:
        raise unreachable(url, error) from error


@contextmanager
def socket_errors(url: str) -> Iterator[None]:
    """Around the opening of a WebSocket to `url`."""
    try:
        yield
    except InvalidStatus as error:
        answer = error.response
        headers = {name.lower(): value for name, value in answer.headers.raw_items()}
        raise error_of(answer.status_code, headers, bytes(answer.body or b"")) from error
    except (OSError, WebSocketException) as error:
        raise unreachable(url, error) from error
