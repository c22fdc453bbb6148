# Made by generate.sh from src/onmemos/aio/process.py: edit that instead.
"""A command that runs in a session."""

from __future__ import annotations

from datetime import datetime
from typing import Optional, Union

from websockets.exceptions import ConnectionClosed

from onmemos.core.collect import returncode_of
from onmemos.core.frames import VERSION, Frame, FrameDecoder, encode
from onmemos.core.output import Chunk
from onmemos.core.paths import path
from onmemos.core.specs import wire
from onmemos.errors import ConnectionFailed, OnMemOSError
from onmemos.generated import types
from onmemos.generated.sync.output import Output
from onmemos.generated.sync.stdin import Stdin
from onmemos.generated.sync.transport import Transport
from onmemos.runtime import synchronous as runtime


class Process(runtime.BothNames):
    """A command that was started. Iterating returns its output as `Chunk`s, in order and each byte once, also over
    broken connections.

    The command belongs to its session, not to this object: it keeps running if its output is not read. The end of a
    `with` block closes only the connection that reads the output.
    """

    def __init__(
        self,
        transport: Transport,
        record: types.Exec,
        offset: int = 0,
        stdin: Optional[Stdin] = None,
        hold: Optional[str] = None,
        since: Optional[str] = None,
    ) -> None:
        self.exec = record
        """The last known record of the command."""
        self._transport = transport
        self._output = Output(transport, record.session_id, record.exec_id, offset, hold, since)
        self._stdin = stdin or Stdin(transport, record)

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

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def __iter__(self) -> Process:
        return self

    def __next__(self) -> Chunk:
        """The next piece of output.

        Raises:
            OutputGap: bytes were dropped before they were read. Iterating continues after them.
        """
        try:
            return self._output.__next__()
        except StopIteration:
            self.exec = self._output.exit or self.refresh()
            raise

    def refresh(self) -> types.Exec:
        """Reads the record of the command. Raises: ExecNotFound."""
        self.exec = self._transport.record(types.Exec, "GET", self._path())
        return self.exec

    def wait(self) -> int:
        """Waits until the command has ended, without reading its output. Returns its return code; -1 if it is lost."""
        if self.returncode is None:
            self.refresh()
        if self.returncode is None:
            tail = Output(self._transport, self.exec.session_id, self.exec_id, self.exec.next_offset)
            self.exec = tail.drain() or self.refresh()
        code = self.returncode
        return -1 if code is None else code

    def reattach(self, offset: Optional[int] = None, *, since: Union[str, datetime, None] = None) -> Process:
        """A second reader of the same command. It begins where this one is, unless it is told where.

        Args:
            offset: where to begin, in bytes (0: all kept output).
            since: leave out what was read from the command before this instant: a `datetime` with its time zone, or a
                text in ISO 8601. With `offset` too, reading begins at the later of the two.
        """
        if since is not None:
            # A command waits for readers from the beginning alone.
            return Process(self._transport, self.exec, offset or 0, self._stdin, since=wire(since))
        if offset is not None:
            return Process(self._transport, self.exec, offset, self._stdin, self._output.hold)
        begin = self._output.since
        return Process(self._transport, self.exec, self.offset, self._stdin, self._output.hold, begin)

    def write(self, data: Union[str, bytes]) -> None:
        """Writes to stdin and returns when all bytes are accepted. It waits while the command does not read.

        The command must have been started with `stdin=True`. Writes of several threads or tasks are sent one after
        another.

        Raises:
            Conflict: stdin is closed, or the command has ended.
            Invalid: an earlier write was interrupted before all of its bytes were accepted.
        """
        raw = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        if raw:
            self._stdin.write(raw)

    def close_stdin(self) -> None:
        """Closes stdin: the command reads its end. Raises: Conflict if the command has ended."""
        self._stdin.write(b"", eof=True)

    def signal(self, name: str) -> None:
        """Sends a signal to the process group of the command.

        Args:
            name: TERM, KILL, INT, HUP, QUIT, USR1, USR2, STOP, CONT or WINCH.

        Raises:
            Conflict: the command has ended.
        """
        body = {"signal": name.upper().replace("SIG", "", 1)}
        self.exec = self._transport.record(types.Exec, "POST", self._path("signal"), body=body)

    def kill(self) -> None:
        """Kills the process group of the command (KILL), and returns when it has ended, at the latest after 2 s."""
        self.exec = self._transport.record(types.Exec, "DELETE", self._path(), held=10.0)

    def resize(self, cols: int, rows: int) -> None:
        """Changes the size of the terminal, in characters. The command must have been started with `tty`.

        Raises:
            ConnectionFailed: the connection broke before the size was changed.
        """
        record = self.refresh()
        socket = self._transport.open_socket(self._path("attach"), {"from": record.next_offset})
        try:
            # The least credit: no output is wanted here. An empty input is answered once what is before it is done.
            socket.send(encode(Frame("hello", {"version": VERSION, "credit": 1})))
            socket.send(encode(Frame("resize", {"cols": cols, "rows": rows})))
            socket.send(encode(Frame("stdin", {"offset": record.stdin_offset, "eof": False})))
            decoder, answered = FrameDecoder(), False
            while not answered:
                message = socket.recv()
                frames = decoder.feed(message if isinstance(message, bytes) else message.encode())
                answered = any(frame.type in ("accepted", "error", "exit") for frame in frames)
        except ConnectionClosed as error:
            raise ConnectionFailed("The connection broke before the terminal had its new size") from error
        finally:
            socket.close()

    def close(self) -> None:
        """Closes the connection that reads the output. The command keeps running, and iterating connects again."""
        self._output.close()

    def _give_up(self, error: OnMemOSError) -> None:
        """Ends the reading of its output with this: at the next sign of life of the service, which comes every 15 s."""
        self._output.give_up(error)

    def _path(self, *more: str) -> str:
        return path("sessions", self.exec.session_id, "execs", self.exec_id, *more)
