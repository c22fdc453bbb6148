# Made by generate.sh from src/onmemos/aio/client.py: edit that instead.
"""The client."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from onmemos.core.specs import session_body
from onmemos.core.target import find_target
from onmemos.fields import SessionFields, Unpack
from onmemos.generated import types
from onmemos.generated.sync.accounts import Audit, Costs, Keys, Packages, Providers, Users
from onmemos.generated.sync.block import SessionBlock
from onmemos.generated.sync.convenience import Convenience
from onmemos.generated.sync.sessions import Execs, Sessions
from onmemos.generated.sync.transport import Transport
from onmemos.generated.sync.workspaces import Members, Storages, Workspaces


class OnMemOSClient(Convenience):
    """Talks to one OnMemOS service.

    Args:
        base_url: where the service is; else `ONMEMOS_BASE_URL`, else the local server of this machine, else
            http://127.0.0.1:8080.
        api_key: else `ONMEMOS_API_KEY`, else the key of the local server, which goes to that server alone.
        user: who sessions are for where a call does not say; else `ONMEMOS_USER`, else, with the key of the local
            server, the user of this machine. Needed by keys that act for anyone; a user's own key needs none.
        timeout: seconds without an answer after which a call has failed, beyond those for which it asks the service to
            hold its answer (a create's `wait`, a command's `timeout`).
        max_retries: how often a call is made again that could not be made or that the service asks to repeat. It is
            done once all the same: every call carries an idempotency key.
        wait: seconds for which a create waits until the session runs.
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
    ) -> None:
        target = find_target(base_url, api_key, user=user)
        transport = Transport(target, timeout=timeout, max_retries=max_retries, wait=wait)
        self._transport = transport
        self.sessions = Sessions(transport)
        self.execs = Execs(transport)
        self.workspaces = Workspaces(transport)
        self.members = Members(transport)
        self.volumes = Storages(transport, "volumes")
        self.buckets = Storages(transport, "buckets")
        self.users = Users(transport)
        self.keys = Keys(transport)
        self.packages = Packages(transport)
        self.providers = Providers(transport)
        self.costs = Costs(transport)
        self.audit = Audit(transport)

    def __repr__(self) -> str:
        return f"<OnMemOSClient {self.base_url}>"

    def __enter__(self) -> OnMemOSClient:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def base_url(self) -> str:
        """The service that it talks to."""
        return self._transport.target.base_url

    def close(self) -> None:
        """Closes its connections. Sessions go on."""
        self._transport.close()

    def session(
        self,
        spec: Optional[Mapping[str, Any]] = None,
        *,
        wait: Optional[float] = None,
        auto_cleanup: bool = True,
        **fields: Unpack[SessionFields],
    ) -> SessionBlock:
        """A session for as long as a block: `with client.session(template="python") as session:`.

        Args:
            spec: fields as a dictionary; keywords win over it.
            wait: seconds for which the create is held until it runs (the client's `wait` by default).
            auto_cleanup: end it when the block is left, however that comes; False leaves it to its time to live.
        """
        return SessionBlock(self._transport, session_body(spec, **fields), wait, auto_cleanup)

    def health(self) -> types.Health:
        """Whether the service is there; needs no key."""
        return self._transport.record(types.Health, "GET", "/health")

    def info(self) -> types.Info:
        """Name, version, region and mode of the service, and whom the key acts for."""
        return self._transport.record(types.Info, "GET", "/")
