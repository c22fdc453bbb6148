# Made by generate.sh from src/onmemos/aio/output.py: edit that instead.
"""A command's output, read over any number of connections."""

from __future__ import annotations

from typing import Optional

from onmemos.core import trace
from onmemos.core.connection import connection_errors
from onmemos.core.execs import what_goes_on
from onmemos.core.output import Chunk, Gap, OutputCursor
from onmemos.core.paths import path
from onmemos.core.problems import broken_off
from onmemos.errors import OnMemOSError, OutputGap
from onmemos.generated import types
from onmemos.generated.sync.transport import Transport
from onmemos.pools.owner import leave_to_parent
from onmemos.runtime import synchronous as runtime

QUIET_S = 60.0
"""Seconds without a byte after which the connection counts as broken: the service sends something every 15 s."""


class Output(runtime.BothNames):
    """The output of a command from an offset until it ends, as chunks."""

    def __init__(
        self,
        transport: Transport,
        session_id: str,
        exec_id: str,
        offset: int,
        hold: Optional[str] = None,
        since: Optional[str] = None,
    ) -> None:
        self._transport = transport
        self._session_id = session_id
        self._exec_id = exec_id
        self._path = path("sessions", session_id, "execs", exec_id, "output")
        self._cursor = OutputCursor(offset, hold, since)
        self._retries = transport.new_retries()
        self._given_up: Optional[OnMemOSError] = None
        self._stream: Optional[runtime.Stream] = None

    @property
    def hold(self) -> Optional[str]:
        """The reader's own name, where the command is to wait for it."""
        return self._cursor.hold

    @property
    def since(self) -> Optional[str]:
        """The instant from which on it reads, where nothing was received yet; otherwise None."""
        return self._cursor.since

    @property
    def offset(self) -> int:
        """Offset of the next chunk."""
        return self._cursor.offset

    @property
    def exit(self) -> Optional[types.Exec]:
        """The record of the ended command, once all output was read on this connection; otherwise None."""
        return self._cursor.exit

    def __iter__(self) -> Output:
        return self

    def __next__(self) -> Chunk:
        while True:
            event = self._cursor.take()
            if isinstance(event, Chunk):
                return event
            if isinstance(event, Gap):
                raise OutputGap(self._exec_id, event.start, event.end)
            if self._given_up is not None:
                raise self._given_up
            if self._cursor.ended:
                self._finish()
                raise StopIteration
            self._receive()

    def drain(self) -> Optional[types.Exec]:
        """Skips all output until the end."""
        while not self._cursor.ended:
            self._receive()
            while self._cursor.take() is not None:
                pass
        self._finish()
        return self._cursor.exit

    def give_up(self, error: OnMemOSError) -> None:
        """Raises this where the reading is, once it is awake: it would wait in vain."""
        self._given_up = error

    def close(self) -> None:
        """Closes the connection. Further reading opens another."""
        self._leave_elsewhere()
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _leave_elsewhere(self) -> None:
        """Forgets a connection of the process that this one was forked from, or of another event loop."""
        stream = self._stream
        if stream is None or stream.place == runtime.here():
            return
        if not stream.place.is_in_this_process:
            leave_to_parent(stream)
            # The command waits for the parent's reading.
            self._cursor.hold = None
        self._stream = None

    def _finish(self) -> None:
        """Reads the answer to its end, which follows the last event at once: its connection can then be used again."""
        self._leave_elsewhere()
        try:
            with connection_errors(self._transport.target.base_url, QUIET_S):
                while self._stream is not None and self._stream.next_piece() is not None:
                    continue
        except OnMemOSError as error:
            trace.logger.debug("the end of %s broke off: %s", self._path, error)
        self.close()

    def _receive(self) -> None:
        """Takes what comes next, on a new connection where the last one broke."""
        self._leave_elsewhere()
        try:
            if self._stream is None:
                self._connect()
                return
            with connection_errors(self._transport.target.base_url, QUIET_S):
                piece = self._stream.next_piece()
            if piece is None:
                # A cut as any other, though it looks like an end.
                raise broken_off()
        except OnMemOSError as error:
            self.close()
            pause = self._retries.pause(error)
            if pause is None:
                raise what_goes_on(self._retries.reason(error), self._session_id, self._exec_id) from error.__cause__
            trace.log_retry(error, pause)
            runtime.sleep(max(pause, self._cursor.pause_s))
            return
        if self._cursor.feed(piece):
            self._retries.progressed()

    def _connect(self) -> None:
        params = self._cursor.connect()
        headers = {"Accept": "text/event-stream"}
        self._stream = self._transport.open_stream(self._path, params, headers, QUIET_S)
        self._retries.goes_on()
        if self._stream is None:
            self._cursor.nothing_more()
