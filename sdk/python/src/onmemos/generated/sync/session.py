# Made by generate.sh from src/onmemos/aio/session.py: edit that instead.
"""A session."""

from __future__ import annotations

import warnings
from datetime import datetime
from functools import partial
from typing import Mapping, Optional, Sequence, Tuple, Union

from onmemos.core.collect import Collector, LineCallback, checked
from onmemos.core.execs import exec_body, lost, reader_name
from onmemos.core.notices import EVERY_S
from onmemos.core.paths import path
from onmemos.core.specs import wire
from onmemos.errors import Conflict, NotFound, OnMemOSError, SessionFailed, SessionLeft, SessionNotRunning
from onmemos.generated import types
from onmemos.generated.sync.making import Command
from onmemos.generated.sync.notices import NoticeWatch, OnNotice
from onmemos.generated.sync.process import Process
from onmemos.generated.sync.shell import Shell
from onmemos.generated.sync.transport import Transport
from onmemos.pages.synchronous import Page
from onmemos.pools.owner import process_mark
from onmemos.runtime import synchronous as runtime
from onmemos.runtime.termination import Block, is_told_to_end

DELETE_HELD_S = 20.0
"""Seconds that a delete waits until the resources are gone."""


class Session(types.Session):
    """A session: the fields of its record (`session.id` or `session["id"]`), and methods.

    As a context manager it ends the session when the block is left.
    """

    def __init__(self, transport: Transport, record: Mapping[str, object]) -> None:
        super().__init__(record)
        self._transport = transport
        self._block: Optional[Block] = None
        self._made_in = process_mark()

    def __reduce__(self) -> Tuple[object, ...]:
        """A copy has the fields and no connection."""
        return types.Session, (dict(self),)

    def __repr__(self) -> str:
        return f"<Session {self.id} {self.status}, {self.get('resource_package')} of {self.get('user')}>"

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(self["id"])

    def __eq__(self, other: object) -> bool:
        """Two objects of one session are equal, whichever of its states they have; a dictionary by its fields."""
        if isinstance(other, Session):
            return bool(self["id"] == other["id"])
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __enter__(self) -> Session:
        block = runtime.new_block()
        block.open()
        self._block = block
        return self

    def __exit__(self, _kind: object, error: Optional[BaseException], _trace: object) -> None:
        if self._block is None and self._made_in != process_mark():
            return
        block, self._block = self._block or runtime.new_block(), None
        self._leave(block, error)

    def run(
        self,
        command: Union[str, Sequence[str]],
        *,
        cwd: Optional[str] = None,
        shell: Optional[str] = None,
        env: Optional[Mapping[str, str]] = None,
        timeout: Optional[float] = None,
        input: Union[str, bytes, None] = None,
        on_stdout: Optional[LineCallback] = None,
        on_stderr: Optional[LineCallback] = None,
        check: bool = False,
    ) -> types.ExecuteResult:
        """Runs a command and waits until it has ended.

        Args:
            command: a line for the shell, or a program and its arguments.
            cwd: the folder to start in (default: /workspace). A relative path is below it.
            shell: the shell of a command line: sh (default) or bash.
            env: environment variables in addition to the session's.
            timeout: seconds after which the command is ended (default: no limit but the session's end).
            input: the contents of stdin (default: empty).
            on_stdout: called with each line of stdout when it is printed, without the line end.
            on_stderr: the same for stderr.
            check: raise an error if the return code is not 0 (default: False).

        Returns:
            stdout, stderr (text, at most 8 MiB each), returncode, success, timed_out, truncated, exec_id. Bytes that
            are not UTF-8 become U+FFFD; then stdout_base64 or stderr_base64 has the exact bytes.

        Raises:
            CommandFailed: with `check`, the return code is not 0. CommandTimeout: with `check`, the timeout ended it.
            OutputGap: the connection was broken for so long that the command continued, and output was dropped.
            SessionNotRunning: the session has ended. SessionFailed: the session has failed.
        """
        self.ready()
        making = Command(self._transport, self.id)
        body = exec_body(command, cwd=cwd, shell=shell, env=env, timeout=timeout, stdin=input is not None, hold=True)
        with runtime.new_block():
            process = Process(self._transport, making.start(body), hold=reader_name())
            collector = Collector(on_stdout, on_stderr)
            feeder = None
            try:
                feeder = None if input is None else runtime.Beside(self._feed, process, input)
                for chunk in process:
                    collector.add(chunk)
                if feeder is not None:
                    feeder.join()
            except BaseException as error:
                # The caller no longer waits: an interrupted call must not leave the command running.
                making.end_if_left_open(error)
                raise
            finally:
                if feeder is not None:
                    feeder.abandon()
                process.close()
        if process.exec.status == "lost":
            raise lost(process.exec_id)
        result = collector.result(process.exec)
        return checked(result, command, timeout) if check else result

    def start(
        self,
        command: Union[str, Sequence[str]],
        *,
        cwd: Optional[str] = None,
        shell: Optional[str] = None,
        env: Optional[Mapping[str, str]] = None,
        timeout: Optional[float] = None,
        stdin: bool = False,
        tty: Union[bool, Tuple[int, int]] = False,
        merge: bool = False,
        log_limit_mb: Optional[int] = None,
        hold: bool = False,
        exec_id: Optional[str] = None,
    ) -> Process:
        """Starts a command and returns at once. Iterate over the process to read its output.

        Args:
            command: a line for the shell, or a program and its arguments.
            cwd: the folder to start in (default: /workspace). A relative path is below it.
            shell: the shell of a command line: sh (default) or bash.
            env: environment variables in addition to the session's.
            timeout: seconds after which the command is ended (default: no limit but the session's end).
            stdin: keep stdin open for `write` (default: False, stdin is empty).
            tty: give it a terminal: True for 80 x 24 characters, or (columns, rows) (default: False).
            merge: use one pipe for stdout and stderr, so that their order is exact (default: False).
            log_limit_mb: output to keep, 1 to 1024 MiB (default: 64).
            hold: when the log is full, let the command wait until its output is read, so that none is lost (default:
                False). After 60 s without a reader it continues, and the oldest output is dropped.
            exec_id: an id of your choice. A second start with the same id starts nothing and returns the first command.
                If this call is cancelled, a command with your id keeps running; without one it is ended.

        Raises:
            SessionNotRunning: the session has ended. SessionFailed: the session has failed.
        """
        self.ready()
        body = exec_body(
            command,
            cwd=cwd,
            shell=shell,
            env=env,
            timeout=timeout,
            stdin=stdin,
            tty=tty,
            merge=merge,
            log_limit_mb=log_limit_mb,
            hold=hold,
        )
        record = Command(self._transport, self.id, exec_id).start(body)
        return Process(self._transport, record, hold=reader_name() if hold else None)

    def process(self, exec_id: str, *, offset: int = 0, since: Union[str, datetime, None] = None) -> Process:
        """A command that was started before, by any client. Iterating returns its output from the beginning.

        Args:
            offset: where to begin instead, in bytes.
            since: leave out what was read from the command before this instant: a `datetime` with its time zone, or a
                text in ISO 8601. With `offset` too, reading begins at the later of the two.

        Raises:
            ExecNotFound. While iterating, Invalid: the offset is after the end, or the instant is in the future.
        """
        begin = wire(since)
        record = self._transport.record(types.Exec, "GET", self._path("execs", exec_id))
        return Process(self._transport, record, offset, since=begin)

    def shell(self) -> Shell:
        """Opens a terminal. Close it, or use it as a context manager. Raises: SessionNotRunning, SessionFailed."""
        self.ready()
        return Shell(self._transport.open_socket(self._path("shell")))

    def usage(self) -> types.Usage:
        """Current use: CPU in percent of one CPU, memory and disk in MiB, number of processes.

        Raises:
            SessionNotRunning.
        """
        return self._transport.record(types.Usage, "GET", self._path("usage"))

    def cost(self) -> types.SessionCost:
        """Cost so far and per hour, in `currency` of the answer. Raises: SessionNotFound."""
        return self._transport.record(types.SessionCost, "GET", self._path("cost"))

    def events(self) -> Page[types.AuditEvent]:
        """Events of the session, in order. Raises: SessionNotFound."""
        return self._transport.page(types.AuditEvent, self._path("events"))

    def on_notice(self, told: OnNotice, *, every: float = EVERY_S) -> NoticeWatch:
        """Calls `told` with each notice of this session, from its beginning, until it has ended.

        There is one before its time ends, and one when its provider takes the machine back. `client.on_notice` tells of
        budgets too.

        Args:
            told: called with the entry of the audit log; `entry.detail["kind"]` says what it is.
            every: seconds between two questions to the service.

        Returns:
            the watch: `stop()` ends it, `join()` waits for its end.
        """
        return NoticeWatch(self.events, told, every)

    def extend(self, minutes: int) -> Session:
        """Sets the end of the session to `minutes` from now, which may also be earlier than before.

        Raises:
            Conflict: later than the longest time to live. BudgetExceeded: the budget does not cover it.
        """
        return self._replace(
            self._transport.record(types.Session, "PATCH", self._path(), body={"ttl_minutes": minutes}, held=30.0)
        )

    def refresh(self) -> Session:
        """Reads the record of the session into this object. Raises: SessionNotFound."""
        return self._replace(self._transport.record(types.Session, "GET", self._path()))

    def ready(self) -> Session:
        """Waits until the session runs. Returns at once if it already runs.

        Raises:
            SessionFailed: it has failed. SessionNotRunning: it was ended before it ran.
        """
        pause = 0.2
        while self.status == "creating":
            runtime.sleep(pause)
            pause = min(2.0, pause * 1.5)
            self.refresh()
        if self.status == "failed":
            raise SessionFailed(self.status_message or f"Session {self.id} failed ({self.status_reason})", self)
        if self.status != "running":
            raise SessionNotRunning(f"Session {self.id} is {self.status}", code="session_not_running")
        return self

    def delete(self, wait: Optional[float] = None) -> Session:
        """Ends the session. For a session that has ended it does nothing.

        Args:
            wait: seconds to wait until its resources are gone (default: 20). After that `status` may be `terminating`.
        """
        return self._delete_by(self._transport, wait)

    def _delete_by(self, transport: Transport, wait: Optional[float] = None) -> Session:
        held = DELETE_HELD_S if wait is None else wait
        return self._replace(transport.record(types.Session, "DELETE", self._path(), params={"wait": wait}, held=held))

    def _leave(self, block: Block, error: Optional[BaseException]) -> None:
        """Ends the session at the end of a block, or warns that it is left."""
        if not block.is_ours:
            return
        block.begin_leaving()
        try:
            runtime.finish(partial(self._end, hurried=block.terminated or is_told_to_end(error)))
        finally:
            block.close(error)

    def _end(self, hurried: bool = False) -> bool:
        """Ends the session and returns True, or warns that it is left and returns False.

        A first Ctrl-C does not stop this. If `hurried`, a service that is away is not waited for.
        """
        interrupted: Optional[BaseException] = None
        while True:
            try:
                self._delete_by(self._transport.brief() if hurried or interrupted else self._transport)
            except NotFound:
                break
            except BaseException as error:
                if interrupted is None and not isinstance(error, (OnMemOSError, GeneratorExit)):
                    interrupted = error
                    continue
                warnings.warn(SessionLeft(self.id, self.expires_at, str(error) or type(error).__name__), stacklevel=4)
                if not isinstance(error, OnMemOSError):
                    raise
                return False
            break
        if interrupted is not None:
            raise interrupted
        return True

    def _feed(self, process: Process, data: Union[str, bytes]) -> None:
        try:
            process.write(data)
            process.close_stdin()
        except Conflict:
            # It has ended or closed its stdin without reading all, as commands may.
            return
        except OnMemOSError as error:
            # Without the rest of its input the command, and the reader of its output, would wait for ever.
            process._give_up(error)
            self._kill_quietly(process)
            raise

    def _kill_quietly(self, process: Process) -> bool:
        try:
            process.kill()
        except OnMemOSError:
            return False
        return True

    def _replace(self, record: Mapping[str, object]) -> Session:
        self.clear()
        self.update(record)
        return self

    def _path(self, *more: str) -> str:
        return path("sessions", self.id, *more)
