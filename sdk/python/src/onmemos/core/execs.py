"""Bodies of requests about commands."""

from __future__ import annotations

import shlex
import uuid
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union

from onmemos.core.paths import given
from onmemos.errors import Conflict, OnMemOSError, ServerAway


def exec_body(
    command: Union[str, Sequence[str]],
    *,
    cwd: Optional[str],
    shell: Optional[str] = None,
    env: Optional[Mapping[str, str]],
    timeout: Optional[float],
    stdin: bool,
    tty: Union[bool, Tuple[int, int]] = False,
    merge: bool = False,
    log_limit_mb: Optional[int] = None,
    hold: bool,
) -> Dict[str, Any]:
    """The body that starts a command, with only the given fields."""
    return given(
        command=command if isinstance(command, str) else None,
        argv=None if isinstance(command, str) else list(command),
        cwd=cwd,
        shell=shell,
        env=None if env is None else dict(env),
        timeout=timeout,
        stdin=stdin or None,
        tty=(tty or None) if isinstance(tty, bool) else {"cols": tty[0], "rows": tty[1]},
        merge=merge or None,
        log_limit_mb=log_limit_mb,
        when_full="hold" if hold else None,
    )


CLAIM = ":"
"""A command that does nothing, and takes the place of one that must not start any more."""


def new_exec_id() -> str:
    """An id for a command, chosen before it is started."""
    return f"exe-{uuid.uuid4().hex[:26]}"


def reader_name() -> str:
    """A name for a reader that a command waits for, of which there is no other."""
    return f"reader-{uuid.uuid4()}"


def what_goes_on(error: OnMemOSError, session_id: str, exec_id: str) -> OnMemOSError:
    """The same error, saying how to find the command again, if the service stays away."""
    if not isinstance(error, ServerAway):
        return error
    found = f"`onmemos logs -f {session_id} {exec_id}`, or client.execs.get({session_id!r}, {exec_id!r})"
    return ServerAway(error.url, error.seconds, f"The command may go on: see {found}.")


def as_line(command: Union[str, Sequence[str]]) -> str:
    """A command as a line for a shell."""
    return command if isinstance(command, str) else " ".join(shlex.quote(word) for word in command)


def lost(exec_id: str) -> Conflict:
    """For a command whose end is not known."""
    return Conflict(
        f"Exec {exec_id} is lost: what kept it died, and how far it came is unknown",
        code="conflict",
        hint="Look at what it did, and start it again if that is safe.",
        details={"exec_id": exec_id},
    )
