# Made by generate.sh from src/onmemos/aio/workspaces.py: edit that instead.
"""Workspaces, their members and their storage."""

from __future__ import annotations

import time
from typing import Optional

from onmemos.core.paths import path
from onmemos.core.specs import compact
from onmemos.errors import Forbidden, NotFound
from onmemos.generated import types
from onmemos.generated.sync.making import WorkspaceCreation
from onmemos.generated.sync.transport import Transport
from onmemos.pages.synchronous import Page
from onmemos.runtime import synchronous as runtime

DELETE_WAIT_S = 60.0
"""Seconds that a forced deletion waits until the workspace is gone."""
FIRST_LOOK_S = 0.05
LONGEST_LOOK_S = 1.0


class Workspaces:
    """`client.workspaces`. A workspace is named by its owner and its id."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self, user_id: str, workspace_id: str, name: str, resource_package: str, description: Optional[str] = None
    ) -> types.Workspace:
        """Creates a workspace.

        Args:
            user_id: its owner.
            workspace_id: an id that is unique for the owner.
            name: a name for people.
            resource_package: the default package of its sessions.
            description: a text for people (default: none).

        Raises:
            Conflict: it exists. EntitlementDenied, QuotaExceeded, Invalid.
        """
        body = compact(
            user_id=user_id,
            workspace_id=workspace_id,
            name=name,
            resource_package=resource_package,
            description=description,
        )
        return types.Workspace(WorkspaceCreation(self._transport, body).send())

    def list(self, user_id: str) -> Page[types.Workspace]:
        """Workspaces of a user, including those that others share with the user."""
        return self._transport.page(types.Workspace, path("workspaces", user_id))

    def get(self, user_id: str, workspace_id: str) -> types.Workspace:
        """One workspace. Raises: WorkspaceNotFound."""
        return self._transport.record(types.Workspace, "GET", path("workspaces", user_id, workspace_id))

    def delete(
        self, user_id: str, workspace_id: str, *, force: bool = False, wait: float = DELETE_WAIT_S
    ) -> types.Deleted:
        """Deletes a workspace. Its volumes and buckets are kept, and billed, until `retained_until` (7 days).

        Args:
            force: end its sessions and delete its data at once (default: False).
            wait: with `force`, seconds to wait until the workspace is gone.

        Raises:
            Conflict: it has live sessions and `force` is False. WorkspaceNotFound.
        """
        where = path("workspaces", user_id, workspace_id)
        params = {"force": force or None}
        deleted = self._transport.record(types.Deleted, "DELETE", where, params=params, held=60.0)
        if force:
            self._until_gone(user_id, workspace_id, wait)
        return deleted

    def _until_gone(self, user_id: str, workspace_id: str, wait: float) -> None:
        end, pause = time.monotonic() + wait, FIRST_LOOK_S
        while (left := end - time.monotonic()) > 0 and self._is_leaving(user_id, workspace_id):
            runtime.sleep(min(pause, left))
            pause = min(pause * 2, LONGEST_LOOK_S)

    def _is_leaving(self, user_id: str, workspace_id: str) -> bool:
        """Whether it is still there. One that is active was created again."""
        try:
            return (self.get(user_id, workspace_id)).status != "active"
        except (NotFound, Forbidden):
            # A key that may delete may lack the scope to read.
            return False


class Members:
    """`client.members`: the users that a workspace is shared with."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, user_id: str, workspace_id: str) -> Page[types.Member]:
        """Members of a workspace, without its owner. Raises: WorkspaceNotFound."""
        where = path("workspaces", user_id, workspace_id, "members")
        return self._transport.page(types.Member, where)

    def put(self, user_id: str, workspace_id: str, member_id: str, role: str) -> types.Member:
        """Adds a member or changes the role: an `editor` can use sessions, a `viewer` can only read.

        Raises:
            EntitlementDenied: the owner may not share. WorkspaceNotFound.
        """
        where = path("workspaces", user_id, workspace_id, "members", member_id)
        return self._transport.record(types.Member, "PUT", where, body=compact(role=role))

    def delete(self, user_id: str, workspace_id: str, member_id: str) -> types.Deleted:
        """Removes a member. Raises: NotFound."""
        where = path("workspaces", user_id, workspace_id, "members", member_id)
        return self._transport.record(types.Deleted, "DELETE", where)


class Storages:
    """`client.volumes` and `client.buckets`: storage of a workspace, which outlives its sessions."""

    def __init__(self, transport: Transport, kind: str) -> None:
        self._transport = transport
        self._kind = kind

    def list(self, user_id: str, workspace_id: str) -> Page[types.Storage]:
        """All volumes (or buckets) of a workspace, also of a deleted workspace whose data is kept.

        Raises:
            WorkspaceNotFound.
        """
        where = path("workspaces", user_id, workspace_id, self._kind)
        return self._transport.page(types.Storage, where)

    def get(self, user_id: str, workspace_id: str, name: str) -> types.Storage:
        """A volume (or bucket): size and use in GB, price per hour, and the sessions that mount it.

        Raises:
            NotFound.
        """
        return self._transport.record(types.Storage, "GET", path("workspaces", user_id, workspace_id, self._kind, name))

    def delete(self, user_id: str, workspace_id: str, name: str) -> types.Deleted:
        """Deletes a volume (or bucket) and its data. Raises: Conflict while a session mounts it, NotFound."""
        where = path("workspaces", user_id, workspace_id, self._kind, name)
        return self._transport.record(types.Deleted, "DELETE", where, held=60.0)
