"""Enums that only programs of the third version name."""

from __future__ import annotations

from enum import Enum


class SessionProvider(str, Enum):
    """Providers. New code uses `onmemos.Provider`."""

    cloud_run = "cloud_run"
    gke = "gke"
    workstations = "workstations"
    auto = "auto"


class StorageType(str, Enum):
    """Kinds of storage. Sessions of this version ask for a volume, a bucket or both."""

    EPHEMERAL = "ephemeral"
    GCS_FUSE = "gcs_fuse"
    PERSISTENT_VOLUME = "persistent_volume"


class WorkspaceStatus(str, Enum):
    """States of a workspace. No workspace is suspended in this version."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    DELETED = "deleted"
