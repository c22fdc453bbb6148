"""The exceptions: one class for each error code of the service, and some that the client itself raises."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Dict, Optional, Sequence, Tuple, Type

if TYPE_CHECKING:
    from onmemos.generated.types import ExecuteResult


class OnMemOSError(Exception):
    """Base of every error of this library. `str(error)` is the sentence that says what is wrong."""

    code: Optional[str] = None
    """Error code of the service, from a closed list; None if the client itself found the error."""
    _hint: ClassVar[Optional[str]] = None
    _is_away = False
    # Whether the service could not be reached, as while it restarts.
    _is_refused = False
    # Whether that was because no connection came about, rather than that one broke.

    def __init__(
        self,
        message: str,
        *,
        code: Optional[str] = None,
        status: Optional[int] = None,
        request_id: Optional[str] = None,
        retryable: bool = False,
        retry_after: Optional[float] = None,
        hint: Optional[str] = None,
        errors: Sequence[Dict[str, str]] = (),
        details: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        """A sentence that says what is wrong."""
        if code is not None:
            self.code = code
        self.status = status
        """HTTP status; None if there was no answer."""
        self.request_id = request_id
        """Id of the call in the log of the service. Give it to the operator of the service."""
        self.retryable = retryable
        """Whether the same call may succeed if it is repeated unchanged."""
        self.retry_after = retry_after
        """Seconds to wait before that, if the service said so."""
        self.hint = hint if hint is not None else self._hint
        """What to do next."""
        self.errors = list(errors)
        """The invalid fields of the call, each as `{"field", "message"}`."""
        self.details = dict(details or {})
        """Other members of the service's answer."""
        self._note()

    def _note(self) -> None:
        """Shows hint and request id below a traceback, where Python can (3.11 and later)."""
        add_note = getattr(self, "add_note", None)
        if add_note is None:
            return
        for wrong in self.errors:
            add_note(f"{wrong.get('field')}: {wrong.get('message')}")
        if self.hint:
            add_note(f"Hint: {self.hint}")
        if self.request_id:
            add_note(f"Request id: {self.request_id}")

    def _say_also(self, sentence: str) -> None:
        """Adds to what it says is wrong."""
        self.message = f"{self.message.rstrip('.')}. {sentence}"
        self.args = (self.message,)

    def _show_cause(self, cause: str) -> None:
        """Keeps why no connection came about, and shows it below a traceback."""
        self.details["cause"] = cause
        if hasattr(self, "add_note"):
            self.add_note(f"Cause: {cause}")


class Malformed(OnMemOSError):
    """400: the request could not be read."""

    code = "malformed"
    _hint = "Check that the client is of a version that this server knows."


class Unauthenticated(OnMemOSError):
    """401: no key, or one that is unknown, expired or revoked."""

    code = "unauthenticated"
    _hint = "Give api_key=… or set ONMEMOS_API_KEY; the key of a local server is in admin.key of its data folder."


class Forbidden(OnMemOSError):
    """403: the key is not allowed to do this."""

    code = "forbidden"
    _hint = "Use a key with the scope or role that this call needs."


class NotFound(OnMemOSError):
    """404: it does not exist, or this key can't see it."""

    code = "not_found"
    _hint = "Check the id, and that the key is of the user who owns it."


class SessionNotFound(NotFound):
    """404: the session does not exist, or this key can't see it."""

    _hint = "List the sessions that this key can see with client.sessions.list()."


class WorkspaceNotFound(NotFound):
    """404: the workspace does not exist, or this key can't see it."""

    _hint = (
        "Make it with client.workspaces.create(), or list those that this key sees: client.workspaces.list(user_id)."
    )


class ExecNotFound(NotFound):
    """404: the session has no such command."""

    _hint = "List the commands of a session with client.execs.list(session_id)."


class Conflict(OnMemOSError):
    """409: the call conflicts with the current state, such as a name that is taken."""

    code = "conflict"


class SessionNotRunning(OnMemOSError):
    """409: the session does not run yet, or has ended."""

    code = "session_not_running"
    _hint = "Look at the session's status and status_message; an ended session is not started again: make another."


class EntitlementDenied(OnMemOSError):
    """409: the user's type does not allow this."""

    code = "entitlement_denied"
    _hint = "client.users.entitlements(user_id) says what is allowed; an admin can change the user's type."


class QuotaExceeded(OnMemOSError):
    """409: a limit on the number of sessions, workspaces, volumes or buckets is reached."""

    code = "quota_exceeded"
    _hint = "End sessions or delete what is not needed; client.users.entitlements(user_id) says limits and use."


class StorageExceeded(OnMemOSError):
    """409: not enough storage is left in the workspace."""

    code = "storage_exceeded"
    _hint = "Ask for less, or delete volumes and buckets of the workspace."


class BudgetExceeded(OnMemOSError):
    """409: the user's budget for this month does not cover it."""

    code = "budget_exceeded"
    _hint = "Take a smaller package, smaller storage or a shorter ttl_minutes, or have an admin raise the budget."


class TooLarge(OnMemOSError):
    """413: the request is larger than the service accepts."""

    code = "too_large"
    _hint = "Send it in smaller parts, such as through a process's write()."


class Invalid(OnMemOSError):
    """422: a field is invalid; `errors` has the fields."""

    code = "invalid"
    _hint = "Correct the fields named in errors."

    @property
    def exit_code(self) -> Optional[int]:
        """Of a command that could not be started, the exit code that a shell would give it.

        127 if there is no such program, 126 if it can't be run or its folder can't be entered. None of any other call.
        """
        code = self.details.get("exit_code")
        return code if isinstance(code, int) else None


