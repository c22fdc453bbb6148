"""A command that runs in a session."""

from __future__ import annotations

from datetime import datetime
from typing import Optional, Union

from websockets.exceptions import ConnectionClosed

from onmemos.aio.output import AsyncOutput
from onmemos.aio.stdin import AsyncStdin
from onmemos.aio.transport import AsyncTransport
from onmemos.core.collect import returncode_of
from onmemos.core.frames import VERSION, Frame, FrameDecoder, encode
from onmemos.core.output import Chunk
from onmemos.core.paths import path
from onmemos.core.specs import wire
from onmemos.errors import ConnectionFailed, OnMemOSError
from onmemos.generated import types
from onmemos.runtime import asynchronous as runtime


class AsyncProcess(runtime.BothNames):
    """A command that was started. Iterating returns its output as `Chunk`s, in order and each byte once, also over
    broken connections.

    The command belongs to its session, not to this object: it keeps running if its output is not read. The end of a
    `with` block closes only the connection that reads the output.
    """

    def __init__(
        self,
        transport: AsyncTransport,
        record: types.Exec,
        offset: int = 0,
        stdin: Optional[AsyncStdin] = None,
        hold: Optional[str] = None,
        since: Optional[str] = None,
    ) -> None:
        self.exec = record
        """The last known record of the command."""
        self._transport = transport
        self._output = AsyncOutput(transport, record.session_id, record.exec_id, offset, hold, since)
        self._stdin = stdin or AsyncStdin(transport, record)

    def __repr__(self) -> str:
        return f"<Process {self.exec_id} {self.exec.status}>"

    @property
    def exec_id(self) -> str:
        """Id of the command. `session.process(exec_id)` finds it again."""
        return self.exec.exec_id

    @property
    def returncode(self) -> Optional[int]:
        """Exit code; 124 at the timeout, 128 + n if signal n ended it. None while it runs, as last known."""
        return returncode_of(self.exec)

    @property
    def offset(self) -> int:
        """Offset in bytes of the next output."""
        return self._output.offset

    async def __aenter__(self) -> AsyncProcess:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()

    def __aiter__(self) -> AsyncProcess:
        return self

    async def __anext__(self) -> Chunk:
        """The next piece of output.

        Raises:
            OutputGap: bytes were dropped before they were read. Iterating continues after them.
        """
        try:
            return await self._output.__anext__()
        except StopAsyncIteration:
            self.exec = self._output.exit or await self.refresh()
            raise

    async def refresh(self) -> types.Exec:
        """Reads the record of the command. Raises: ExecNotFound."""
        self.exec = await self._transport.record(types.Exec, "GET", self._path())
        return self.exec

    async def wait(self) -> int:
        """Waits until the command has ended, without reading its output. Returns its return code; -1 if it is lost."""
        if self.returncode is None:
            await self.refresh()
        if self.returncode is None:
            tail = AsyncOutput(self._transport, self.exec.session_id, self.exec_id, self.exec.next_offset)
            self.exec = await tail.drain() or await self.refresh()
        code = self.returncode
        return -1 if code is None else code

    def reattach(self, offset: Optional[int] = None, *, since: Union[str, datetime, None] = None) -> AsyncProcess:
        """A second reader of the same command. It begins where this one is, unless it is told where.

        Args:
            offset: where to begin, in bytes (0: all kept output).
            since: leave out what was read from the command before this instant: a `datetime` with its time zone, or a
                text in ISO 8601. With `offset` too, reading begins at the later of the two.
        """
        if since is not None:
            # A command waits for readers from the beginning alone.
            return AsyncProcess(self._transport, self.exec, offset or 0, self._stdin, since=wire(since))
        if offset is not None:
            return AsyncProcess(self._transport, self.exec, offset, self._stdin, self._output.hold)
        begin = self._output.since
        return AsyncProcess(self._transport, self.exec, self.offset, self._stdin, self._output.hold, begin)

    async def write(self, data: Union[str, bytes]) -> None:
        """Writes to stdin and returns when all bytes are accepted. It waits while the command does not read.

        The command must have been started with `stdin=True`. Writes of several threads or tasks are sent one after
        another.

        Raises:
            Conflict: stdin is closed, or the command has ended.
            Invalid: an earlier write was interrupted before all of its bytes were accepted.
        """
        raw = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        if raw:
            await self._stdin.write(raw)

    async def close_stdin(self) -> None:
        """Closes stdin: the command reads its end. Raises: Conflict if the command has ended."""
        await self._stdin.write(b"", eof=True)

    async def signal(self, name: str) -> None:
        """Sends a signal to the process group of the command.

        Args:
            name: TERM, KILL, INT, HUP, QUIT, USR1, USR2, STOP, CONT or WINCH.

        Raises:
            Conflict: the command has ended.
        """
        body = {"signal": name.upper().replace("SIG", "", 1)}
        self.exec = await self._transport.record(types.Exec, "POST", self._path("signal"), body=body)

    async def kill(self) -> None:
        """Kills the process group of the command (KILL), and returns when it has ended, at the latest after 2 s."""
        self.exec = await self._transport.record(types.Exec, "DELETE", self._path(), held=10.0)

    async def resize(self, cols: int, rows: int) -> None:
        """Changes the size of the terminal, in characters. The command must have been started with `tty`.

        Raises:
            ConnectionFailed: the connection broke before the size was changed.
        """
        record = await self.refresh()
        socket = await self._transport.open_socket(self._path("attach"), {"from": record.next_offset})
        try:
            # The least credit: no output is wanted here. An empty input is answered once what is before it is done.
            await socket.send(encode(Frame("hello", {"version": VERSION, "credit": 1})))
            await socket.send(encode(Frame("resize", {"cols": cols, "rows": rows})))
            await socket.send(encode(Frame("stdin", {"offset": record.stdin_offset, "eof": False})))
            decoder, answered = FrameDecoder(), False
            while not answered:
                message = await socket.recv()
                frames = decoder.feed(message if isinstance(message, bytes) else message.encode())
                answered = any(frame.type in ("accepted", "error", "exit") for frame in frames)
        except ConnectionClosed as error:
            raise ConnectionFailed("The connection broke before the terminal had its new size") from error
        finally:
            await socket.close()

    async def aclose(self) -> None:
        """Closes the connection that reads the output. The command keeps running, and iterating connects again."""
        await self._output.aclose()

    def _give_up(self, error: OnMemOSError) -> None:
        """Ends the reading of its output with this: at the next sign of life of the service, which comes every 15 s."""
        self._output.give_up(error)

    def _path(self, *more: str) -> str:
        return path("sessions", self.exec.session_id, "execs", self.exec_id, *more)
