# Made by generate.sh from src/onmemos/aio/block.py: edit that instead.
"""A session that a `with` block ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Optional

from onmemos.core.paths import new_key
from onmemos.core.specs import for_somebody
from onmemos.errors import ConnectionFailed, OnMemOSError
from onmemos.generated import types
from onmemos.generated.sync.session import Session
from onmemos.generated.sync.transport import Transport
from onmemos.runtime import synchronous as runtime
from onmemos.runtime.termination import Block


def create_session(
    transport: Transport, body: Mapping[str, Any], wait: Optional[float] = None, key: Optional[str] = None
) -> Session:
    """Creates a session and waits up to `wait` seconds (default: the client's `wait`) until it runs."""
    held = transport.wait if wait is None else wait
    body = for_somebody(body, transport.target.user)
    options = {"params": {"wait": f"{held:g}"}, "body": body, "key": key, "held": held}
    return Session(transport, transport.record(types.Session, "POST", "/v1/sessions", **options))


class SessionBlock:
    """Creates a session when the block begins, and ends it when the block is left: normally, by an error, by Ctrl-C,
    or by SIGTERM in the main thread. After SIGTERM, handlers that were set before run, and the program exits with 143.
    """

    def __init__(
        self,
        transport: Transport,
        body: Mapping[str, Any],
        wait: Optional[float] = None,
        auto_cleanup: bool = True,
    ) -> None:
        self._transport = transport
        self._body = body
        self._wait = wait
        self._auto_cleanup = auto_cleanup
        self._block: Optional[Block] = None
        self._session: Optional[Session] = None

    # Hidden from type checkers, which say it better.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(f"no {name!r} before the block is entered: use it with `with`, or sessions.create()")

    def __enter__(self) -> Session:
        """Creates the session and waits until it runs.

        Raises:
            SessionFailed: the session has failed; the message says what to do.
            OnMemOSError: the service refused the session.
        """
        block, key = runtime.new_block(), new_key()
        if self._auto_cleanup:
            block.open()
        try:
            session = create_session(self._transport, self._body, self._wait, key)
            self._session = session
            session.ready()
        except BaseException as error:
            self._abandon(block, key, error)
            raise
        self._block = block
        return session

    def __exit__(self, _kind: object, error: Optional[BaseException], _trace: object) -> None:
        session, block = self._session, self._block
        if session is not None and block is not None and self._auto_cleanup:
            session._leave(block, error)

    def _abandon(self, block: Block, key: str, error: BaseException) -> None:
        """Ends a session that was created, if the block could not be entered."""
        if not self._auto_cleanup:
            return
        # A call that was broken off may have made a session all the same: the same key finds it.
        unknown = self._session is None and (not isinstance(error, OnMemOSError) or isinstance(error, ConnectionFailed))
        block.begin_leaving()
        try:
            if unknown:
                runtime.finish(self._find(key))
            if self._session is not None:
                runtime.finish(self._session._end())
        finally:
            block.close(error)

    def _find(self, key: str) -> bool:
        try:
            self._session = create_session(self._transport, self._body, 0, key)
        except OnMemOSError:
            return False
        return True
