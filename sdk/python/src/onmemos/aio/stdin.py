"""What is written to a command."""

from __future__ import annotations

import base64

from onmemos.aio.transport import AsyncTransport
from onmemos.core.paths import path
from onmemos.generated import types
from onmemos.runtime import asynchronous as runtime

PART = 4 * 1024 * 1024


class AsyncStdin:
    """A command's stdin, one for all objects that were made of each other.

    Bytes have the offset of their turn, which a write that is broken off keeps: the service may have taken them, and
    then drops what comes again at their place. Where it has not taken them, it refuses what lies behind.
    """

    def __init__(self, transport: AsyncTransport, record: types.Exec) -> None:
        self._transport = transport
        self._path = path("sessions", record.session_id, "execs", record.exec_id, "stdin")
        self._offset = record.stdin_offset
        self._exec = path("sessions", record.session_id, "execs", record.exec_id)
        self._turn = runtime.Lock()
        self._place = runtime.here()

    async def write(self, data: bytes, *, eof: bool = False) -> None:
        """Writes behind all that was written before; with `eof` that is the end.

        Raises:
            Conflict: it is closed, or the command has ended.
            Invalid: a write before was broken off, and not all of it was taken.
        """
        inherited = self._take_turns_here()
        async with self._turn:
            if inherited:
                # The process that this one was forked from may have written meanwhile.
                self._offset = (await self._transport.record(types.Exec, "GET", self._exec)).stdin_offset
            first = self._offset
            self._offset += len(data)
            for start in range(0, max(len(data), 1), PART):
                part = data[start : start + PART]
                await self._send(first + start, part, eof and start + len(part) == len(data))

    def _take_turns_here(self) -> bool:
        """Has a lock that is this event loop's and this process's own; says whether the process is another one now.

        A lock that a thread holds at a fork stays locked in the child.
        """
        here, before = runtime.here(), self._place
        if here != before:
            self._place, self._turn = here, runtime.Lock()
        return here.process != before.process

    async def _send(self, offset: int, data: bytes, eof: bool) -> None:
        encoded = base64.b64encode(data).decode("ascii")
        body = {"offset": offset, "data": encoded, "encoding": "base64", "eof": eof}
        await self._transport.record(types.StdinResult, "POST", self._path, body=body, held=60.0, goes_on=True)
