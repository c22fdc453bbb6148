"""What connections raise, as this library's errors."""

from __future__ import annotations

import errno
import ssl
from contextlib import contextmanager
from typing import Iterator, Optional, Union

import httpx
from websockets.exceptions import InvalidStatus, WebSocketException

from onmemos.core.problems import error_of, no_file_left, unanswered, unreachable, unsendable
from onmemos.errors import ConnectionFailed


def certificates(url: str) -> Union[bool, ssl.SSLContext]:
    """Which certificates requests to `url` accept: for plain HTTP none, since reading them all takes 25 ms."""
    return True if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextmanager
def connection_errors(url: str, limit: float) -> Iterator[None]:
    """Around a request to `url` that has `limit` seconds."""
    try:
        yield
    except (httpx.ReadTimeout, httpx.WriteTimeout):
        raise unanswered(url, limit) from None
    except httpx.LocalProtocolError:
        # Its text may have the header that can't be sent, which may be the key.
        raise unsendable(url) from None
    except httpx.UnsupportedProtocol as error:
        raise unreachable(url, error, retryable=False) from None
    except (httpx.TransportError, httpx.StreamError) as error:
        # The error says the cause; the frames of the libraries below say no more.
        raise _unreachable(url, error) from None


@contextmanager
def socket_errors(url: str) -> Iterator[None]:
    """Around the opening of a WebSocket to `url`."""
    try:
        yield
    except InvalidStatus as error:
        answer = error.response
        headers = {name.lower(): value for name, value in answer.headers.raw_items()}
        raise error_of(answer.status_code, headers, bytes(answer.body or b"")) from None
    except (OSError, WebSocketException) as error:
        raise _unreachable(url, error) from None


def _unreachable(url: str, error: Exception) -> ConnectionFailed:
    cause: Optional[BaseException] = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE):
            return no_file_left(url)
        cause = cause.__cause__ or cause.__context__
    return unreachable(url, error)
