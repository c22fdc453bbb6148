"""The client."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from onmemos.aio.accounts import AsyncAudit, AsyncCosts, AsyncKeys, AsyncPackages, AsyncProviders, AsyncUsers
from onmemos.aio.block import AsyncSessionBlock
from onmemos.aio.convenience import AsyncConvenience
from onmemos.aio.sessions import AsyncExecs, AsyncSessions
from onmemos.aio.transport import AsyncTransport
from onmemos.aio.workspaces import AsyncMembers, AsyncStorages, AsyncWorkspaces
from onmemos.core.specs import session_body
from onmemos.core.target import find_target
from onmemos.fields import SessionFields, Unpack
from onmemos.generated import types


class AsyncOnMemOSClient(AsyncConvenience):
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
        transport = AsyncTransport(target, timeout=timeout, max_retries=max_retries, wait=wait)
        self._transport = transport
        self.sessions = AsyncSessions(transport)
        self.execs = AsyncExecs(transport)
        self.workspaces = AsyncWorkspaces(transport)
        self.members = AsyncMembers(transport)
        self.volumes = AsyncStorages(transport, "volumes")
        self.buckets = AsyncStorages(transport, "buckets")
        self.users = AsyncUsers(transport)
        self.keys = AsyncKeys(transport)
        self.packages = AsyncPackages(transport)
        self.providers = AsyncProviders(transport)
        self.costs = AsyncCosts(transport)
        self.audit = AsyncAudit(transport)

    def __repr__(self) -> str:
        return f"<OnMemOSClient {self.base_url}>"

    async def __aenter__(self) -> AsyncOnMemOSClient:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()

    @property
    def base_url(self) -> str:
        """The service that it talks to."""
        return self._transport.target.base_url

    async def aclose(self) -> None:
        """Closes its connections. Sessions go on."""
        await self._transport.aclose()

    def session(
        self,
        spec: Optional[Mapping[str, Any]] = None,
        *,
        wait: Optional[float] = None,
        auto_cleanup: bool = True,
        **fields: Unpack[SessionFields],
    ) -> AsyncSessionBlock:
        """A session for as long as a block: `async with client.session(template="python") as session:`.

        Args:
            spec: fields as a dictionary; keywords win over it.
            wait: seconds for which the create is held until it runs (the client's `wait` by default).
            auto_cleanup: end it when the block is left, however that comes; False leaves it to its time to live.
        """
        return AsyncSessionBlock(self._transport, session_body(spec, **fields), wait, auto_cleanup)

    async def health(self) -> types.Health:
        """Whether the service is there; needs no key."""
        return await self._transport.record(types.Health, "GET", "/health")

    async def info(self) -> types.Info:
        """Name, version, region and mode of the service, and whom the key acts for."""
        return await self._transport.record(types.Info, "GET", "/")
