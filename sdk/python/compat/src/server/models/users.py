"""The enums of users and workspaces under their first import path."""

from onmemos import UserType, WorkspaceResourcePackage

from server.models.enums import WorkspaceStatus

__all__ = ["UserType", "WorkspaceResourcePackage", "WorkspaceStatus"]