class IdempotencyMismatch(OnMemOSError):
    """422: the idempotency key was used for another request."""

    code = "idempotency_mismatch"
    _hint = "Take a new idempotency key for each new request."


class RateLimited(OnMemOSError):
    """429: too many requests; `retry_after` says how many seconds to wait."""

    code = "rate_limited"
    _hint = "Call less often, or raise max_retries."


class Internal(OnMemOSError):
    """500: an error in the service. Its log has the cause, under `request_id`."""

    code = "internal"
    _hint = "Report it, with the request id, to the operator of the service."


class ProviderFailed(OnMemOSError):
    """502: the provider refused. Repeating the call unchanged does not help."""

    code = "provider_failed"
    _hint = "Change what the sentence names, or take another provider (client.providers.list())."


class Unavailable(OnMemOSError):
    """503: not available at the moment. The call can be repeated."""

    code = "unavailable"
    _hint = "Call again in a while."


class ProviderTimeout(OnMemOSError):
    """504: a provider did not answer in time. The call can be repeated."""

    code = "timeout"
    _hint = "Call again in a while."


class ConnectionFailed(OnMemOSError):
    """The service could not be reached, or did not answer within the client's timeout."""

    _hint = "Check that the server runs, that base_url is right, and whether a firewall or proxy blocks the connection."


class InvalidSignature(OnMemOSError):
    """A message to a webhook is not from the server, or it is too old."""

    _hint = "Check that the secret is that of this webhook, and that the body is verified as it came."


class ServerAway(ConnectionFailed):
    """A service that had answered this client before was away for longer than `reconnect_seconds`.

    What runs in sessions may go on without it; the message says how to find it again.
    """

    def __init__(self, url: str, seconds: float, next: str = "Make the same call again once it answers.") -> None:
        super().__init__(f"The server at {url} has been away for {seconds:.0f} s. {next}", retryable=True)
        self.url = url
        """Address of the service."""
        self.seconds = seconds
        """For how many seconds it was away."""


class InvalidOption(OnMemOSError, ValueError):
    """An option of the client, or the environment variable that it comes from, can't be used. Nothing was sent."""


class SessionFailed(OnMemOSError):
    """The session failed before it could be used. `session` is its record."""

    def __init__(self, message: str, session: Dict[str, Any]) -> None:
        super().__init__(message, details={"status_reason": session.get("status_reason")})
        self.session = session


class CommandFailed(OnMemOSError):
    """A command with `check=True` had a return code other than 0. `result` has its output."""

    def __init__(self, message: str, result: ExecuteResult) -> None:
        super().__init__(message)
        self.result = result
        self.returncode: int = result.returncode


class CommandTimeout(CommandFailed):
    """A command with `check=True` was ended by its timeout. `result` has its output until then."""


class OutputGap(OnMemOSError):
    """Output was dropped before it was read: the bytes from `start` up to `end`, without `end` (offsets in the log).

    Reading can continue: the next chunk starts at `end`.
    """

    _hint = "Read sooner, or start the command with a larger log_limit_mb."

    def __init__(self, exec_id: str, start: int, end: int) -> None:
        super().__init__(f"{end - start} bytes of the output of {exec_id} were dropped before they were read")
        self.exec_id = exec_id
        self.start = start
        self.end = end


class SessionLeft(OnMemOSError, UserWarning):
    """A warning: the session could not be ended. It keeps running, and costing, until its time to live is over."""

    _hint = "End it with client.delete_session(session_id) when the server can be reached again."

    def __init__(self, session_id: str, expires_at: Optional[datetime], why: str) -> None:
        until = f"its TTL ends it at {expires_at:%Y-%m-%d %H:%M:%S} UTC" if expires_at else "its TTL ends it"
        super().__init__(f"Session {session_id} could not be ended and is left running until {until}: {why}")
        self.session_id = session_id
        self.expires_at = expires_at


class SecretLost(OnMemOSError, UserWarning):
    """The answer with the secret of a new key or webhook was lost, and no other could be made in its place.

    A warning where the caller has left meanwhile.
    """

    _hint = "Remove what the message names, then make the same call again."

    def __init__(self, message: str, *, left: Optional[str] = None, retryable: bool = False) -> None:
        super().__init__(message, retryable=retryable)
        self.left = left
        """Id of the key or webhook that is left without a known secret; None if nothing is left."""


def _by_code(*classes: Type[OnMemOSError]) -> Dict[str, Type[OnMemOSError]]:
    return {kind.code: kind for kind in classes if kind.code is not None}


BY_CODE: Dict[str, Type[OnMemOSError]] = _by_code(
    Malformed,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    SessionNotRunning,
    EntitlementDenied,
    QuotaExceeded,
    StorageExceeded,
    BudgetExceeded,
    TooLarge,
    Invalid,
    IdempotencyMismatch,
    RateLimited,
    Internal,
    ProviderFailed,
    Unavailable,
    ProviderTimeout,
)
"""The exception class of each error code."""

BY_STATUS: Tuple[Tuple[int, Type[OnMemOSError]], ...] = (
    (400, Malformed),
    (401, Unauthenticated),
    (403, Forbidden),
    (404, NotFound),
    (409, Conflict),
    (413, TooLarge),
    (422, Invalid),
    (429, RateLimited),
    (500, Internal),
    (502, Unavailable),
    (503, Unavailable),
    (504, ProviderTimeout),
)
"""For error answers that do not come from the service, such as those of a proxy."""
