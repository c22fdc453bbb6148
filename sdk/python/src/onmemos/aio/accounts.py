"""Users and keys, and what is known of the service: packages, providers, costs, the audit log."""

from __future__ import annotations

from typing import AsyncIterator, Optional, Sequence

from onmemos.aio.transport import AsyncTransport
from onmemos.core.paths import given, path
from onmemos.core.specs import compact, wire
from onmemos.fields import Unpack, UserFields
from onmemos.generated import types


class AsyncUsers:
    """`client.users`"""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self) -> AsyncIterator[types.User]:
        """All users (admin)."""
        return self._transport.records(types.User, "/v1/users")

    async def get(self, user_id: str) -> types.User:
        """One user."""
        return await self._transport.record(types.User, "GET", path("users", user_id))

    async def put(self, user_id: str, **fields: Unpack[UserFields]) -> types.User:
        """Makes or changes a user (admin); see `UserFields`."""
        body = {name: wire(value) for name, value in fields.items()}
        return await self._transport.record(types.User, "PUT", path("users", user_id), body=body)

    async def delete(self, user_id: str) -> types.Deleted:
        """Deletes a user, who must have no workspaces and sessions left (admin)."""
        return await self._transport.record(types.Deleted, "DELETE", path("users", user_id))

    async def entitlements(self, user_id: str) -> types.Entitlements:
        """Each limit with what is used of it, allowed packages and GPUs, and the budget."""
        return await self._transport.record(types.Entitlements, "GET", path("users", user_id, "entitlements"))


class AsyncKeys:
    """`client.keys`"""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create(
        self,
        name: str,
        *,
        user_id: Optional[str] = None,
        scopes: Optional[Sequence[str]] = None,
        workspace_id: Optional[str] = None,
        workspace_owner: Optional[str] = None,
        session_id: Optional[str] = None,
        expires_at: Optional[str] = None,
    ) -> types.Key:
        """Makes a key within the rights of the present one. `secret` is the key, and is shown this once.

        Args:
            scopes: sessions:read sessions:write exec workspaces:read workspaces:write keys costs:read admin.
            expires_at: an instant in ISO 8601; never, by default.
        """
        body = compact(
            name=name,
            user_id=user_id,
            scopes=None if scopes is None else list(scopes),
            workspace_id=workspace_id,
            workspace_owner=workspace_owner,
            session_id=session_id,
            expires_at=expires_at,
        )
        return await self._transport.record(types.Key, "POST", "/v1/keys", body=body)

    def list(self) -> AsyncIterator[types.Key]:
        """All keys within the rights of the present one, without their secrets."""
        return self._transport.records(types.Key, "/v1/keys")

    async def revoke(self, key_id: str) -> types.Key:
        """Makes a key worthless from the next request on."""
        return await self._transport.record(types.Key, "DELETE", path("keys", key_id))


class AsyncPackages:
    """`client.packages`"""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self) -> AsyncIterator[types.Package]:
        """All packages: size, GPU, who may use them, cost per hour for each provider."""
        return self._transport.records(types.Package, "/v1/packages")


class AsyncProviders:
    """`client.providers`"""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self) -> AsyncIterator[types.Provider]:
        """All providers: what each can do, and why one is off."""
        return self._transport.records(types.Provider, "/v1/providers")


class AsyncCosts:
    """`client.costs`"""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def report(
        self,
        *,
        user: Optional[str] = None,
        workspace_id: Optional[str] = None,
        workspace_owner: Optional[str] = None,
        from_: Optional[str] = None,
        to: Optional[str] = None,
        group_by: Optional[str] = None,
    ) -> types.Costs:
        """The ledger summed, between two instants in ISO 8601."""
        params = given(
            user=user,
            workspace_id=workspace_id,
            workspace_owner=workspace_owner,
            from_=from_,
            to=to,
            group_by=group_by,
        )
        return await self._transport.record(types.Costs, "GET", "/v1/costs", params=params)


class AsyncAudit:
    """`client.audit`"""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(
        self, *, user: Optional[str] = None, session_id: Optional[str] = None, action: Optional[str] = None
    ) -> AsyncIterator[types.AuditEvent]:
        """Who did what, newest first; for others than an admin, what they did themselves."""
        params = given(user=user, session_id=session_id, action=action)
        return self._transport.records(types.AuditEvent, "/v1/audit", params)
