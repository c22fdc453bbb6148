# Made by generate.sh from src/onmemos/aio/process.py: edit that instead.
"""A command that runs in a session."""

from __future__ import annotations

from typing import Optional, Union

from websockets.exceptions import ConnectionClosed

from onmemos.core.collect import returncode_of
from onmemos.core.frames import VERSION, Frame, FrameDecoder, encode
from onmemos.core.output import Chunk
from onmemos.core.paths import path
from onmemos.errors import ConnectionFailed, OnMemOSError
from onmemos.generated import types
from onmemos.generated.sync.output import Output
from onmemos.generated.sync.stdin import Stdin
from onmemos.generated.sync.transport import Transport


class Process:
    """A running command. Iterating over it gives its output as `Chunk`s, in order, each byte once, whatever is cut.

    It belongs to its session, not to this object: it goes on when nobody reads it. A `with` block of it closes only the
    connection by which output comes.
    """

    def __init__(
        self, transport: Transport, record: types.Exec, offset: int = 0, stdin: Optional[Stdin] = None
    ) -> None:
        self.exec = record
        """What the service last said about it."""
        self._transport = transport
        self._output = Output(transport, record.session_id, record.exec_id, offset)
        self._stdin = stdin or Stdin(transport, record)

    def __repr__(self) -> str:
        return f"<Process {self.exec_id} {self.exec.status}>"

    @property
    def exec_id(self) -> str:
        """Its id, by which it can be found again with `session.process(exec_id)`."""
        return self.exec.exec_id

    @property
    def returncode(self) -> Optional[int]:
        """None while it runs, as far as this object has seen; 124 at a timeout, 128 + n by a signal."""
        return returncode_of(self.exec)

    @property
    def offset(self) -> int:
        """Offset of the output that iterating gives next."""
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
            OutputGap: bytes were dropped before they were read. Iterating goes on behind them.
        """
        try:
            return self._output.__next__()
        except StopIteration:
            self.exec = self._output.exit or self.refresh()
            raise

    def refresh(self) -> types.Exec:
        """Asks the service how it stands."""
        self.exec = self._transport.record(types.Exec, "GET", self._path())
        return self.exec

    def wait(self) -> int:
        """Waits for its end, without reading its output, and returns its return code."""
        if self.returncode is None:
            self.refresh()
        if self.returncode is None:
            tail = Output(self._transport, self.exec.session_id, self.exec_id, self.exec.next_offset)
            self.exec = tail.drain() or self.refresh()
        code = self.returncode
        return -1 if code is None else code

    def reattach(self, offset: Optional[int] = None) -> Process:
        """The same command for another reader, from where this one is, or from any offset (0 is all that is kept)."""
        return Process(self._transport, self.exec, self.offset if offset is None else offset, self._stdin)

    def write(self, data: Union[str, bytes]) -> None:
        """Writes to its stdin; returns when all is accepted, which waits while it does not read.

        It must have been started with `stdin=True`. Writes of several threads or tasks go in one after another.

        Raises:
            Conflict: its stdin is closed, or it has ended.
            Invalid: a write before was broken off, and not all of it was taken.
        """
        raw = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        if raw:
            self._stdin.write(raw)

    def close_stdin(self) -> None:
        """Says that no more input comes."""
        self._stdin.write(b"", eof=True)

    def signal(self, name: str) -> None:
        """Sends a signal to it and all it has started: TERM, KILL, INT, HUP, QUIT, USR1, USR2, STOP, CONT, WINCH."""
        body = {"signal": name.upper().replace("SIG", "", 1)}
        self.exec = self._transport.record(types.Exec, "POST", self._path("signal"), body=body)

    def kill(self) -> None:
        """Ends it: TERM, and after 2 s KILL."""
        self.exec = self._transport.record(types.Exec, "DELETE", self._path(), held=10.0)

    def resize(self, cols: int, rows: int) -> None:
        """Gives its terminal another size, in characters. It must have been started with `tty`.

        Raises:
            ConnectionFailed: the connection broke before the size was taken.
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
        """Closes the connection by which output comes. The command goes on, and iterating connects again."""
        self._output.close()

    def _give_up(self, error: OnMemOSError) -> None:
        """Ends the reading of its output with this: at the next sign of life of the service, which comes every 15 s."""
        self._output.give_up(error)

    def _path(self, *more: str) -> str:
        return path("sessions", self.exec.session_id, "execs", self.exec_id, *more)
