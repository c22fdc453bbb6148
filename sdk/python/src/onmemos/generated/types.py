# Made by generate.sh from sdk/openapi.json: edit that instead.

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Optional, Union, overload

from onmemos.record import Record


class ProblemError(Record):
    """The wire's `ProblemError`."""

    field: str
    message: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["field"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["message"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Problem(Record):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    """One sentence that says what is wrong and what to do."""
    code: str
    """One of the closed list of error codes."""
    request_id: str
    retryable: bool
    """Whether the same call may simply be made again."""
    errors: Optional[list[ProblemError]]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["type"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["title"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["status"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["detail"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["code"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["request_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["retryable"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["errors"], /) -> Optional[list[ProblemError]]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class OutputChunk(Record):
    """The wire's `OutputChunk`."""

    seq: int
    """Offset of its first byte in the log, over both streams."""
    stream: Literal["stdout", "stderr"]
    data: str
    encoding: Literal["utf8", "base64"]
    """base64 where these bytes by themselves are not valid UTF-8."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["seq"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["stream"], /) -> Literal["stdout", "stderr"]: ...
        @overload
        def __getitem__(self, key: Literal["data"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["encoding"], /) -> Literal["utf8", "base64"]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class OutputGap(Record):
    """Bytes that were dropped before they were read: `from` to `to`, the latter kept."""

    from_: int
    to: int

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["from"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["to"], /) -> int: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class ShellRequestShellRequest(Record):
    """The wire's `ShellRequestShellRequest`."""

    type: Literal["command"]
    command: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["type"], /) -> Literal["command"]: ...
        @overload
        def __getitem__(self, key: Literal["command"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class ShellRequestShellRequest1(Record):
    """The wire's `ShellRequestShellRequest1`."""

    type: Literal["input"]
    data: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["type"], /) -> Literal["input"]: ...
        @overload
        def __getitem__(self, key: Literal["data"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class ShellRequestShellRequest2(Record):
    """The wire's `ShellRequestShellRequest2`."""

    type: Literal["resize"]
    cols: int
    rows: int

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["type"], /) -> Literal["resize"]: ...
        @overload
        def __getitem__(self, key: Literal["cols"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["rows"], /) -> int: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


ShellRequest = Union[
    ShellRequestShellRequest,
    ShellRequestShellRequest1,
    ShellRequestShellRequest2,
]


class ShellMessageShellMessage(Record):
    """The wire's `ShellMessageShellMessage`."""

    type: Literal["command_result"]
    stdout: str
    stderr: str
    returncode: int
    success: bool

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["type"], /) -> Literal["command_result"]: ...
        @overload
        def __getitem__(self, key: Literal["stdout"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["stderr"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["returncode"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["success"], /) -> bool: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class ShellMessageShellMessage1(Record):
    """The wire's `ShellMessageShellMessage1`."""

    type: Literal["output"]
    data: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["type"], /) -> Literal["output"]: ...
        @overload
        def __getitem__(self, key: Literal["data"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class ShellMessageShellMessage2(Record):
    """The wire's `ShellMessageShellMessage2`."""

    type: Literal["error"]
    detail: str
    code: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["type"], /) -> Literal["error"]: ...
        @overload
        def __getitem__(self, key: Literal["detail"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["code"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


ShellMessage = Union[
    ShellMessageShellMessage,
    ShellMessageShellMessage1,
    ShellMessageShellMessage2,
]


class Health(Record):
    """The wire's `Health`."""

    status: Literal["healthy"]
    version: str
    timestamp: str
    uptime_seconds: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["status"], /) -> Literal["healthy"]: ...
        @overload
        def __getitem__(self, key: Literal["version"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["timestamp"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["uptime_seconds"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Ready(Record):
    """The wire's `Ready`."""

    ready: bool
    checks: dict[str, str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["ready"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["checks"], /) -> dict[str, str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Info(Record):
    """The wire's `Info`."""

    service: str
    version: str
    status: str
    region: str
    mode: str
    docs: str
    openapi: str
    user_id: Optional[str]
    """Whom the key acts for; null for an admin key."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["service"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["version"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["status"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["region"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["mode"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["docs"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["openapi"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class PackageGpu(Record):
    """The wire's `PackageGpu`."""

    type: str
    count: int

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["type"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["count"], /) -> int: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Package(Record):
    """The wire's `Package`."""

    name: str
    cpu: str
    memory: str
    cpu_millis: int
    memory_mb: int
    gpu: Optional[PackageGpu]
    default_image: str
    allowed_user_types: list[str]
    allowed: Optional[bool]
    """Whether the caller may use it; null for an admin key."""
    cost_per_hour: dict[str, Optional[float]]
    """By provider; null: not offered there, or its price is missing."""
    currency: str
    price_list: str
    """Name of the price list: of the server’s own (`ONMEMOS_PRICES_FILE`), else `onmemos`."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["name"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["cpu"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["memory"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["cpu_millis"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["memory_mb"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["gpu"], /) -> Optional[PackageGpu]: ...
        @overload
        def __getitem__(self, key: Literal["default_image"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["allowed_user_types"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["allowed"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["cost_per_hour"], /) -> dict[str, Optional[float]]: ...
        @overload
        def __getitem__(self, key: Literal["currency"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["price_list"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Provider(Record):
    """The wire's `Provider`."""

    name: str
    available: bool
    why: Optional[str]
    """Why it is off, or who serves it."""
    driver: Optional[str]
    images: bool
    gpu: bool
    gpu_types: list[str]
    max_life_minutes: Optional[int]
    isolation: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["name"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["available"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["why"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["driver"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["images"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["gpu"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["gpu_types"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["max_life_minutes"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["isolation"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class User(Record):
    """The wire's `User`."""

    user_id: str
    user_type: Literal["free", "pro", "enterprise", "admin"]
    max_concurrent_sessions: int
    monthly_budget_usd: Optional[float]
    budget_action: Literal["refuse", "terminate"]
    created_at: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["user_type"], /) -> Literal["free", "pro", "enterprise", "admin"]: ...
        @overload
        def __getitem__(self, key: Literal["max_concurrent_sessions"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["monthly_budget_usd"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["budget_action"], /) -> Literal["refuse", "terminate"]: ...
        @overload
        def __getitem__(self, key: Literal["created_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class UserPut(Record):
    """The wire's `UserPut`."""

    user_type: Optional[Literal["free", "pro", "enterprise", "admin"]]
    max_concurrent_sessions: Optional[int]
    """Instead of what the user type gives; null: that."""
    monthly_budget_usd: Optional[float]
    """Per UTC month; null: none."""
    budget_action: Optional[Literal["refuse", "terminate"]]

    if TYPE_CHECKING:

        @overload
        def __getitem__(
            self, key: Literal["user_type"], /
        ) -> Optional[Literal["free", "pro", "enterprise", "admin"]]: ...
        @overload
        def __getitem__(self, key: Literal["max_concurrent_sessions"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["monthly_budget_usd"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["budget_action"], /) -> Optional[Literal["refuse", "terminate"]]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Deleted(Record):
    """The wire's `Deleted`."""

    deleted: bool
    retained_until: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["deleted"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["retained_until"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsWorkspaces(Record):
    """The wire's `EntitlementsWorkspaces`."""

    limit: float
    used: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsConcurrentSessions(Record):
    """The wire's `EntitlementsConcurrentSessions`."""

    limit: float
    used: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsPerWorkspace(Record):
    """The wire's `EntitlementsPerWorkspace`."""

    buckets: float
    volumes: float
    storage_gb: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["buckets"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["volumes"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["storage_gb"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsStorageItemBuckets(Record):
    """The wire's `EntitlementsStorageItemBuckets`."""

    limit: float
    used: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsStorageItemVolumes(Record):
    """The wire's `EntitlementsStorageItemVolumes`."""

    limit: float
    used: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsStorageItemStorageGb(Record):
    """The wire's `EntitlementsStorageItemStorageGb`."""

    limit: float
    used: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsStorageItem(Record):
    """The wire's `EntitlementsStorageItem`."""

    workspace_id: str
    buckets: EntitlementsStorageItemBuckets
    volumes: EntitlementsStorageItemVolumes
    storage_gb: EntitlementsStorageItemStorageGb

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["buckets"], /) -> EntitlementsStorageItemBuckets: ...
        @overload
        def __getitem__(self, key: Literal["volumes"], /) -> EntitlementsStorageItemVolumes: ...
        @overload
        def __getitem__(self, key: Literal["storage_gb"], /) -> EntitlementsStorageItemStorageGb: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsBudget(Record):
    """The wire's `EntitlementsBudget`."""

    month: str
    monthly_budget_usd: float
    budget_action: Literal["refuse", "terminate"]
    spent_usd: float
    reserved_usd: float
    note: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["month"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["monthly_budget_usd"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["budget_action"], /) -> Literal["refuse", "terminate"]: ...
        @overload
        def __getitem__(self, key: Literal["spent_usd"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["reserved_usd"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["note"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Entitlements(Record):
    """The wire's `Entitlements`."""

    user_id: str
    user_type: Literal["free", "pro", "enterprise", "admin"]
    workspaces: EntitlementsWorkspaces
    concurrent_sessions: EntitlementsConcurrentSessions
    per_workspace: EntitlementsPerWorkspace
    storage: list[EntitlementsStorageItem]
    allowed_packages: list[str]
    allowed_gpus: list[str]
    sharing: bool
    cross_namespace: bool
    budget: Optional[EntitlementsBudget]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["user_type"], /) -> Literal["free", "pro", "enterprise", "admin"]: ...
        @overload
        def __getitem__(self, key: Literal["workspaces"], /) -> EntitlementsWorkspaces: ...
        @overload
        def __getitem__(self, key: Literal["concurrent_sessions"], /) -> EntitlementsConcurrentSessions: ...
        @overload
        def __getitem__(self, key: Literal["per_workspace"], /) -> EntitlementsPerWorkspace: ...
        @overload
        def __getitem__(self, key: Literal["storage"], /) -> list[EntitlementsStorageItem]: ...
        @overload
        def __getitem__(self, key: Literal["allowed_packages"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["allowed_gpus"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["sharing"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["cross_namespace"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["budget"], /) -> Optional[EntitlementsBudget]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class WorkspaceStorage(Record):
    """The wire's `WorkspaceStorage`."""

    volumes: int
    buckets: int
    size_gb: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["volumes"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["buckets"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["size_gb"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Workspace(Record):
    """The wire's `Workspace`."""

    user_id: str
    workspace_id: str
    name: str
    description: Optional[str]
    resource_package: str
    status: Literal["active", "deleting", "deleted"]
    role: Literal["owner", "editor", "viewer"]
    """What the caller is here."""
    user_type: str
    live_sessions: int
    storage: WorkspaceStorage
    created_at: str
    updated_at: str
    retained_until: Optional[str]
    """Of a deleted workspace: until when its volumes and buckets are kept (and billed)."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["name"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["description"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["resource_package"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["status"], /) -> Literal["active", "deleting", "deleted"]: ...
        @overload
        def __getitem__(self, key: Literal["role"], /) -> Literal["owner", "editor", "viewer"]: ...
        @overload
        def __getitem__(self, key: Literal["user_type"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["live_sessions"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["storage"], /) -> WorkspaceStorage: ...
        @overload
        def __getitem__(self, key: Literal["created_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["updated_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["retained_until"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class WorkspaceCreate(Record):
    """The wire's `WorkspaceCreate`."""

    user_id: str
    """A user, as your own system names them."""
    workspace_id: str
    """A workspace, unique for its owner."""
    name: str
    resource_package: Literal[
        "free_micro",
        "dev_micro",
        "dev_small",
        "dev_medium",
        "dev_large",
        "ds_small",
        "ds_medium",
        "ds_large",
        "ml_t4_small",
        "ml_t4_medium",
        "ml_t4_large",
        "ml_a100_small",
        "ml_a100_medium",
        "ml_a100_large",
        "ml_h100_small",
        "ml_h100_medium",
        "ml_h100_large",
        "compute_small",
        "compute_medium",
        "compute_large",
        "compute_xlarge",
    ]
    description: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["name"], /) -> str: ...
        @overload
        def __getitem__(
            self, key: Literal["resource_package"], /
        ) -> Literal[
            "free_micro",
            "dev_micro",
            "dev_small",
            "dev_medium",
            "dev_large",
            "ds_small",
            "ds_medium",
            "ds_large",
            "ml_t4_small",
            "ml_t4_medium",
            "ml_t4_large",
            "ml_a100_small",
            "ml_a100_medium",
            "ml_a100_large",
            "ml_h100_small",
            "ml_h100_medium",
            "ml_h100_large",
            "compute_small",
            "compute_medium",
            "compute_large",
            "compute_xlarge",
        ]: ...
        @overload
        def __getitem__(self, key: Literal["description"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Member(Record):
    """The wire's `Member`."""

    member_id: str
    role: Literal["editor", "viewer"]
    added_at: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["member_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["role"], /) -> Literal["editor", "viewer"]: ...
        @overload
        def __getitem__(self, key: Literal["added_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class MemberPut(Record):
    """The wire's `MemberPut`."""

    role: Literal["editor", "viewer"]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["role"], /) -> Literal["editor", "viewer"]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Storage(Record):
    """A volume or a bucket of a workspace."""

    name: str
    kind: Literal["volume", "bucket"]
    workspace_owner: str
    workspace_id: str
    provider: str
    """The kind of provider that holds it, fixed when it is made."""
    access: Literal["one_node", "many"]
    size_gb: float
    size_limit: Literal["hard", "watched"]
    used_gb: Optional[float]
    """Measured now; null where it can’t be."""
    mounted_by: list[str]
    """Ids of the live sessions that mount it."""
    cost_per_hour: Optional[float]
    currency: str
    price_list: str
    """Name of the price list: of the server’s own (`ONMEMOS_PRICES_FILE`), else `onmemos`."""
    created_at: str
    retained_until: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["name"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["kind"], /) -> Literal["volume", "bucket"]: ...
        @overload
        def __getitem__(self, key: Literal["workspace_owner"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["provider"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["access"], /) -> Literal["one_node", "many"]: ...
        @overload
        def __getitem__(self, key: Literal["size_gb"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["size_limit"], /) -> Literal["hard", "watched"]: ...
        @overload
        def __getitem__(self, key: Literal["used_gb"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["mounted_by"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["currency"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["price_list"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["created_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["retained_until"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Key(Record):
    """The wire's `Key`."""

    key_id: str
    name: str
    user_id: Optional[str]
    scopes: list[
        Literal[
            "sessions:read",
            "sessions:write",
            "exec",
            "workspaces:read",
            "workspaces:write",
            "keys",
            "costs:read",
            "admin",
        ]
    ]
    workspace_id: Optional[str]
    workspace_owner: Optional[str]
    session_id: Optional[str]
    created_at: str
    expires_at: Optional[str]
    last_used_at: Optional[str]
    revoked_at: Optional[str]
    secret: Optional[str]
    """The whole key. Shown once, in the answer that made it."""
    message: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["key_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["name"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(
            self, key: Literal["scopes"], /
        ) -> list[
            Literal[
                "sessions:read",
                "sessions:write",
                "exec",
                "workspaces:read",
                "workspaces:write",
                "keys",
                "costs:read",
                "admin",
            ]
        ]: ...
        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["workspace_owner"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["session_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["created_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["expires_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["last_used_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["revoked_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["secret"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["message"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class KeyCreate(Record):
    """The wire's `KeyCreate`."""

    name: str
    user_id: Optional[str]
    """The user it acts for. Null or left out by an admin: an admin key, if `scopes` has admin or is left out."""
    scopes: Optional[
        list[
            Literal[
                "sessions:read",
                "sessions:write",
                "exec",
                "workspaces:read",
                "workspaces:write",
                "keys",
                "costs:read",
                "admin",
            ]
        ]
    ]
    workspace_id: Optional[str]
    """A workspace, unique for its owner."""
    workspace_owner: Optional[str]
    """A user, as your own system names them."""
    session_id: Optional[str]
    expires_at: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["name"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(
            self, key: Literal["scopes"], /
        ) -> Optional[
            list[
                Literal[
                    "sessions:read",
                    "sessions:write",
                    "exec",
                    "workspaces:read",
                    "workspaces:write",
                    "keys",
                    "costs:read",
                    "admin",
                ]
            ]
        ]: ...
        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["workspace_owner"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["session_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["expires_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Session(Record):
    """The wire's `Session`."""

    id: str
    provider: str
    namespace: str
    user: str
    workspace_id: str
    workspace_owner: str
    template: Optional[str]
    status: Literal["creating", "running", "terminating", "terminated", "failed"]
    status_reason: Optional[
        Literal[
            "expired",
            "user_requested",
            "force_deleted",
            "workspace_deleted",
            "user_deleted",
            "budget_exceeded",
            "session_ended",
            "provider_refused",
            "provider_failed",
            "image_failed",
            "start_timeout",
            "preempted",
            "provider_deadline",
            "keeper_lost",
            "agent_lost",
            "disk_limit",
            "memory_limit",
            "host_disk_full",
        ]
    ]
    """Why, from a closed list; null while nothing is amiss."""
    status_message: Optional[str]
    """A sentence that says what to do."""
    url: Optional[str]
    websocket: Optional[str]
    ssh: Optional[str]
    details: dict[str, Any]
    """driver, isolation, limits, network, image, workspace_path, warnings and the plan."""
    user_type: str
    resource_package: Optional[str]
    resource_spec: dict[str, Any]
    image_spec: dict[str, Any]
    gpu_spec: Optional[dict[str, Any]]
    storage_allocation: Optional[dict[str, Any]]
    storage_config: Optional[dict[str, Any]]
    storage_status: Optional[str]
    env_names: list[str]
    labels: dict[str, str]
    ttl_minutes: float
    created_at: str
    expires_at: str
    started_at: Optional[str]
    ended_at: Optional[str]
    k8s_namespace: Optional[str]
    pod_name: Optional[str]
    service_name: Optional[str]
    job_name: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["provider"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["namespace"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["user"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["workspace_owner"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["template"], /) -> Optional[str]: ...
        @overload
        def __getitem__(
            self, key: Literal["status"], /
        ) -> Literal["creating", "running", "terminating", "terminated", "failed"]: ...
        @overload
        def __getitem__(
            self, key: Literal["status_reason"], /
        ) -> Optional[
            Literal[
                "expired",
                "user_requested",
                "force_deleted",
                "workspace_deleted",
                "user_deleted",
                "budget_exceeded",
                "session_ended",
                "provider_refused",
                "provider_failed",
                "image_failed",
                "start_timeout",
                "preempted",
                "provider_deadline",
                "keeper_lost",
                "agent_lost",
                "disk_limit",
                "memory_limit",
                "host_disk_full",
            ]
        ]: ...
        @overload
        def __getitem__(self, key: Literal["status_message"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["url"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["websocket"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["ssh"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["details"], /) -> dict[str, Any]: ...
        @overload
        def __getitem__(self, key: Literal["user_type"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["resource_package"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["resource_spec"], /) -> dict[str, Any]: ...
        @overload
        def __getitem__(self, key: Literal["image_spec"], /) -> dict[str, Any]: ...
        @overload
        def __getitem__(self, key: Literal["gpu_spec"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: Literal["storage_allocation"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: Literal["storage_config"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: Literal["storage_status"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["env_names"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["labels"], /) -> dict[str, str]: ...
        @overload
        def __getitem__(self, key: Literal["ttl_minutes"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["created_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["expires_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["started_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["ended_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["k8s_namespace"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["pod_name"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["service_name"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["job_name"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionCreateResourceSpec(Record):
    """The wire's `SessionCreateResourceSpec`."""

    cpu_size: Optional[Literal["micro", "small", "medium", "large", "xlarge", "xxlarge", "custom"]]
    memory_size: Optional[Literal["micro", "small", "medium", "large", "xlarge", "xxlarge", "xxxlarge", "custom"]]
    custom_cpu_request: Optional[str]
    """A quantity such as "500m", "1.5", "512Mi" or "6Gi"."""
    custom_cpu_limit: Optional[str]
    """A quantity such as "500m", "1.5", "512Mi" or "6Gi"."""
    custom_memory_request: Optional[str]
    """A quantity such as "500m", "1.5", "512Mi" or "6Gi"."""
    custom_memory_limit: Optional[str]
    """A quantity such as "500m", "1.5", "512Mi" or "6Gi"."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(
            self, key: Literal["cpu_size"], /
        ) -> Optional[Literal["micro", "small", "medium", "large", "xlarge", "xxlarge", "custom"]]: ...
        @overload
        def __getitem__(
            self, key: Literal["memory_size"], /
        ) -> Optional[Literal["micro", "small", "medium", "large", "xlarge", "xxlarge", "xxxlarge", "custom"]]: ...
        @overload
        def __getitem__(self, key: Literal["custom_cpu_request"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["custom_cpu_limit"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["custom_memory_request"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["custom_memory_limit"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionCreateImageSpec(Record):
    """The wire's `SessionCreateImageSpec`."""

    image_type: Optional[
        Literal[
            "alpine",
            "ubuntu",
            "python",
            "nodejs",
            "go",
            "rust",
            "java",
            "custom",
            "alpine_basic",
            "python_basic",
            "ubuntu_pro",
            "python_pro",
            "nodejs_pro",
            "go_pro",
            "rust_pro",
            "python_enterprise",
            "jupyter_enterprise",
            "cuda_enterprise",
            "java_enterprise",
        ]
    ]
    image_url: Optional[str]
    image_tag: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(
            self, key: Literal["image_type"], /
        ) -> Optional[
            Literal[
                "alpine",
                "ubuntu",
                "python",
                "nodejs",
                "go",
                "rust",
                "java",
                "custom",
                "alpine_basic",
                "python_basic",
                "ubuntu_pro",
                "python_pro",
                "nodejs_pro",
                "go_pro",
                "rust_pro",
                "python_enterprise",
                "jupyter_enterprise",
                "cuda_enterprise",
                "java_enterprise",
            ]
        ]: ...
        @overload
        def __getitem__(self, key: Literal["image_url"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["image_tag"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionCreateGpuSpec(Record):
    """The wire's `SessionCreateGpuSpec`."""

    gpu_type: Optional[Literal["none", "t4", "v100", "a100", "h100", "l4"]]
    gpu_count: Optional[int]

    if TYPE_CHECKING:

        @overload
        def __getitem__(
            self, key: Literal["gpu_type"], /
        ) -> Optional[Literal["none", "t4", "v100", "a100", "h100", "l4"]]: ...
        @overload
        def __getitem__(self, key: Literal["gpu_count"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionCreateStorageConfig(Record):
    """The wire's `SessionCreateStorageConfig`."""

    volume: Optional[str]
    """A volume or bucket within its workspace."""
    bucket: Optional[str]
    """A volume or bucket within its workspace."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["volume"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["bucket"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionCreate(Record):
    """The wire's `SessionCreate`."""

    provider: Optional[Literal["auto", "gke", "cloud_run", "workstations"]]
    """Where it runs; `auto` (the default) decides."""
    template: Optional[str]
    namespace: Optional[str]
    """A label that groups sessions, such as a project."""
    user: Optional[str]
    """Whose session it is; the key’s own user when left out."""
    workspace_id: Optional[str]
    """A workspace, unique for its owner."""
    workspace_owner: Optional[str]
    """Whose workspace; `user` when left out."""
    ttl_minutes: Optional[int]
    """Minutes to live, 60 when left out."""
    resource_package: Optional[
        Literal[
            "free_micro",
            "dev_micro",
            "dev_small",
            "dev_medium",
            "dev_large",
            "ds_small",
            "ds_medium",
            "ds_large",
            "ml_t4_small",
            "ml_t4_medium",
            "ml_t4_large",
            "ml_a100_small",
            "ml_a100_medium",
            "ml_a100_large",
            "ml_h100_small",
            "ml_h100_medium",
            "ml_h100_large",
            "compute_small",
            "compute_medium",
            "compute_large",
            "compute_xlarge",
        ]
    ]
    resource_tier: Optional[Literal["small", "medium", "large", "xlarge"]]
    resource_spec: Optional[SessionCreateResourceSpec]
    image_spec: Optional[SessionCreateImageSpec]
    gpu_spec: Optional[SessionCreateGpuSpec]
    gpu_type: Optional[Literal["none", "t4", "v100", "a100", "h100", "l4"]]
    gpu_count: Optional[int]
    request_persistent_storage: Optional[bool]
    persistent_storage_size_gb: Optional[int]
    request_bucket: Optional[bool]
    bucket_size_gb: Optional[int]
    storage_config: Optional[SessionCreateStorageConfig]
    env: Optional[dict[str, Any]]
    """Given to every command. Sealed at rest and never readable again: only the names are."""
    labels: Optional[dict[str, Any]]
    needs_ssh: Optional[bool]
    long_lived: Optional[bool]
    expected_duration_minutes: Optional[int]

    if TYPE_CHECKING:

        @overload
        def __getitem__(
            self, key: Literal["provider"], /
        ) -> Optional[Literal["auto", "gke", "cloud_run", "workstations"]]: ...
        @overload
        def __getitem__(self, key: Literal["template"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["namespace"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["user"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["workspace_owner"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["ttl_minutes"], /) -> Optional[int]: ...
        @overload
        def __getitem__(
            self, key: Literal["resource_package"], /
        ) -> Optional[
            Literal[
                "free_micro",
                "dev_micro",
                "dev_small",
                "dev_medium",
                "dev_large",
                "ds_small",
                "ds_medium",
                "ds_large",
                "ml_t4_small",
                "ml_t4_medium",
                "ml_t4_large",
                "ml_a100_small",
                "ml_a100_medium",
                "ml_a100_large",
                "ml_h100_small",
                "ml_h100_medium",
                "ml_h100_large",
                "compute_small",
                "compute_medium",
                "compute_large",
                "compute_xlarge",
            ]
        ]: ...
        @overload
        def __getitem__(
            self, key: Literal["resource_tier"], /
        ) -> Optional[Literal["small", "medium", "large", "xlarge"]]: ...
        @overload
        def __getitem__(self, key: Literal["resource_spec"], /) -> Optional[SessionCreateResourceSpec]: ...
        @overload
        def __getitem__(self, key: Literal["image_spec"], /) -> Optional[SessionCreateImageSpec]: ...
        @overload
        def __getitem__(self, key: Literal["gpu_spec"], /) -> Optional[SessionCreateGpuSpec]: ...
        @overload
        def __getitem__(
            self, key: Literal["gpu_type"], /
        ) -> Optional[Literal["none", "t4", "v100", "a100", "h100", "l4"]]: ...
        @overload
        def __getitem__(self, key: Literal["gpu_count"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["request_persistent_storage"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["persistent_storage_size_gb"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["request_bucket"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["bucket_size_gb"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["storage_config"], /) -> Optional[SessionCreateStorageConfig]: ...
        @overload
        def __getitem__(self, key: Literal["env"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: Literal["labels"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: Literal["needs_ssh"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["long_lived"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["expected_duration_minutes"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Estimate(Record):
    """The wire's `Estimate`."""

    provider: str
    cpu_cost_per_hour: Optional[float]
    """Null where the price is missing from the price table."""
    memory_cost_per_hour: Optional[float]
    """Null where the price is missing from the price table."""
    gpu_cost_per_hour: Optional[float]
    """Null where the price is missing from the price table."""
    storage_cost_per_hour: Optional[float]
    """Null where the price is missing from the price table."""
    total_cost_per_hour: Optional[float]
    """Null where the price is missing from the price table."""
    at_least_total_cost_per_hour: float
    """The known part of the figure before it; the same where no price is missing."""
    at_most_total_cost_per_hour: Optional[float]
    """The figure with the upper bounds of missing prices; null where one of those has no bound."""
    estimated_total_cost: Optional[float]
    """Null where the price is missing from the price table."""
    at_least_estimated_total_cost: float
    """The known part of the figure before it; the same where no price is missing."""
    at_most_estimated_total_cost: Optional[float]
    """The figure with the upper bounds of missing prices; null where one of those has no bound."""
    currency: str
    region: str
    ttl_minutes: float
    plan: Optional[dict[str, Any]]
    """What the provider will really run and bill."""
    warnings: list[str]
    missing_prices: list[str]
    """Rows that the price table lacks a price for: only the known part is estimated and billed."""
    price_table: str
    """Version of the built-in price table."""
    price_list: str
    """Name of the price list: of the server’s own (`ONMEMOS_PRICES_FILE`), else `onmemos`."""
    providers: Optional[list[dict[str, Any]]]
    """With provider auto: the same for each provider, refusals included."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["provider"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["cpu_cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["memory_cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["gpu_cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["storage_cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["total_cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["at_least_total_cost_per_hour"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["at_most_total_cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["estimated_total_cost"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["at_least_estimated_total_cost"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["at_most_estimated_total_cost"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["currency"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["region"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["ttl_minutes"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["plan"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: Literal["warnings"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["missing_prices"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["price_table"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["price_list"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["providers"], /) -> Optional[list[dict[str, Any]]]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Cleaned(Record):
    """The wire's `Cleaned`."""

    cleaned: int

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["cleaned"], /) -> int: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionUpdate(Record):
    """The wire's `SessionUpdate`."""

    ttl_minutes: Optional[int]
    """Minutes to live from now."""
    labels: Optional[dict[str, str]]
    """Replaces all labels."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["ttl_minutes"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["labels"], /) -> Optional[dict[str, str]]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionConnection(Record):
    """The wire's `SessionConnection`."""

    id: str
    status: Literal["creating", "running", "terminating", "terminated", "failed"]
    url: Optional[str]
    websocket: Optional[str]
    ssh: Optional[str]
    subprotocols: list[str]
    how: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["id"], /) -> str: ...
        @overload
        def __getitem__(
            self, key: Literal["status"], /
        ) -> Literal["creating", "running", "terminating", "terminated", "failed"]: ...
        @overload
        def __getitem__(self, key: Literal["url"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["websocket"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["ssh"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["subprotocols"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["how"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Usage(Record):
    """Measured now; null where this session’s provider can’t measure it."""

    cpu_percent: Optional[float]
    """Of one CPU: 200 is two whole ones."""
    memory_mb: Optional[float]
    memory_limit_mb: Optional[float]
    disk_mb: Optional[float]
    processes: Optional[float]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["cpu_percent"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["memory_mb"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["memory_limit_mb"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["disk_mb"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["processes"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionCost(Record):
    """The wire's `SessionCost`."""

    session_id: str
    status: str
    cost_so_far: Optional[float]
    """Null where the price is missing from the price table."""
    at_least_cost_so_far: float
    """The known part of the figure before it; the same where no price is missing."""
    at_most_cost_so_far: Optional[float]
    """The figure with the upper bounds of missing prices; null where one of those has no bound."""
    billed: float
    """What the ledger has of it: the known part."""
    cost_per_hour: Optional[float]
    """Null where the price is missing from the price table."""
    at_least_cost_per_hour: float
    """The known part of the figure before it; the same where no price is missing."""
    at_most_cost_per_hour: Optional[float]
    """The figure with the upper bounds of missing prices; null where one of those has no bound."""
    billed_until: Optional[str]
    billed_seconds: float
    estimated_total_cost: Optional[float]
    """Null where the price is missing from the price table."""
    at_least_estimated_total_cost: float
    """The known part of the figure before it; the same where no price is missing."""
    at_most_estimated_total_cost: Optional[float]
    """The figure with the upper bounds of missing prices; null where one of those has no bound."""
    currency: str
    region: str
    note: Optional[str]
    missing_prices: list[str]
    """Rows that the price table lacks a price for: only the known part is estimated and billed."""
    price_list: str
    """Name of the price list: of the server’s own (`ONMEMOS_PRICES_FILE`), else `onmemos`."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["session_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["status"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["cost_so_far"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["at_least_cost_so_far"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["at_most_cost_so_far"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["billed"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["at_least_cost_per_hour"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["at_most_cost_per_hour"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["billed_until"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["billed_seconds"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["estimated_total_cost"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["at_least_estimated_total_cost"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["at_most_estimated_total_cost"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["currency"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["region"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["note"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["missing_prices"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["price_list"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class AuditEventActor(Record):
    """The wire's `AuditEventActor`."""

    kind: Literal["key", "system", "agent"]
    key_id: Optional[str]
    user_id: Optional[str]
    job: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["kind"], /) -> Literal["key", "system", "agent"]: ...
        @overload
        def __getitem__(self, key: Literal["key_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["job"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class AuditEvent(Record):
    """The wire's `AuditEvent`."""

    id: str
    at: str
    action: str
    """An operation name, or what the system did."""
    actor: AuditEventActor
    workspace_owner: Optional[str]
    workspace_id: Optional[str]
    session_id: Optional[str]
    target: Optional[str]
    request_id: Optional[str]
    detail: dict[str, Any]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["action"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["actor"], /) -> AuditEventActor: ...
        @overload
        def __getitem__(self, key: Literal["workspace_owner"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["workspace_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["session_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["target"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["request_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["detail"], /) -> dict[str, Any]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Ticket(Record):
    """The wire's `Ticket`."""

    ticket: str
    subprotocol: str
    expires_at: str

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["ticket"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["subprotocol"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["expires_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class ExecuteResult(Record):
    """The wire's `ExecuteResult`."""

    stdout: str
    stderr: str
    returncode: int
    success: bool
    exec_id: str
    timed_out: bool
    truncated: bool
    """More than 8 MiB of one stream: the rest is in the exec’s output."""
    stdout_base64: Optional[str]
    """Only where stdout is not valid UTF-8."""
    stderr_base64: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["stdout"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["stderr"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["returncode"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["success"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["exec_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["timed_out"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["truncated"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["stdout_base64"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["stderr_base64"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Job(Record):
    """The wire's `Job`."""

    job_id: str
    status: Literal["running", "completed", "failed"]
    session_id: str
    command: str
    started_at: str
    stdout: Optional[str]
    stderr: Optional[str]
    returncode: Optional[int]
    success: Optional[bool]
    exec_id: Optional[str]
    timed_out: Optional[bool]
    truncated: Optional[bool]
    """More than 8 MiB of one stream: the rest is in the exec’s output."""
    stdout_base64: Optional[str]
    """Only where stdout is not valid UTF-8."""
    stderr_base64: Optional[str]
    ended_at: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["job_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["status"], /) -> Literal["running", "completed", "failed"]: ...
        @overload
        def __getitem__(self, key: Literal["session_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["command"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["started_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["stdout"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["stderr"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["returncode"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["success"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["exec_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["timed_out"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["truncated"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["stdout_base64"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["stderr_base64"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["ended_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Execute(Record):
    """The wire's `Execute`."""

    command: str
    """Run by /bin/sh -c in /workspace."""
    timeout: Optional[float]
    """Seconds (1 to 3000, 120 when left out; an asynchronous command without one runs to the session’s end)."""
    async_execution: Optional[bool]
    env: Optional[dict[str, Any]]
    cwd: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["command"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["timeout"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["async_execution"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["env"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: Literal["cwd"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Exec(Record):
    """The wire's `Exec`."""

    exec_id: str
    session_id: str
    command: Optional[str]
    argv: Optional[list[str]]
    status: Literal["running", "exited", "killed", "timed_out", "lost"]
    exit_code: Optional[int]
    signal: Optional[str]
    tty: bool
    next_offset: int
    stdin_offset: int
    started_at: str
    ended_at: Optional[str]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["exec_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["session_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["command"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["argv"], /) -> Optional[list[str]]: ...
        @overload
        def __getitem__(
            self, key: Literal["status"], /
        ) -> Literal["running", "exited", "killed", "timed_out", "lost"]: ...
        @overload
        def __getitem__(self, key: Literal["exit_code"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["signal"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["tty"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["next_offset"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["stdin_offset"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["started_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["ended_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


ExecStartArgvItem = str


class ExecStartTty(Record):
    """The wire's `ExecStartTty`."""

    cols: int
    rows: int

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["cols"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["rows"], /) -> int: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class ExecStart(Record):
    """The wire's `ExecStart`."""

    command: Optional[str]
    argv: Optional[list[ExecStartArgvItem]]
    cwd: Optional[str]
    env: Optional[dict[str, str]]
    timeout: Optional[float]
    """Seconds; without it the exec runs to the session’s end."""
    tty: Optional[Union[bool, ExecStartTty]]
    merge: Optional[bool]
    """One pipe for both streams, for exact order."""
    stdin: Optional[bool]
    """Keep stdin open for the stdin route; otherwise it is empty."""
    log_limit_mb: Optional[int]
    exec_id: Optional[str]
    """Your own id; starting it twice starts it once."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["command"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["argv"], /) -> Optional[list[ExecStartArgvItem]]: ...
        @overload
        def __getitem__(self, key: Literal["cwd"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["env"], /) -> Optional[dict[str, str]]: ...
        @overload
        def __getitem__(self, key: Literal["timeout"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["tty"], /) -> Optional[Union[bool, ExecStartTty]]: ...
        @overload
        def __getitem__(self, key: Literal["merge"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["stdin"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["log_limit_mb"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["exec_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class StdinResult(Record):
    """The wire's `StdinResult`."""

    next_offset: int
    eof: bool

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["next_offset"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["eof"], /) -> bool: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Stdin(Record):
    """The wire's `Stdin`."""

    offset: int
    data: str
    encoding: Optional[Literal["utf8", "base64"]]
    eof: Optional[bool]

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["offset"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["data"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["encoding"], /) -> Optional[Literal["utf8", "base64"]]: ...
        @overload
        def __getitem__(self, key: Literal["eof"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Signal(Record):
    """The wire's `Signal`."""

    signal: Literal["TERM", "KILL", "INT", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH"]

    if TYPE_CHECKING:

        @overload
        def __getitem__(
            self, key: Literal["signal"], /
        ) -> Literal["TERM", "KILL", "INT", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH"]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class CostsGroup(Record):
    """The wire's `CostsGroup`."""

    key: str
    cost: float
    seconds: float

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["key"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["cost"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["seconds"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Costs(Record):
    """The wire's `Costs`."""

    from_: str
    to: str
    currency: str
    price_list: str
    """Name of the price list in use now; each ledger entry has its own."""
    total: float
    """The known part, where prices were missing."""
    missing_prices: list[str]
    """Rows that had no price when what is summed here was billed: the true total is higher."""
    groups: list[CostsGroup]
    truncated: bool

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["from"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["to"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["currency"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["price_list"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["total"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["missing_prices"], /) -> list[str]: ...
        @overload
        def __getitem__(self, key: Literal["groups"], /) -> list[CostsGroup]: ...
        @overload
        def __getitem__(self, key: Literal["truncated"], /) -> bool: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...
