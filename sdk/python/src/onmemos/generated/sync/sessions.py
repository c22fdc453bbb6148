# Made by generate.sh from src/onmemos/aio/sessions.py: edit that instead.
"""Sessions and their commands, by id."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

from onmemos.core.execs import as_line, exec_body, reader_name
from onmemos.core.paths import given, path
from onmemos.core.sending import Sending
from onmemos.core.specs import for_somebody, session_body, wire
from onmemos.core.values import idempotency_key
from onmemos.fields import SessionFields, Unpack
from onmemos.generated import types
from onmemos.generated.sync.block import create_session
from onmemos.generated.sync.making import Command
from onmemos.generated.sync.output import Output
from onmemos.generated.sync.process import Process
from onmemos.generated.sync.session import DELETE_HELD_S, Session
from onmemos.generated.sync.transport import Transport
from onmemos.pages.synchronous import Page


class Sessions:
    """`client.sessions`: sessions, by id."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, spec: Optional[Mapping[str, Any]] = None, *, wait: Optional[float] = None, **fields: Unpack[SessionFields]
    ) -> Session:
        """Creates a session. Use it as a context manager or call `delete`; otherwise its time to live ends it.

        A create that is cancelled, or broken off by Ctrl-C, leaves no session.

        Args:
            spec: fields as a dictionary; keywords override it.
            wait: seconds to wait until the session runs (default: the client's `wait`); 0 returns at once.

        Raises:
            Invalid, EntitlementDenied, QuotaExceeded, StorageExceeded, BudgetExceeded, WorkspaceNotFound.
        """
        return create_session(self._transport, session_body(spec, **fields), wait)

    def list(
        self,
        *,
        namespace: Optional[str] = None,
        user: Optional[str] = None,
        state: Optional[str] = None,
        label: Optional[str] = None,
        workspace_id: Optional[str] = None,
        workspace_owner: Optional[str] = None,
    ) -> Page[Session]:
        """Sessions that have not ended or ended in the last 24 hours, newest first.

        Args:
            state: only sessions with this status.
            label: only sessions with this label: `name=value`, or `name` for any value.
        """
        params = given(
            namespace=namespace,
            user=user,
            state=state,
            label=label,
            workspace_id=workspace_id,
            workspace_owner=workspace_owner,
        )
        return self._transport.page_of(self._session, "/v1/sessions", params)

    def get(self, session_id: str) -> Session:
        """One session. Raises: SessionNotFound."""
        return Session(self._transport, self._transport.record(types.Session, "GET", path("sessions", session_id)))

    def update(
        self, session_id: str, *, ttl_minutes: Optional[int] = None, labels: Optional[Dict[str, str]] = None
    ) -> Session:
        """Sets the end of a session to `ttl_minutes` from now, and replaces its labels. What is left out is unchanged.

        Raises:
            SessionNotFound. Conflict: later than the longest time to live. BudgetExceeded: the budget does not cover
            it.
        """
        body = given(ttl_minutes=ttl_minutes, labels=labels)
        record = self._transport.record(types.Session, "PATCH", path("sessions", session_id), body=body, held=30.0)
        return Session(self._transport, record)

    def delete(self, session_id: str, wait: Optional[float] = None) -> Session:
        """Ends a session and waits up to `wait` seconds (default: 20) until its resources are gone.

        Raises:
            SessionNotFound.
        """
        return self._end("DELETE", path("sessions", session_id), wait)

    def terminate(self, session_id: str, wait: Optional[float] = None) -> Session:
        """The same as `delete`."""
        return self._end("POST", path("sessions", session_id, "terminate"), wait)

    def force_delete(self, session_id: str, wait: Optional[float] = None) -> Session:
        """Ends a session without the grace period after TERM. Raises: SessionNotFound."""
        return self._end("POST", path("sessions", session_id, "force-delete"), wait)

    def estimate(self, spec: Optional[Mapping[str, Any]] = None, **fields: Unpack[SessionFields]) -> types.Estimate:
        """Estimates the cost of a session, per hour and for its time to live, in `currency` of the answer.

        Raises:
            Invalid.
        """
        body = for_somebody(session_body(spec, **fields), self._transport.target.user)
        return self._transport.record(types.Estimate, "POST", "/v1/sessions/estimate", body=body)

    def cleanup(self, user: Optional[str] = None, namespace: Optional[str] = None) -> int:
        """Ends expired sessions and returns how many. The service also does this by itself.

        Args:
            user: only sessions of this user, and in this user's workspaces.
            namespace: only sessions of this namespace.
        """
        params = {"user": user, "namespace": namespace}
        answer = self._transport.record(types.Cleaned, "POST", "/v1/sessions/cleanup-expired", params=params, held=60.0)
        return answer.cleaned

    def connect(self, session_id: str) -> types.SessionConnection:
        """How to reach a session: its addresses and subprotocols. Raises: SessionNotFound."""
        return self._transport.record(types.SessionConnection, "GET", path("sessions", session_id, "connect"))

    def usage(self, session_id: str) -> types.Usage:
        """Current use: CPU in percent of one CPU, memory and disk in MiB, number of processes.

        Raises:
            SessionNotRunning.
        """
        return self._transport.record(types.Usage, "GET", path("sessions", session_id, "usage"))

    def cost(self, session_id: str) -> types.SessionCost:
        """Cost so far and per hour, in `currency` of the answer. Raises: SessionNotFound."""
        return self._transport.record(types.SessionCost, "GET", path("sessions", session_id, "cost"))

    def events(self, session_id: str) -> Page[types.AuditEvent]:
        """Events of a session, in order. Raises: SessionNotFound."""
        return self._transport.page(types.AuditEvent, path("sessions", session_id, "events"))

    def ticket(self, session_id: str) -> types.Ticket:
        """A ticket that replaces the key on one WebSocket within 60 s, for browsers, which can't send a key."""
        return self._transport.record(types.Ticket, "POST", path("sessions", session_id, "ticket"))

    def _session(self, record: Mapping[str, Any]) -> Session:
        return Session(self._transport, record)

    def _end(self, method: str, where: str, wait: Optional[float]) -> Session:
        held = DELETE_HELD_S if wait is None else wait
        record = self._transport.record(types.Session, method, where, params={"wait": wait}, held=held)
        return Session(self._transport, record)


