# Made by generate.sh from src/onmemos/aio/block.py: edit that instead.
"""A session that a `with` block ends."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Mapping, Optional

from onmemos.core.specs import for_somebody
from onmemos.generated.sync.making import SessionCreation
from onmemos.generated.sync.session import DELETE_HELD_S, Session
from onmemos.generated.sync.transport import Transport
from onmemos.runtime import synchronous as runtime
from onmemos.runtime.termination import Block


def create_session(
    transport: Transport, body: Mapping[str, Any], wait: Optional[float] = None, end_wait: float = 0.0
) -> Session:
    """Creates a session and waits up to `wait` seconds (default: the client's `wait`) until it runs.

    If the call is broken off, the session is ended. `end_wait` is how long its end is waited for, in seconds.
    """
    creation = SessionCreation(transport, for_somebody(body, transport.target.user), end_wait)
    held = transport.wait if wait is None else wait
    return Session(transport, creation.send({"wait": f"{held:g}"}, held))


class SessionBlock:
    """Creates a session when the block begins, and ends it when the block is left: normally, by an error, by Ctrl-C,
    or by SIGTERM or SIGHUP in the main thread. After such a signal, handlers that were set before run, and the program
    exits with 143 or 129.
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
        block = runtime.new_block()
        if self._auto_cleanup:
            block.open()
        try:
            session = create_session(self._transport, self._body, self._wait, DELETE_HELD_S)
            self._session = session
            session.ready()
        except BaseException as error:
            self._abandon(block, error)
            raise
        self._block = block
        return session

    def __exit__(self, _kind: object, error: Optional[BaseException], _trace: object) -> None:
        session, block = self._session, self._block
        if session is not None and block is not None and self._auto_cleanup:
            session._leave(block, error)

    def _abandon(self, block: Block, error: BaseException) -> None:
        """Ends a session that was begun, if the block could not be entered."""
        if not self._auto_cleanup or not block.is_ours:
            return
        block.begin_leaving()
        try:
            if self._session is not None and not isinstance(error, GeneratorExit):
                runtime.finish(partial(self._session._end, hurried=True))
        finally:
            block.close(error)
