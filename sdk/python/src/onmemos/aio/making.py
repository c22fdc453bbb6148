"""What a call makes while its caller leaves: it is ended or deleted, since nobody knows of it."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any, Callable, Mapping, Optional

from onmemos.aio.transport import AsyncTransport
from onmemos.core import trace
from onmemos.core.execs import CLAIM, new_exec_id, what_goes_on
from onmemos.core.paths import path
from onmemos.core.sending import Sending
from onmemos.errors import (
    Conflict,
    NotFound,
    OnMemOSError,
    ServerAway,
    SessionLeft,
    SessionNotFound,
    SessionNotRunning,
)
from onmemos.generated import types
from onmemos.runtime import asynchronous as runtime

ATTEMPTS = 8
FIRST_PAUSE_S = 0.05


async def undone(undo: Callable[[], Any]) -> None:
    """Undoes what was made. A second Ctrl-C, which people press soon after the first one, does not stop it."""
    try:
        await runtime.finish(undo)
    except KeyboardInterrupt:
        await runtime.finish(undo)
        raise


class AsyncCommand:
    """A command that is started under an id which is chosen beforehand, so that it can be ended at any moment.

    A command with an id of the caller's own is left alone: the caller can find it by that, and may have started it by
    an earlier call.
    """

    def __init__(self, transport: AsyncTransport, session_id: str, exec_id: Optional[str] = None) -> None:
        self.exec_id = exec_id or new_exec_id()
        self.sending = Sending()
        self._own = exec_id is None
        self._transport = transport
        self._session_id = session_id
        self._place = runtime.here()

    async def start(self, body: Mapping[str, Any]) -> types.Exec:
        """Starts it; one whose start is broken off is ended."""
        return types.Exec(await self.send("execs", body))

    async def send(self, route: str, body: Mapping[str, Any], held: float = 0.0) -> Any:
        """The call that starts it, by one of the session's routes. Where it is broken off, the command is ended."""
        where = path("sessions", self._session_id, route)
        options: Any = {"body": {**body, "exec_id": self.exec_id}, "sending": self.sending, "held": held}
        with runtime.new_block():
            try:
                return await self._transport.json("POST", where, **options)
            except ServerAway as error:
                raise what_goes_on(error, self._session_id, self.exec_id) from error.__cause__
            except BaseException as error:
                await self.end_if_left_open(error)
                raise

    async def end_if_left_open(self, error: BaseException) -> None:
        """Ends it where this has broken off the call, or what its caller did with the command."""
        if self._own and self.sending.is_left_open(error) and self._place.is_in_this_process:
            await undone(self._end)

    async def _end(self) -> bool:
        """Ends it, or sees to it that it never starts; says whether that was possible."""
        pause = FIRST_PAUSE_S
        for _ in range(ATTEMPTS):
            try:
                if await self._say_gone_or_claim():
                    return True
            except (SessionNotFound, SessionNotRunning):
                # Its session has ended, and all commands with it.
                return True
            except OnMemOSError as error:
                trace.logger.debug("%s could not be ended: %s", self.exec_id, error)
                return False
            await runtime.sleep(pause)
            pause *= 2
        return False

    async def _say_gone_or_claim(self) -> bool:
        """PIPE says that the caller is gone; the server ends what is left of the command some seconds later."""
        transport = self._transport.brief()
        where = path("sessions", self._session_id, "execs", self.exec_id, "signal")
        try:
            await transport.json("POST", where, body={"signal": "PIPE"})
            return True
        except SessionNotFound:
            raise
        except Conflict:
            # It has ended.
            return True
        except NotFound:
            # The request that starts it may be under way: the id is given to another command, so that it is refused.
            claim = {"command": CLAIM, "exec_id": self.exec_id}
        try:
            await transport.json("POST", path("sessions", self._session_id, "execs"), body=claim)
        except SessionNotRunning:
            raise
        except Conflict:
            return False
        return True


class AsyncCreation:
    """A POST that makes something. What it made is deleted where the call is broken off, by the same key again."""

    def __init__(self, transport: AsyncTransport, where: str, body: Mapping[str, Any]) -> None:
        self.sending = Sending()
        self._transport = transport
        self._where = where
        self._body = body

    async def send(self, params: Optional[Mapping[str, Any]] = None, held: float = 0.0) -> Any:
        """Makes it."""
        options: Any = {"params": params, "body": self._body, "sending": self.sending, "held": held}
        with runtime.new_block():
            try:
                record = await self._transport.json("POST", self._where, **options)
                return await self.completed(record)
            except BaseException as error:
                if self.is_to_be_deleted(error):
                    await undone(partial(self._delete_unseen, error))
                raise

    async def completed(self, record: Mapping[str, Any]) -> Any:
        """What its caller gets. Where the calls that this makes are broken off, what was made is deleted as well."""
        return record

    def is_to_be_deleted(self, error: BaseException) -> bool:
        """Whether it may be there, though this has come instead of the answer."""
        return self.sending.is_left_open(error)

    def params_of_search(self) -> Optional[Mapping[str, Any]]:
        """What the call that finds it asks for."""
        return None

    async def delete(self, transport: AsyncTransport, record: Mapping[str, Any]) -> None:
        """Deletes what was made."""
        raise NotImplementedError

    async def find(self) -> Any:
        """What was made under the key; made now, where the first call did not arrive."""
        again = Sending(self.sending.key)
        return await self._transport.brief().json(
            "POST", self._where, params=self.params_of_search(), body=self._body, sending=again
        )

    def not_found_out(self, error: BaseException, failure: OnMemOSError) -> None:
        """The search for what was made failed. `error` is what its caller gets."""

    def not_deleted(self, error: BaseException, failure: OnMemOSError) -> None:
        """What was made is left."""
        trace.logger.debug("what %s made could not be deleted: %s", self._where, failure)

    async def _delete_unseen(self, error: BaseException) -> None:
        try:
            record = await self.find()
        except OnMemOSError as failure:
            self.not_found_out(error, failure)
            return
        try:
            await self.delete(self._transport.brief(), record)
        except OnMemOSError as failure:
            self.not_deleted(error, failure)


class AsyncSessionCreation(AsyncCreation):
    """The create of a session."""

    def __init__(self, transport: AsyncTransport, body: Mapping[str, Any], end_wait: float) -> None:
        super().__init__(transport, "/v1/sessions", body)
        self._end_wait = end_wait

    def is_to_be_deleted(self, error: BaseException) -> bool:
        """A session costs: it is looked for where the connection failed, too."""
        return self.sending.is_unknown(error)

    def params_of_search(self) -> Optional[Mapping[str, Any]]:
        """It is not waited for."""
        return {"wait": 0}

    async def delete(self, transport: AsyncTransport, record: Mapping[str, Any]) -> None:
        """Ends the session, or warns that it is left."""
        made = types.Session(record)
        try:
            params = {"wait": f"{self._end_wait:g}"}
            await transport.json("DELETE", path("sessions", made.id), params=params, held=self._end_wait)
        except NotFound:
            return
        except OnMemOSError as error:
            warnings.warn(SessionLeft(made.id, made.expires_at, str(error)), stacklevel=2)


class AsyncWorkspaceCreation(AsyncCreation):
    """The create of a workspace."""

    def __init__(self, transport: AsyncTransport, body: Mapping[str, Any]) -> None:
        super().__init__(transport, "/v1/workspaces", body)

    async def delete(self, transport: AsyncTransport, record: Mapping[str, Any]) -> None:
        """Deletes the workspace, unless somebody uses it already."""
        made = types.Workspace(record)
        await transport.json("DELETE", path("workspaces", made.user_id, made.workspace_id))
