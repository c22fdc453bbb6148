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

__all__ = [
    "CPUSize",
    "GPUType",
    "ImageType",
    "MemberRole",
    "MemorySize",
    "Provider",
    "ResourcePackage",
    "ResourceTier",
    "SessionStatus",
    "UserType",
    "WorkspaceResourcePackage",
]
