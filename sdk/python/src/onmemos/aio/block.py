"""A session that a `with` block ends."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Mapping, Optional

from onmemos.aio.making import AsyncSessionCreation
from onmemos.aio.session import DELETE_HELD_S, AsyncSession
from onmemos.aio.transport import AsyncTransport
from onmemos.core.specs import for_somebody
from onmemos.runtime import asynchronous as runtime
from onmemos.runtime.termination import Block


async def create_session(
    transport: AsyncTransport, body: Mapping[str, Any], wait: Optional[float] = None, end_wait: float = 0.0
) -> AsyncSession:
    """Creates a session and waits up to `wait` seconds (default: the client's `wait`) until it runs.

    If the call is broken off, the session is ended. `end_wait` is how long its end is waited for, in seconds.
    """
    creation = AsyncSessionCreation(transport, for_somebody(body, transport.target.user), end_wait)
    held = transport.wait if wait is None else wait
    return AsyncSession(transport, await creation.send({"wait": f"{held:g}"}, held))


class AsyncSessionBlock:
    """Creates a session when the block begins, and ends it when the block is left: normally, by an error, by Ctrl-C,
    or by SIGTERM or SIGHUP in the main thread. After such a signal, handlers that were set before run, and the program
    exits with 143 or 129.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        body: Mapping[str, Any],
        wait: Optional[float] = None,
        auto_cleanup: bool = True,
    ) -> None:
        self._transport = transport
        self._body = body
        self._wait = wait
        self._auto_cleanup = auto_cleanup
        self._block: Optional[Block] = None
        self._session: Optional[AsyncSession] = None

    # Hidden from type checkers, which say it better.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(f"no {name!r} before the block is entered: use it with `with`, or sessions.create()")

    async def __aenter__(self) -> AsyncSession:
        """Creates the session and waits until it runs.

        Raises:
            SessionFailed: the session has failed; the message says what to do.
            OnMemOSError: the service refused the session.
        """
        block = runtime.new_block()
        if self._auto_cleanup:
            block.open()
        try:
            session = await create_session(self._transport, self._body, self._wait, DELETE_HELD_S)
            self._session = session
            await session.ready()
        except BaseException as error:
            await self._abandon(block, error)
            raise
        self._block = block
        return session

    async def __aexit__(self, _kind: object, error: Optional[BaseException], _trace: object) -> None:
        session, block = self._session, self._block
        if session is not None and block is not None and self._auto_cleanup:
            await session._leave(block, error)

    async def _abandon(self, block: Block, error: BaseException) -> None:
        """Ends a session that was begun, if the block could not be entered."""
        if not self._auto_cleanup or not block.is_ours:
            return
        block.begin_leaving()
        try:
            if self._session is not None and not isinstance(error, GeneratorExit):
                await runtime.finish(partial(self._session._end, hurried=True))
        finally:
            block.close(error)
