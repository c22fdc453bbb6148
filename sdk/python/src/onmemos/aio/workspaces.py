"""Workspaces, their members and their storage."""

from __future__ import annotations

from typing import AsyncIterator, Optional

from onmemos.aio.transport import AsyncTransport
from onmemos.core.paths import path
from onmemos.core.specs import compact
from onmemos.generated import types


class AsyncWorkspaces:
    """`client.workspaces`. A workspace is named by its owner and its id."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def create(
        self, user_id: str, workspace_id: str, name: str, resource_package: str, description: Optional[str] = None
    ) -> types.Workspace:
        """Makes a workspace. Raises: Conflict where the owner has it, EntitlementDenied, QuotaExceeded, Invalid."""
        body = compact(
            user_id=user_id,
            workspace_id=workspace_id,
            name=name,
            resource_package=resource_package,
            description=description,
        )
        return await self._transport.record(types.Workspace, "POST", "/v1/workspaces", body=body)

    def list(self, user_id: str) -> AsyncIterator[types.Workspace]:
        """The user's workspaces, and those shared with them."""
        return self._transport.records(types.Workspace, path("workspaces", user_id))

    async def get(self, user_id: str, workspace_id: str) -> types.Workspace:
        """One workspace. Raises: WorkspaceNotFound."""
        return await self._transport.record(types.Workspace, "GET", path("workspaces", user_id, workspace_id))

    async def delete(self, user_id: str, workspace_id: str, *, force: bool = False) -> types.Deleted:
        """Deletes it. Its volumes and buckets are kept until `retained_until`, and billed.

        Args:
            force: end its sessions and remove its data at once.

        Raises:
            Conflict: it has sessions.
        """
        where = path("workspaces", user_id, workspace_id)
        params = {"force": force or None}
        return await self._transport.record(types.Deleted, "DELETE", where, params=params, held=60.0)


class AsyncMembers:
    """`client.members`: with whom a workspace is shared."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    def list(self, user_id: str, workspace_id: str) -> AsyncIterator[types.Member]:
        """The members beside the owner."""
        where = path("workspaces", user_id, workspace_id, "members")
        return self._transport.records(types.Member, where)

    async def put(self, user_id: str, workspace_id: str, member_id: str, role: str) -> types.Member:
        """Makes a user a member: an editor uses sessions, a viewer reads. Raises: EntitlementDenied."""
        where = path("workspaces", user_id, workspace_id, "members", member_id)
        return await self._transport.record(types.Member, "PUT", where, body=compact(role=role))

    async def delete(self, user_id: str, workspace_id: str, member_id: str) -> types.Deleted:
        """Takes a member away."""
        where = path("workspaces", user_id, workspace_id, "members", member_id)
        return await self._transport.record(types.Deleted, "DELETE", where)


class AsyncStorages:
    """`client.volumes` and `client.buckets`: what a workspace keeps beyond its sessions."""

    def __init__(self, transport: AsyncTransport, kind: str) -> None:
        self._transport = transport
        self._kind = kind

    def list(self, user_id: str, workspace_id: str) -> AsyncIterator[types.Storage]:
        """All of a workspace, also of one that was deleted and whose data are still kept."""
        where = path("workspaces", user_id, workspace_id, self._kind)
        return self._transport.records(types.Storage, where)

    async def get(self, user_id: str, workspace_id: str, name: str) -> types.Storage:
        """One, with its size and use in GB, its price per hour, and the sessions that mount it."""
        return await self._transport.record(
            types.Storage, "GET", path("workspaces", user_id, workspace_id, self._kind, name)
        )

    async def delete(self, user_id: str, workspace_id: str, name: str) -> types.Deleted:
        """Removes it and all that it has. Raises: Conflict while a session mounts it."""
        where = path("workspaces", user_id, workspace_id, self._kind, name)
        return await self._transport.record(types.Deleted, "DELETE", where, held=60.0)
