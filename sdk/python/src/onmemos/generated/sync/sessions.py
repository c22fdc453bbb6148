# Made by generate.sh from src/onmemos/aio/sessions.py: edit that instead.
"""Sessions and the commands in them, by their ids."""

from __future__ import annotations

import base64
from typing import Any, Dict, Iterator, Mapping, Optional, Sequence, Union

from onmemos.core.execs import as_line, exec_body
from onmemos.core.paths import given, path
from onmemos.core.specs import for_somebody, session_body
from onmemos.fields import SessionFields, Unpack
from onmemos.generated import types
from onmemos.generated.sync.block import create_session
from onmemos.generated.sync.output import Output
from onmemos.generated.sync.process import Process
from onmemos.generated.sync.session import DELETE_HELD_S, Session
from onmemos.generated.sync.transport import Transport


class Sessions:
    """`client.sessions`"""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, spec: Optional[Mapping[str, Any]] = None, *, wait: Optional[float] = None, **fields: Unpack[SessionFields]
    ) -> Session:
        """Makes a session. Use it as a context manager, or end it yourself; else its time to live ends it.

        Args:
            spec: fields as a dictionary; keywords win over it.
            wait: seconds to hold the answer until it runs (the client's `wait` by default); 0 answers at once.

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
    ) -> Iterator[Session]:
        """All sessions that the key can see, newest first, ended ones too.

        Args:
            state: only those of this status.
            label: only those with this label, as `name=value`.
        """
        params = given(
            namespace=namespace,
            user=user,
            state=state,
            label=label,
            workspace_id=workspace_id,
            workspace_owner=workspace_owner,
        )
        for record in self._transport.records(types.Session, "/v1/sessions", params):
            yield Session(self._transport, record)

    def get(self, session_id: str) -> Session:
        """One session. Raises: SessionNotFound."""
        return Session(self._transport, self._transport.record(types.Session, "GET", path("sessions", session_id)))

    def update(
        self, session_id: str, *, ttl_minutes: Optional[int] = None, labels: Optional[Dict[str, str]] = None
    ) -> Session:
        """Sets its end to `ttl_minutes` from now, and replaces its labels. Raises: Conflict, BudgetExceeded."""
        body = given(ttl_minutes=ttl_minutes, labels=labels)
        record = self._transport.record(types.Session, "PATCH", path("sessions", session_id), body=body, held=30.0)
        return Session(self._transport, record)

    def delete(self, session_id: str, wait: Optional[float] = None) -> Session:
        """Ends it, and waits up to `wait` seconds (20 by default) until its resources are gone."""
        return self._end("DELETE", path("sessions", session_id), wait)

    def terminate(self, session_id: str, wait: Optional[float] = None) -> Session:
        """The same as `delete`."""
        return self._end("POST", path("sessions", session_id, "terminate"), wait)

    def force_delete(self, session_id: str, wait: Optional[float] = None) -> Session:
        """Ends it without the time that its commands have after TERM."""
        return self._end("POST", path("sessions", session_id, "force-delete"), wait)

    def estimate(self, spec: Optional[Mapping[str, Any]] = None, **fields: Unpack[SessionFields]) -> types.Estimate:
        """What such a session would cost, per hour and over its time to live, in the answer's currency."""
        body = for_somebody(session_body(spec, **fields), self._transport.target.user)
        return self._transport.record(types.Estimate, "POST", "/v1/sessions/estimate", body=body)

    def cleanup(self, user: Optional[str] = None) -> int:
        """Ends sessions whose time is over, and says how many. The service does it by itself, too."""
        answer = self._transport.record(
            types.Cleaned, "POST", "/v1/sessions/cleanup-expired", params={"user": user}, held=60.0
        )
        return answer.cleaned

    def connect(self, session_id: str) -> types.SessionConnection:
        """How it is reached."""
        return self._transport.record(types.SessionConnection, "GET", path("sessions", session_id, "connect"))

    def usage(self, session_id: str) -> types.Usage:
        """What it uses at this moment: CPU in percent of one, memory and disk in MB, processes."""
        return self._transport.record(types.Usage, "GET", path("sessions", session_id, "usage"))

    def cost(self, session_id: str) -> types.SessionCost:
        """What it has cost so far, and its rate."""
        return self._transport.record(types.SessionCost, "GET", path("sessions", session_id, "cost"))

    def events(self, session_id: str) -> Iterator[types.AuditEvent]:
        """What happened to it, in order."""
        for event in self._transport.records(types.AuditEvent, path("sessions", session_id, "events")):
            yield event

    def ticket(self, session_id: str) -> types.Ticket:
        """A ticket for one WebSocket within 60 s, for clients that cannot send the key, such as browsers."""
        return self._transport.record(types.Ticket, "POST", path("sessions", session_id, "ticket"))

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
        key: Optional[str] = None,
    ) -> types.ExecuteResult:
        """Runs a command to its end. Cut connections are taken up again: the command runs once.

        Args:
            command: a line for `/bin/sh -c`, or words that are quoted into one.
            timeout: seconds after which it is ended, 1 to 3000; then `timed_out` is true and returncode 124.
            key: an idempotency key of your own: a later call with it joins the same command.

        Raises:
            SessionNotRunning, SessionNotFound.
        """
        body = given(command=as_line(command), timeout=timeout, env=None if env is None else dict(env), cwd=cwd)
        where = path("sessions", session_id, "execute")
        return self._transport.record(types.ExecuteResult, "POST", where, body=body, key=key, held=timeout + 10)

    def start(
        self,
        session_id: str,
        command: Union[str, Sequence[str]],
        *,
        cwd: Optional[str] = None,
        env: Optional[Mapping[str, str]] = None,
        timeout: Optional[float] = None,
        stdin: bool = False,
        tty: bool = False,
        merge: bool = False,
        log_limit_mb: Optional[int] = None,
        exec_id: Optional[str] = None,
    ) -> Process:
        """Starts a command and returns at once; the arguments are those of `session.start`."""
        body = exec_body(
            command,
            cwd=cwd,
            env=env,
            timeout=timeout,
            stdin=stdin,
            tty=tty,
            merge=merge,
            log_limit_mb=log_limit_mb,
            exec_id=exec_id,
        )
        where = path("sessions", session_id, "execs")
        return Process(self._transport, self._transport.record(types.Exec, "POST", where, body=body))

    def list(self, session_id: str) -> Iterator[types.Exec]:
        """All commands of a session."""
        return self._transport.records(types.Exec, path("sessions", session_id, "execs"))

    def get(self, session_id: str, exec_id: str) -> types.Exec:
        """How a command stands. Raises: ExecNotFound."""
        return self._transport.record(types.Exec, "GET", path("sessions", session_id, "execs", exec_id))

    def kill(self, session_id: str, exec_id: str) -> types.Exec:
        """Ends it: TERM, and after 2 s KILL."""
        where = path("sessions", session_id, "execs", exec_id)
        return self._transport.record(types.Exec, "DELETE", where, held=10.0)

    def output(self, session_id: str, exec_id: str, offset: int = 0) -> Output:
        """Its output from an offset on, as it comes, to its end."""
        return Output(self._transport, session_id, exec_id, offset)

    def stdin(
        self, session_id: str, exec_id: str, data: Union[str, bytes], offset: int, eof: bool = False
    ) -> types.StdinResult:
        """Writes to its stdin at an offset: each byte is accepted once, however often it is sent."""
        raw = data.encode("utf-8") if isinstance(data, str) else bytes(data)
        body = {"offset": offset, "data": base64.b64encode(raw).decode("ascii"), "encoding": "base64", "eof": eof}
        where = path("sessions", session_id, "execs", exec_id, "stdin")
        return self._transport.record(types.StdinResult, "POST", where, body=body, held=60.0)

    def signal(self, session_id: str, exec_id: str, name: str) -> types.Exec:
        """Sends a signal to it: TERM, KILL, INT, HUP, QUIT, USR1, USR2, STOP, CONT, WINCH."""
        where = path("sessions", session_id, "execs", exec_id, "signal")
        return self._transport.record(types.Exec, "POST", where, body={"signal": name})

    def start_job(
        self, session_id: str, command: Union[str, Sequence[str]], timeout: Optional[float] = None
    ) -> types.Job:
        """Runs a command in the background; without a timeout to the session's end."""
        body = given(command=as_line(command), timeout=timeout, async_execution=True)
        return self._transport.record(types.Job, "POST", path("sessions", session_id, "execute"), body=body)

    def job(self, session_id: str, job_id: str) -> types.Job:
        """How a command in the background stands: running, completed or failed, and then with its result."""
        return self._transport.record(types.Job, "GET", path("sessions", session_id, "jobs", job_id, "status"))
