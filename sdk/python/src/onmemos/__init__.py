"""Client of OnMemOS: compute sessions that end when you are done with them.

from onmemos import OnMemOSClient

with OnMemOSClient() as client, client.session(user="me", template="python") as session:
    print(session.run("python --version", check=True).stdout)
"""

from __future__ import annotations

from onmemos.aio.client import AsyncOnMemOSClient
from onmemos.aio.notices import AsyncNoticeWatch
from onmemos.aio.process import AsyncProcess
from onmemos.aio.session import AsyncSession
from onmemos.aio.shell import AsyncShell
from onmemos.core.output import Chunk
from onmemos.enums import (
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
from onmemos.errors import (
    BudgetExceeded,
    CommandFailed,
    CommandTimeout,
    Conflict,
    ConnectionFailed,
    EntitlementDenied,
    ExecNotFound,
    Forbidden,
    IdempotencyMismatch,
    Internal,
    Invalid,
    InvalidOption,
    InvalidSignature,
    Malformed,
    NotFound,
    OnMemOSError,
    OutputGap,
    ProviderFailed,
    ProviderTimeout,
    QuotaExceeded,
    RateLimited,
    SecretLost,
    ServerAway,
    SessionFailed,
    SessionLeft,
    SessionNotFound,
    SessionNotRunning,
    StorageExceeded,
    TooLarge,
    Unauthenticated,
    Unavailable,
    WorkspaceNotFound,
)
from onmemos.fields import GPUSpec, ImageSpec, ResourceSpec, SessionFields, SessionOptions
from onmemos.generated import types
from onmemos.generated.sync.client import OnMemOSClient
from onmemos.generated.sync.notices import NoticeWatch
from onmemos.generated.sync.process import Process
from onmemos.generated.sync.session import Session
from onmemos.generated.sync.shell import Shell
from onmemos.pages.asynchronous import AsyncPage
from onmemos.pages.synchronous import Page
from onmemos.record import CommandResult, Record
from onmemos.version import VERSION as __version__
from onmemos.webhooks import verify_webhook

__all__ = [
    "AsyncNoticeWatch",
    "AsyncOnMemOSClient",
    "AsyncPage",
    "AsyncProcess",
    "AsyncSession",
    "AsyncShell",
    "BudgetExceeded",
    "CPUSize",
    "Chunk",
    "CommandFailed",
    "CommandResult",
    "CommandTimeout",
    "Conflict",
    "ConnectionFailed",
    "EntitlementDenied",
    "ExecNotFound",
    "Forbidden",
    "GPUSpec",
    "GPUType",
    "IdempotencyMismatch",
    "ImageSpec",
    "ImageType",
    "Internal",
    "Invalid",
    "InvalidOption",
    "InvalidSignature",
    "Malformed",
    "MemberRole",
    "MemorySize",
    "NotFound",
    "NoticeWatch",
    "OnMemOSClient",
    "OnMemOSError",
    "OutputGap",
    "Page",
    "Process",
    "Provider",
    "ProviderFailed",
    "ProviderTimeout",
    "QuotaExceeded",
    "RateLimited",
    "Record",
    "ResourcePackage",
    "ResourceSpec",
    "ResourceTier",
    "SecretLost",
    "ServerAway",
    "Session",
    "SessionFailed",
    "SessionFields",
    "SessionLeft",
    "SessionNotFound",
    "SessionNotRunning",
    "SessionOptions",
    "SessionStatus",
    "Shell",
    "StorageExceeded",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
    "UserType",
    "WorkspaceNotFound",
    "WorkspaceResourcePackage",
    "__version__",
    "types",
    "verify_webhook",
]
