"""The enums under their first import path; the same objects as in `onmemos`."""

from onmemos import (
    CPUSize,
    GPUType,
    ImageType,
    MemberRole,
    MemorySize,
    Provider,
    ResourcePackage,
    ResourceTier,
    SessionStatus,
    UserType,
    WorkspaceResourcePackage,
)

from server.models.enums import SessionProvider, StorageType

__all__ = [
    "CPUSize",
    "GPUType",
    "ImageType",
    "MemberRole",
    "MemorySize",
    "Provider",
    "ResourcePackage",
    "ResourceTier",
    "SessionProvider",
    "SessionStatus",
    "StorageType",
    "UserType",
    "WorkspaceResourcePackage",
]
