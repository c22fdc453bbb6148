"""Answers that are errors, made into exceptions."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from typing import Any, Dict, Mapping, Optional, Type

import httpx

from onmemos.errors import (
    BY_CODE,
    BY_STATUS,
    ConnectionFailed,
    ExecNotFound,
    NotFound,
    OnMemOSError,
    SessionNotFound,
    Unauthenticated,
    WorkspaceNotFound,
)

_SAID = {"type", "title", "status", "detail", "code", "request_id", "retryable", "errors"}
_PROXY_STATUS = {500, 502, 503, 504}
_AWAY_STATUS = {502, 503, 504}


def error_of(status: int, headers: Mapping[str, str], body: bytes) -> OnMemOSError:
    """The exception for an answer of 400 and above; `headers` are looked up in lower case."""
    problem = _problem(headers, body)
    retry_after = _seconds(headers.get("retry-after"))
    if problem is None:
        return _of_proxy(status, headers, body, retry_after)
    code = problem["code"]
    sentence = str(problem.get("detail") or problem.get("title") or f"HTTP {status}")
    kind = BY_CODE.get(code, _by_status(status))
    if kind is Unauthenticated:
        sentence = "Authentication failed - check API key"
    return _narrowed(kind, problem.get("resource"))(
        sentence,
        code=code,
        status=status,
        request_id=problem.get("request_id"),
        retryable=bool(problem.get("retryable")) or status in (429, 503),
        retry_after=retry_after,
        errors=problem.get("errors") or (),
        details={name: value for name, value in problem.items() if name not in _SAID},
    )


def unreachable(url: str, cause: Exception, *, retryable: bool = True) -> ConnectionFailed:
    """No connection, or one that broke before the answer was there."""
    error = ConnectionFailed(f"Connection error - is the server running at {url}?", retryable=retryable)
    error._show_cause(str(cause) or type(cause).__name__)
    error._is_away = retryable
    error._is_refused = isinstance(cause, (httpx.ConnectError, ConnectionRefusedError))
    return error


def broken_off() -> ConnectionFailed:
    """An answer that ended too early: a proxy, or a service that stops."""
    error = ConnectionFailed("The connection ended before the command's output had", retryable=True)
    error._is_away = True
    return error


def no_file_left(url: str) -> ConnectionFailed:
    """The operating system gives this program no further connection."""
    return ConnectionFailed(
        f"This program has as many open files and connections as it may; one more, to {url}, could not be opened",
        retryable=True,
        hint="Raise the limit (`ulimit -n`), or read the output of fewer commands at a time.",
    )


def unsendable(url: str) -> OnMemOSError:
    """A request that HTTP can't carry, whose text is not shown: it may have a key in it."""
    return OnMemOSError(
        f"A request to {url} could not be sent: a header has characters that no header may have",
        hint="Check api_key and the idempotency key (key=…).",
    )


def unanswered(url: str, seconds: float) -> ConnectionFailed:
    """A connection on which no answer came in time."""
    return ConnectionFailed(
        f"No answer from {url} within {seconds:g} s",
        retryable=True,
        hint="Raise the client's timeout, or look whether the server is overloaded.",
    )


def unreadable(url: str, status: int, body: bytes) -> ConnectionFailed:
    """An answer that is no error, but not the service's either."""
    error = ConnectionFailed(
        f"{url} does not answer as OnMemOS does - is the URL right?",
        status=status,
        hint="Check that base_url names the OnMemOS service itself.",
    )
    error.details = {"answer": body[:200].decode("utf-8", "replace")}
    return error


def _problem(headers: Mapping[str, str], body: bytes) -> Optional[Dict[str, Any]]:
    if "json" not in headers.get("content-type", ""):
        return None
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) and isinstance(value.get("code"), str) else None


def _of_proxy(status: int, headers: Mapping[str, str], body: bytes, retry_after: Optional[float]) -> OnMemOSError:
    kind = _by_status(status)
    sentence = f"HTTP {status} without a problem of OnMemOS: {body[:200].decode('utf-8', 'replace').strip() or 'empty'}"
    if kind is Unauthenticated:
        sentence = "Authentication failed - check API key"
    error = kind(
        sentence,
        status=status,
        request_id=headers.get("x-request-id"),
        retryable=status in _PROXY_STATUS or status == 429,
        retry_after=retry_after,
        hint="Check that base_url names the OnMemOS service, and what a proxy before it says.",
    )
    error._is_away = status in _AWAY_STATUS
    return error


def _by_status(status: int) -> Type[OnMemOSError]:
    return dict(BY_STATUS).get(status, OnMemOSError)


_NOT_FOUND = {"session": SessionNotFound, "workspace": WorkspaceNotFound, "exec": ExecNotFound}


def _narrowed(kind: Type[OnMemOSError], resource: object) -> Type[OnMemOSError]:
    """The class of what is not found."""
    return _NOT_FOUND.get(str(resource), kind) if kind is NotFound else kind


def _seconds(value: Optional[str]) -> Optional[float]:
    """What Retry-After says: seconds, or the instant when they are over."""
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
