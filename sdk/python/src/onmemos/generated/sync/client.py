# Made by generate.sh from src/onmemos/aio/client.py: edit that instead.
"""The client."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from onmemos.core.notices import EVERY_S, NEWEST, NOTICE
from onmemos.core.specs import session_body
from onmemos.core.target import find_target
from onmemos.core.values import at_least
from onmemos.fields import SessionFields, Unpack
from onmemos.generated import types
from onmemos.generated.sync.accounts import (
    Audit,
    Costs,
    Keys,
    Packages,
    Providers,
    Users,
    Webhooks,
)
from onmemos.generated.sync.block import SessionBlock
from onmemos.generated.sync.convenience import Convenience
from onmemos.generated.sync.notices import NoticeWatch, OnNotice
from onmemos.generated.sync.sessions import Execs, Sessions
from onmemos.generated.sync.transport import Transport
from onmemos.generated.sync.workspaces import Members, Storages, Workspaces
from onmemos.runtime import synchronous as runtime


class OnMemOSClient(runtime.BothNames, Convenience):
    """A client of one OnMemOS service.

    It can be used by any number of threads, event loops and forked processes: each process and each loop opens
    connections of its own.

    Args:
        base_url: address of the service. Default: `ONMEMOS_BASE_URL`, then the local server of this machine, then
            http://127.0.0.1:8080.
        api_key: an API key. Default: `ONMEMOS_API_KEY`, then the key of the local server, which is sent only to it.
        user: the user of new sessions, if a call names none. Default: `ONMEMOS_USER`, then, with the key of the local
            server, your OS user. A key that acts for any user needs one of these; a user's own key needs none.
        timeout: seconds to wait for an answer, in addition to the time that the call itself may take (`wait` of a
            create, `timeout` of a command). After that the call raises ConnectionFailed.
        max_retries: how often a call is repeated if the connection fails or the service asks to repeat it. A repeated
            call takes effect once, because every call has an idempotency key.
        wait: seconds that a create waits until the session runs.
        reconnect_seconds: seconds for which a service that has answered this client before is waited for if it can't be
            reached, as while it restarts. Calls and output that is being read then continue. A service that has never
            answered is not waited for. With `max_retries=0` there is no waiting.

    Raises:
        InvalidOption: an option or its environment variable can't be used. A bad key, such as one with a line break in
            it, is refused by the first call instead, before anything is sent.
    """

    def __init__(
        self,
        base_url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        user: Optional[str] = None,
        timeout: float = 30.0,
        max_retries: int = 4,
        wait: float = 60.0,
        reconnect_seconds: float = 60.0,
    ) -> None:
        target = find_target(base_url, api_key, user=user)
        transport = Transport(
            target,
            timeout=at_least("timeout", timeout, 0.001),
            max_retries=int(at_least("max_retries", max_retries, 0)),
            wait=at_least("wait", wait, 0),
            reconnect=at_least("reconnect_seconds", reconnect_seconds, 0),
        )
        self._transport = transport
        self.sessions = Sessions(transport)
        self.execs = Execs(transport)
        self.workspaces = Workspaces(transport)
        self.members = Members(transport)
        self.volumes = Storages(transport, "volumes")
        self.buckets = Storages(transport, "buckets")
        self.users = Users(transport)
        self.keys = Keys(transport)
        self.webhooks = Webhooks(transport)
        self.packages = Packages(transport)
        self.providers = Providers(transport)
        self.costs = Costs(transport)
        self.audit = Audit(transport)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    def __enter__(self) -> OnMemOSClient:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def base_url(self) -> str:
        """Address of the service."""
        return self._transport.target.base_url

    def close(self) -> None:
        """Closes the connections. Sessions keep running. A later call opens new connections."""
        self._transport.close()

    def session(
        self,
        spec: Optional[Mapping[str, Any]] = None,
        *,
        wait: Optional[float] = None,
        auto_cleanup: bool = True,
        **fields: Unpack[SessionFields],
    ) -> SessionBlock:
        """A session that is ended with its block: `with client.session(template="python") as session:`.

        Args:
            spec: fields as a dictionary; keywords override it.
            wait: seconds to wait until the session runs (default: the client's `wait`).
            auto_cleanup: end the session when the block is left (default). False: it runs until its time to live ends.

        Raises, when the block is entered:
            SessionFailed, and what `sessions.create` raises.
        """
        return SessionBlock(self._transport, session_body(spec, **fields), wait, auto_cleanup)

    def on_notice(self, told: OnNotice, *, user: Optional[str] = None, every: float = EVERY_S) -> NoticeWatch:
        """Calls `told` with each notice from now on. `session.on_notice` tells of one session, from its beginning.

        Args:
            told: called with the entry of the audit log; `entry.detail["kind"]` says what it is.
            user: whose notices (default: the key's user; of all users for an admin key).
            every: seconds between two questions to the service.

        Returns:
            the watch: `stop()` ends it, `join()` waits for its end.
        """
        return NoticeWatch(lambda: self.audit.list(user=user, action=NOTICE), told, every, NEWEST)

    def health(self) -> types.Health:
        """Checks that the service answers. Needs no key. Raises: ConnectionFailed."""
        return self._transport.record(types.Health, "GET", "/health")

    def info(self) -> types.Info:
        """Name, version, region and mode of the service, and the user that the key acts for.

        Raises:
            Unauthenticated.
        """
        return self._transport.record(types.Info, "GET", "/")