class Execs:
    """`client.execs`: commands of sessions."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def execute(
        self,
        session_id: str,
        command: Union[str, Sequence[str]],
        timeout: float = 120,
        *,
        env: Optional[Mapping[str, str]] = None,
        cwd: Optional[str] = None,
        shell: Optional[str] = None,
        key: Optional[str] = None,
    ) -> types.ExecuteResult:
        """Runs a command and returns its result. After a broken connection the call is repeated; the command runs once.
        A call that is cancelled, or stopped by Ctrl-C, ends its command, unless it has a key of your choice.

        Args:
            command: a line for the shell, or words that are quoted into one.
            timeout: seconds after which the command is ended, 1 to 3000 (default: 120); then `timed_out` is true and
                returncode 124.
            env: environment variables in addition to the session's.
            cwd: the folder to start in (default: /workspace). A relative path is below it.
            shell: the shell of the line: sh (default) or bash.
            key: an idempotency key of your choice: a later call with the same key returns the result of the same
                command.

        Raises:
            SessionNotRunning, SessionNotFound, Invalid.
        """
        body = given(
            command=as_line(command),
            timeout=timeout,
            env=None if env is None else dict(env),
            cwd=cwd,
            shell=shell,
        )
        held = timeout + 10
        if key is None:
            return types.ExecuteResult(Command(self._transport, session_id).send("execute", body, held))
        sending = Sending(idempotency_key("key", key))
        where = path("sessions", session_id, "execute")
        return self._transport.record(types.ExecuteResult, "POST", where, body=body, sending=sending, held=held)

    def start(
        self,
        session_id: str,
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
        """Starts a command and returns at once. The arguments are those of `session.start`.

        Raises:
            SessionNotRunning, SessionNotFound, Invalid.
        """
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
        record = Command(self._transport, session_id, exec_id).start(body)
        return Process(self._transport, record, hold=reader_name() if hold else None)

    def list(self, session_id: str) -> Page[types.Exec]:
        """All commands of a session. Raises: SessionNotFound."""
        return self._transport.page(types.Exec, path("sessions", session_id, "execs"))

    def get(self, session_id: str, exec_id: str) -> types.Exec:
        """The record of a command. Raises: ExecNotFound."""
        return self._transport.record(types.Exec, "GET", path("sessions", session_id, "execs", exec_id))

    def kill(self, session_id: str, exec_id: str) -> types.Exec:
        """Kills the process group of a command (KILL) and returns its record. Raises: ExecNotFound."""
        where = path("sessions", session_id, "execs", exec_id)
        return self._transport.record(types.Exec, "DELETE", where, held=10.0)

    def output(
        self, session_id: str, exec_id: str, offset: int = 0, since: Union[str, datetime, None] = None
    ) -> Output:
        """Output of a command until it ends.

        Args:
            offset: where to begin, in bytes (default: 0).
            since: leave out what was read from the command before this instant: a `datetime` with its time zone, or a
                text in ISO 8601. With `offset` too, reading begins at the later of the two.

        Raises:
            ExecNotFound. Invalid: the offset is after the end, or the instant is in the future. OutputGap: bytes were
            dropped before they were read; with `since`, bytes that may be of this instant or later.
        """
        return Output(self._transport, session_id, exec_id, offset, since=wire(since))

    def stdin(
        self, session_id: str, exec_id: str, data: Union[str, bytes], offset: int, eof: bool = False
    ) -> types.StdinResult:
        """Writes to stdin at an offset in bytes. Each byte is accepted once, even if it is sent again.

        Raises:
            Conflict: stdin is closed, or the command has ended. Invalid: the offset is after the end of the input so
                far.
        """
        raw = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        body = {"offset": offset, "data": base64.b64encode(raw).decode("ascii"), "encoding": "base64", "eof": eof}
        where = path("sessions", session_id, "execs", exec_id, "stdin")
        return self._transport.record(types.StdinResult, "POST", where, body=body, held=60.0)

    def signal(self, session_id: str, exec_id: str, name: str) -> types.Exec:
        """Sends a signal to the process group of a command: TERM, KILL, INT, HUP, QUIT, USR1, USR2, STOP, CONT or
        WINCH.

        Raises:
            ExecNotFound. Conflict: the command has ended.
        """
        where = path("sessions", session_id, "execs", exec_id, "signal")
        return self._transport.record(types.Exec, "POST", where, body={"signal": name})

    def start_job(
        self, session_id: str, command: Union[str, Sequence[str]], timeout: Optional[float] = None
    ) -> types.Job:
        """Starts a background command. `timeout` is in seconds (default: no limit but the session's end).

        Raises:
            SessionNotRunning, SessionNotFound, Invalid.
        """
        body = given(command=as_line(command), timeout=timeout, async_execution=True)
        return types.Job(Command(self._transport, session_id).send("execute", body))

    def job(self, session_id: str, job_id: str) -> types.Job:
        """State of a background command: running, completed or failed; with its result once it has ended.

        Raises:
            NotFound.
        """
        return self._transport.record(types.Job, "GET", path("sessions", session_id, "jobs", job_id, "status"))
