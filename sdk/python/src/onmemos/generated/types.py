# Made by generate.sh from sdk/openapi.json: edit that instead.

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Optional, Union, overload

from onmemos.record import Record


class ProblemError(Record):
    """The wire's `ProblemError`."""

    field: str
    """Name of the field; `a.b` for a field within another."""
    message: str
    """What is wrong with it."""

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
    """`urn:onmemos:problem:` and the error code."""
    title: str
    """The error code as a short sentence."""
    status: int
    """The HTTP status."""
    detail: str
    """A sentence that says what is wrong and what to do."""
    code: str
    """The error code, from a closed list."""
    request_id: str
    """Id of the request; the server’s log has the cause under it."""
    retryable: bool
    """Whether the same call may succeed if it is repeated unchanged. False for a POST without an `Idempotency-Key` that may have taken effect already."""
    errors: Optional[list[ProblemError]]
    """The invalid fields, if `code` is `invalid`."""
    status_reason: Optional[str]
    """Why the session ended, from the list of its `status_reason`, if it is not running."""
    resource: Optional[Literal["session", "exec", "workspace", "user", "key", "webhook", "volume", "bucket"]]
    """What does not exist, if `code` is `not_found` and it is not the path itself."""
    exec_id: Optional[str]
    """The command that the error is about, if it has a record."""
    exit_code: Optional[int]
    """Of a command that could not be started, the exit code that a shell would give it: 127 if there is no such program, 126 if it can’t be run or its folder can’t be entered."""

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
        def __getitem__(self, key: Literal["status_reason"], /) -> Optional[str]: ...
        @overload
        def __getitem__(
            self, key: Literal["resource"], /
        ) -> Optional[Literal["session", "exec", "workspace", "user", "key", "webhook", "volume", "bucket"]]: ...
        @overload
        def __getitem__(self, key: Literal["exec_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["exit_code"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class OutputChunk(Record):
    """The wire's `OutputChunk`."""

    seq: int
    """Offset of the first byte in the log of both streams."""
    stream: Literal["stdout", "stderr"]
    """`stdout` or `stderr`; a terminal has only `stdout`."""
    data: str
    """The bytes, as `encoding` says."""
    encoding: Literal["utf8", "base64"]
    """`utf8`, or `base64` if the bytes are not UTF-8."""
    time: Optional[datetime]
    """When the first byte was read from the command, to 50 milliseconds. It never goes back within a log. Null if the keeper of the session is of an earlier version, which keeps no times."""

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
        def __getitem__(self, key: Literal["time"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class OutputGap(Record):
    """Bytes that were dropped before they were read: `from` to `to`, the latter kept."""

    from_: int
    """Offset of the first dropped byte."""
    to: int
    """Offset of the first byte after the gap."""

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
    """Runs a command beside the terminal."""
    command: str
    """Line for `/bin/sh -c`."""

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
    """Types into the terminal, which starts at the first input."""
    data: str
    """The text to type."""

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
    """Sets the size of the terminal."""
    cols: int
    """Width in characters."""
    rows: int
    """Height in characters."""

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
    """The result of a command."""
    stdout: str
    """Output as text."""
    stderr: str
    """Error output as text."""
    returncode: int
    """Exit code; 128 + n if signal n ended it."""
    success: bool
    """Whether `returncode` is 0."""

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
    """Output of the terminal."""
    data: str
    """Text with control sequences."""

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
    """A message was refused."""
    detail: str
    """A sentence that says what is wrong."""
    code: str
    """The error code, from a closed list."""

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
    """Always `healthy`."""
    version: str
    """Version of the server."""
    timestamp: datetime
    """Time of the server."""
    uptime_seconds: float
    """Seconds since the server started."""

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
    """Always true; otherwise the answer is 503."""
    checks: dict[str, str]
    """State of each dependency: `ok`, otherwise a sentence."""

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
    """Always `onmemos`."""
    version: str
    """Version of the server."""
    status: str
    """Always `running`."""
    region: str
    """Region whose prices are used."""
    mode: str
    """Kind of deployment, such as `standalone`."""
    docs: str
    """Path of the API page."""
    openapi: str
    """Path of the OpenAPI document."""
    user_id: Optional[str]
    """User that the key acts for; null for an admin key."""

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
    """GPU; null if the package has none."""

    type: str
    """Type of the GPU."""
    count: int
    """Number of GPUs."""

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
    """Name of the package."""
    cpu: str
    """CPU as a quantity, such as `500m` or `2`."""
    memory: str
    """Memory as a quantity, such as `2Gi`."""
    cpu_millis: int
    """CPU in thousandths of a CPU."""
    memory_mb: int
    """Memory in MiB."""
    gpu: Optional[PackageGpu]
    """GPU; null if the package has none."""
    default_image: str
    """Type of the image that is used if none is requested."""
    allowed_user_types: list[str]
    """User types that may use the package."""
    allowed: Optional[bool]
    """Whether the caller may use it; null for an admin key."""
    cost_per_hour: dict[str, Optional[float]]
    """Price of one hour by provider; null if the provider does not offer it or its price is missing."""
    currency: str
    """Currency of all amounts: `USD`."""
    price_list: str
    """Name of the price list that was used: the name in the file of `ONMEMOS_PRICES_FILE`, otherwise `onmemos`."""

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
    """Name of the provider, as a session requests it."""
    available: bool
    """Whether sessions can request it."""
    why: Optional[str]
    """Why it is not available, or which driver serves it."""
    driver: Optional[str]
    """Driver that runs its sessions; null if it is not available."""
    images: bool
    """Whether it runs container images."""
    gpu: bool
    """Whether it has GPUs."""
    gpu_types: list[str]
    """Types of GPU that it offers."""
    max_life_minutes: Optional[int]
    """Longest time to live of a session without a GPU, in minutes; null if the provider sets no limit."""
    isolation: Optional[str]
    """Isolation level of its sessions; null if it is not available."""

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
    """Id of the user."""
    user_type: Literal["free", "pro", "enterprise", "admin"]
    """Type of the user, which decides the limits."""
    max_concurrent_sessions: int
    """Limit of live sessions at the same time."""
    monthly_budget_usd: Optional[float]
    """Budget of each UTC month in USD; null: no budget."""
    budget_action: Literal["refuse", "terminate"]
    """Action for when the budget is spent: `refuse` creates, or `terminate` live sessions too."""
    created_at: datetime
    """When the user was created."""

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
    """Type of the user, which decides the limits; unchanged if left out."""
    max_concurrent_sessions: Optional[int]
    """Live sessions at the same time, instead of the limit of the user type; null: the limit of the user type."""
    monthly_budget_usd: Optional[float]
    """Budget of each UTC month in USD; null: no budget."""
    budget_action: Optional[Literal["refuse", "terminate"]]
    """Action for when the budget is spent: `refuse` creates, or `terminate` live sessions too; unchanged if left out."""

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
    """Always true."""
    retained_until: Optional[datetime]
    """Until when the data of a deleted workspace is kept; null if it is deleted."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["deleted"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["retained_until"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsWorkspaces(Record):
    """Workspaces, without the default one."""

    limit: float
    """The limit."""
    used: float
    """Current use."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsConcurrentSessions(Record):
    """Live sessions."""

    limit: float
    """The limit."""
    used: float
    """Current use."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsPerWorkspace(Record):
    """Limits of each workspace."""

    buckets: float
    """Number of buckets."""
    volumes: float
    """Number of volumes."""
    storage_gb: float
    """Size of all volumes and buckets together, in GB."""

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
    """Number of buckets."""

    limit: float
    """The limit."""
    used: float
    """Current use."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsStorageItemVolumes(Record):
    """Number of volumes."""

    limit: float
    """The limit."""
    used: float
    """Current use."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["limit"], /) -> float: ...
        @overload
        def __getitem__(self, key: Literal["used"], /) -> float: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class EntitlementsStorageItemStorageGb(Record):
    """Size of all volumes and buckets together, in GB."""

    limit: float
    """The limit."""
    used: float
    """Current use."""

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
    """Id of the workspace."""
    buckets: EntitlementsStorageItemBuckets
    """Number of buckets."""
    volumes: EntitlementsStorageItemVolumes
    """Number of volumes."""
    storage_gb: EntitlementsStorageItemStorageGb
    """Size of all volumes and buckets together, in GB."""

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
    """The budget of the current month; null without a budget."""

    month: str
    """The UTC month, such as `2026-11`."""
    monthly_budget_usd: float
    """Budget of the month in USD."""
    budget_action: Literal["refuse", "terminate"]
    """Action for when the budget is spent."""
    spent_usd: float
    """Amount billed this month in USD."""
    unpriced_at_most_usd: float
    """The most that the provider may have charged this month beyond the billed amount, for missing prices that have an upper bound, in USD. It counts against a `refuse` budget."""
    reserved_usd: float
    """Amount reserved this month for live sessions and storage, in USD."""
    note: Optional[str]
    """With `terminate`: how much a session can exceed the budget."""

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
        def __getitem__(self, key: Literal["unpriced_at_most_usd"], /) -> float: ...
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
    """Id of the user."""
    user_type: Literal["free", "pro", "enterprise", "admin"]
    """Type of the user."""
    workspaces: EntitlementsWorkspaces
    """Workspaces, without the default one."""
    concurrent_sessions: EntitlementsConcurrentSessions
    """Live sessions."""
    per_workspace: EntitlementsPerWorkspace
    """Limits of each workspace."""
    storage: list[EntitlementsStorageItem]
    """Storage of each workspace."""
    allowed_packages: list[str]
    """Packages that the user may request."""
    allowed_gpus: list[str]
    """Types of GPU that the user may request."""
    sharing: bool
    """Whether the user may share workspaces."""
    cross_namespace: bool
    """Whether the user may have live sessions in several namespaces."""
    budget: Optional[EntitlementsBudget]
    """The budget of the current month; null without a budget."""

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
    """Volumes and buckets of the workspace."""

    volumes: int
    """Number of volumes."""
    buckets: int
    """Number of buckets."""
    size_gb: float
    """Size of all volumes and buckets together, in GB."""

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
    """Id of the owner."""
    workspace_id: str
    """Id of the workspace, unique for its owner."""
    name: str
    """Name for people."""
    description: Optional[str]
    """Text for people; null if there is none."""
    resource_package: str
    """Default package of its sessions."""
    status: Literal["active", "deleting", "deleted"]
    """`active`; `deleting` while sessions end; `deleted` while data is kept."""
    role: Literal["owner", "editor", "viewer"]
    """The caller’s role in the workspace."""
    user_type: str
    """User type of the owner."""
    live_sessions: int
    """Number of sessions that have not ended."""
    storage: WorkspaceStorage
    """Volumes and buckets of the workspace."""
    created_at: datetime
    """When it was created."""
    updated_at: datetime
    """When it was last changed."""
    retained_until: Optional[datetime]
    """If deleted: until when its volumes and buckets are kept and billed."""

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
    """Id of a user, as your own system names the user: 1 to 128 characters, without a slash and without control or invisible characters. Two spellings in Unicode (NFC, NFD) are one user; upper and lower case are two."""
    workspace_id: str
    """Id of a workspace, unique for its owner."""
    name: str
    """Name for people."""
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
    """Default package of its sessions."""
    description: Optional[str]
    """Text for people, up to 2000 characters."""

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
    """Id of the user."""
    role: Literal["editor", "viewer"]
    """`editor` can use its sessions, `viewer` can only read."""
    added_at: datetime
    """When the user became a member."""

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
    """`editor` can use its sessions, `viewer` can only read."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["role"], /) -> Literal["editor", "viewer"]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Storage(Record):
    """A volume or a bucket of a workspace."""

    name: str
    """Name, unique in its workspace among volumes or buckets."""
    kind: Literal["volume", "bucket"]
    """`volume` or `bucket`."""
    workspace_owner: str
    """Id of the workspace’s owner."""
    workspace_id: str
    """Id of the workspace."""
    provider: str
    """Kind of storage, such as `local`; fixed when it is created."""
    access: Literal["one_node", "many"]
    """`many`: several sessions can mount it at once. `one_node`: one at a time."""
    size_gb: float
    """Size in GB."""
    size_limit: Literal["hard", "watched"]
    """`hard`: the provider enforces the size. `watched`: the size is measured, and a session that exceeds it is ended."""
    used_gb: Optional[float]
    """GB in use, measured now; null if this can’t be measured."""
    mounted_by: list[str]
    """Ids of the live sessions that mount it."""
    cost_per_hour: Optional[float]
    """Price of one hour; null if the price is missing."""
    currency: str
    """Currency of all amounts: `USD`."""
    price_list: str
    """Name of the price list that was used: the name in the file of `ONMEMOS_PRICES_FILE`, otherwise `onmemos`."""
    created_at: datetime
    """When it was created."""
    retained_until: Optional[datetime]
    """If its workspace is deleted: until when it is kept and billed."""

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
    """Id of an API key."""
    name: str
    """Name for people."""
    user_id: Optional[str]
    """User that the key acts for; null: any user."""
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
    """Operations that the key may call."""
    workspace_id: Optional[str]
    """The only workspace that the key can use; null: all."""
    workspace_owner: Optional[str]
    """Owner of that workspace."""
    session_id: Optional[str]
    """The only session that the key can use; null: all."""
    created_at: datetime
    """When it was created."""
    expires_at: Optional[datetime]
    """When it stops working; null: never."""
    last_used_at: Optional[datetime]
    """When it was last used, to the minute; null: never."""
    revoked_at: Optional[datetime]
    """When it was revoked; null: it is not revoked."""
    secret: Optional[str]
    """The whole key. Only the answer to the create has it."""
    message: Optional[str]
    """What to do with the secret."""

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
    """Name for people."""
    user_id: Optional[str]
    """User that the key acts for. If an admin leaves it out: an admin key, if `scopes` contains `admin` or is left out."""
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
    """Operations that the key may call; by default all that the calling key may give."""
    workspace_id: Optional[str]
    """Restricts the key to this workspace."""
    workspace_owner: Optional[str]
    """Owner of `workspace_id`; by default the user of the key."""
    session_id: Optional[str]
    """Restricts the key to this session."""
    expires_at: Optional[datetime]
    """When the key stops working; by default when the calling key expires, otherwise never."""

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


class WebhookLastDelivery(Record):
    """The last try of a delivery; null: there was none."""

    id: str
    """Id of the message: its `webhook-id` header."""
    type: str
    """Kind of the notice, or `webhook.test`."""
    at: datetime
    """When it was sent."""
    milliseconds: int
    """How long the answer took."""
    success: bool
    """Whether the receiver answered with a status from 200 to 299."""
    status: Optional[int]
    """HTTP status of the answer; null if there was none."""
    error: Optional[
        Literal["address_refused", "name_not_found", "no_connection", "tls", "timeout", "redirect", "status"]
    ]
    """`address_refused`: the name leads to an address to which the server does not send. `name_not_found`: the name leads nowhere. `no_connection`: nothing answered, or the connection broke. `tls`: the certificate or the encryption was refused. `timeout`: no answer within 10 s. `redirect`: the answer was a redirect, which is not followed. `status`: another answer than success. null: success."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["type"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["milliseconds"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["success"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["status"], /) -> Optional[int]: ...
        @overload
        def __getitem__(
            self, key: Literal["error"], /
        ) -> Optional[
            Literal["address_refused", "name_not_found", "no_connection", "tls", "timeout", "redirect", "status"]
        ]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Webhook(Record):
    """The wire's `Webhook`."""

    webhook_id: str
    """Id of a webhook."""
    user_id: str
    """User whose notices are sent."""
    url: str
    """Address that receives the notices."""
    events: Optional[list[Literal["budget.threshold", "session.ending", "session.reclaiming"]]]
    """Kinds of notices that are sent; null: all."""
    description: Optional[str]
    """Text for people."""
    status: Literal["active", "paused"]
    """`paused`: it failed for three days. A test delivery that succeeds resumes it."""
    created_at: datetime
    """When it was created."""
    failing_since: Optional[datetime]
    """When the first delivery failed after a success; null: none."""
    paused_at: Optional[datetime]
    """When it was paused; null: it is active."""
    last_delivery: Optional[WebhookLastDelivery]
    """The last try of a delivery; null: there was none."""
    secret: Optional[str]
    """Secret of the signatures. Only the answers to the create and to a new secret have it."""
    message: Optional[str]
    """What to do without the secret."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["webhook_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["url"], /) -> str: ...
        @overload
        def __getitem__(
            self, key: Literal["events"], /
        ) -> Optional[list[Literal["budget.threshold", "session.ending", "session.reclaiming"]]]: ...
        @overload
        def __getitem__(self, key: Literal["description"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["status"], /) -> Literal["active", "paused"]: ...
        @overload
        def __getitem__(self, key: Literal["created_at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["failing_since"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["paused_at"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["last_delivery"], /) -> Optional[WebhookLastDelivery]: ...
        @overload
        def __getitem__(self, key: Literal["secret"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["message"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class WebhookCreate(Record):
    """The wire's `WebhookCreate`."""

    url: str
    """Address that receives the notices."""
    user_id: Optional[str]
    """User whose notices are sent; by default the user of the key. A key of any user must name it."""
    events: Optional[list[Literal["budget.threshold", "session.ending", "session.reclaiming"]]]
    """Kinds of notices to send; by default all, those of later releases as well."""
    description: Optional[str]
    """Text for people."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["url"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["user_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(
            self, key: Literal["events"], /
        ) -> Optional[list[Literal["budget.threshold", "session.ending", "session.reclaiming"]]]: ...
        @overload
        def __getitem__(self, key: Literal["description"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class WebhookDelivery(Record):
    """The wire's `WebhookDelivery`."""

    id: str
    """Id of the message: its `webhook-id` header."""
    type: str
    """Kind of the notice, or `webhook.test`."""
    at: datetime
    """When it was sent."""
    milliseconds: int
    """How long the answer took."""
    success: bool
    """Whether the receiver answered with a status from 200 to 299."""
    status: Optional[int]
    """HTTP status of the answer; null if there was none."""
    error: Optional[
        Literal["address_refused", "name_not_found", "no_connection", "tls", "timeout", "redirect", "status"]
    ]
    """`address_refused`: the name leads to an address to which the server does not send. `name_not_found`: the name leads nowhere. `no_connection`: nothing answered, or the connection broke. `tls`: the certificate or the encryption was refused. `timeout`: no answer within 10 s. `redirect`: the answer was a redirect, which is not followed. `status`: another answer than success. null: success."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["id"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["type"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["at"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["milliseconds"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["success"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["status"], /) -> Optional[int]: ...
        @overload
        def __getitem__(
            self, key: Literal["error"], /
        ) -> Optional[
            Literal["address_refused", "name_not_found", "no_connection", "tls", "timeout", "redirect", "status"]
        ]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Session(Record):
    """The wire's `Session`."""

    id: str
    """Id of the session."""
    provider: str
    """Provider that was requested; for `auto` the driver that was chosen."""
    namespace: str
    """Label that groups sessions."""
    user: str
    """User of the session."""
    workspace_id: str
    """Workspace of the session."""
    workspace_owner: str
    """Owner of the workspace, whose quotas and budget the session uses."""
    template: Optional[str]
    """Purpose of the session, as requested."""
    status: Literal["creating", "running", "terminating", "terminated", "failed"]
    """`creating`, `running`, `terminating`, and at the end `terminated` or `failed`."""
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
    """Why the session ends or has ended, from a closed list; null before that."""
    status_message: Optional[str]
    """A sentence that says what happened and what to do."""
    url: Optional[str]
    """Address of the session in this API; null once it ends."""
    websocket: Optional[str]
    """Address of its shell; null once it ends."""
    ssh: Optional[str]
    """Always null: sessions are reached through this API."""
    details: dict[str, Any]
    """`driver`, `isolation`, `limits`, `network`, `image`, `workspace_path`, `warnings` and the plan."""
    user_type: str
    """User type of the workspace’s owner when the session was created."""
    resource_package: Optional[str]
    """Package of the session; null with `resource_tier`."""
    resource_spec: dict[str, Any]
    """`cpu_request`, `cpu_limit`, `memory_request` and `memory_limit` as quantities."""
    image_spec: dict[str, Any]
    """`image_type`, `image_url` and `image_tag`."""
    gpu_spec: Optional[dict[str, Any]]
    """`gpu_type` and `gpu_count`; null without a GPU."""
    storage_allocation: Optional[dict[str, Any]]
    """`persistent_storage` and `bucket`, each with `name`, `size_gb` and `mount_path`; their names also as `persistent_volume_name` and `bucket_name`; null without storage."""
    storage_config: Optional[dict[str, Any]]
    """Names of the `volume` and the `bucket`; null without storage."""
    storage_status: Optional[str]
    """`pending`, `ready`, or `detached` after the end; null without storage."""
    env_names: list[str]
    """Names of the environment variables. The values can’t be read back."""
    labels: dict[str, str]
    """Labels of the session."""
    ttl_minutes: float
    """Minutes from the creation to `expires_at`."""
    created_at: datetime
    """When it was created."""
    expires_at: datetime
    """When its time to live ends."""
    started_at: Optional[datetime]
    """When it began to run, as its provider recorded it; null before that."""
    ended_at: Optional[datetime]
    """When it ended, as its provider recorded it; null before that."""
    k8s_namespace: Optional[str]
    """Kubernetes namespace; null if the provider has none."""
    pod_name: Optional[str]
    """Kubernetes pod; null if the provider has none."""
    service_name: Optional[str]
    """Cloud Run service; null if the provider has none."""
    job_name: Optional[str]
    """Cloud Run job; null if the provider has none."""

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
    """CPU and memory. Overrides the package."""

    cpu_size: Optional[Literal["micro", "small", "medium", "large", "xlarge", "xxlarge", "custom"]]
    """CPU as a named size; `custom` uses `custom_cpu_…`."""
    memory_size: Optional[Literal["micro", "small", "medium", "large", "xlarge", "xxlarge", "xxxlarge", "custom"]]
    """Memory as a named size; `custom` uses `custom_memory_…`."""
    custom_cpu_request: Optional[str]
    """CPU to reserve, such as `500m` or `1.5`."""
    custom_cpu_limit: Optional[str]
    """CPU at most; by default the request."""
    custom_memory_request: Optional[str]
    """Memory to reserve, such as `512Mi` or `6Gi`."""
    custom_memory_limit: Optional[str]
    """Memory at most; by default the request."""

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
    """Image of the session; by default the package’s."""

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
    """Kind of image; `custom` uses `image_url`."""
    image_url: Optional[str]
    """Reference of a container image, such as `registry/name:tag`."""
    image_tag: Optional[str]
    """Tag of the image, such as `3.11-slim`."""

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
    """GPU of the session; by default the package’s."""

    gpu_type: Optional[Literal["none", "t4", "v100", "a100", "h100", "l4"]]
    """Type of GPU; `none` removes the GPU of the package."""
    gpu_count: Optional[int]
    """Number of GPUs, 1 to 8; by default the package’s, otherwise 1."""

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
    """Names of the volume and the bucket."""

    volume: Optional[str]
    """Name of the volume to mount (default: `default`)."""
    bucket: Optional[str]
    """Name of the bucket to mount (default: `default`)."""
    storage_type: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    mount_path: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    bucket_name: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    gcs_prefix: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    gcs_mount_options: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    pvc_name: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    pvc_size: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    storage_class: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["volume"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["bucket"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["storage_type"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["mount_path"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["bucket_name"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["gcs_prefix"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["gcs_mount_options"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["pvc_name"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["pvc_size"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["storage_class"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionCreate(Record):
    """The wire's `SessionCreate`."""

    provider: Optional[Literal["auto", "gke", "cloud_run", "workstations"]]
    """Where the session runs; `auto` (the default) chooses a provider."""
    template: Optional[str]
    """Purpose of the session, such as `python`; chooses the image if none is requested."""
    namespace: Optional[str]
    """Label that groups sessions, such as a project (default: `default`)."""
    user: Optional[str]
    """User of the session; by default the user of the key."""
    workspace_id: Optional[str]
    """Workspace of the session (default: `default`, which is created at its first use)."""
    workspace_owner: Optional[str]
    """Owner of the workspace; by default `user`."""
    ttl_minutes: Optional[int]
    """Time to live in minutes, 1 to 1440 (default: 60)."""
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
    """Package of the session; by default the workspace’s."""
    resource_tier: Optional[Literal["small", "medium", "large", "xlarge"]]
    """Size in the words of the second version. `resource_package` and `resource_spec` override it."""
    resource_spec: Optional[SessionCreateResourceSpec]
    """CPU and memory. Overrides the package."""
    image_spec: Optional[SessionCreateImageSpec]
    """Image of the session; by default the package’s."""
    gpu_spec: Optional[SessionCreateGpuSpec]
    """GPU of the session; by default the package’s."""
    gpu_type: Optional[Literal["none", "t4", "v100", "a100", "h100", "l4"]]
    """Short for `gpu_spec.gpu_type`."""
    gpu_count: Optional[int]
    """Short for `gpu_spec.gpu_count`."""
    request_persistent_storage: Optional[bool]
    """Mount a volume at `/workspace` (default: false). The first request creates it."""
    persistent_storage_size_gb: Optional[int]
    """Size of the volume in GB (default: 10). Requests a volume too. A volume can grow, not shrink."""
    request_bucket: Optional[bool]
    """Mount a bucket at `/buckets/NAME` (default: false). The first request creates it."""
    bucket_size_gb: Optional[int]
    """Size of the bucket in GB (default: 10). Requests a bucket too. A bucket can grow, not shrink."""
    storage_config: Optional[SessionCreateStorageConfig]
    """Names of the volume and the bucket."""
    env: Optional[dict[str, Any]]
    """Environment variables of every command. The values are encrypted and can’t be read back; the names can."""
    labels: Optional[dict[str, Any]]
    """Labels to find the session by, at most 64."""
    needs_ssh: Optional[bool]
    """Accepted for the third version. Has no effect, and the answer warns."""
    long_lived: Optional[bool]
    """Accepted for the third version. Has no effect, and the answer warns."""
    expected_duration_minutes: Optional[int]
    """Accepted for the third version. Has no effect, and the answer warns."""
    user_type: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    storage: Optional[dict[str, Any]]
    """Accepted for the third version. Has no effect, and the answer warns."""

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
        def __getitem__(self, key: Literal["user_type"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["storage"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Estimate(Record):
    """The wire's `Estimate`."""

    provider: str
    """Provider whose price this is; `local` on your own machine."""
    cpu_cost_per_hour: Optional[float]
    """CPU for one hour; null if a price is missing."""
    memory_cost_per_hour: Optional[float]
    """Memory for one hour; null if a price is missing."""
    gpu_cost_per_hour: Optional[float]
    """GPUs for one hour; null if a price is missing."""
    storage_cost_per_hour: Optional[float]
    """Storage for one hour; null if a price is missing."""
    total_cost_per_hour: Optional[float]
    """All of it for one hour; null if a price is missing."""
    at_least_total_cost_per_hour: float
    """The known part of the amount; equal to it if no price is missing."""
    at_most_total_cost_per_hour: Optional[float]
    """The amount with the upper bounds of missing prices; null if one of these has no bound."""
    estimated_total_cost: Optional[float]
    """All of it for the time to live; null if a price is missing."""
    at_least_estimated_total_cost: float
    """The known part of the amount; equal to it if no price is missing."""
    at_most_estimated_total_cost: Optional[float]
    """The amount with the upper bounds of missing prices; null if one of these has no bound."""
    currency: str
    """Currency of all amounts: `USD`."""
    region: str
    """Region whose prices are used."""
    ttl_minutes: float
    """Time to live that was estimated, in minutes."""
    plan: Optional[dict[str, Any]]
    """What the provider will run and bill; null if it refuses."""
    warnings: list[str]
    """What the provider can’t give."""
    note: Optional[str]
    """Why the session costs nothing, or which provider’s prices are used; otherwise null."""
    missing_prices: list[str]
    """Rows of the price table that have no price. Only the known part is estimated and billed."""
    price_table: str
    """Version of the built-in price table."""
    price_list: str
    """Name of the price list that was used: the name in the file of `ONMEMOS_PRICES_FILE`, otherwise `onmemos`."""
    providers: Optional[list[dict[str, Any]]]
    """With provider `auto`: the same estimate for each provider, or why it refuses."""

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
        def __getitem__(self, key: Literal["note"], /) -> Optional[str]: ...
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
    """Number of expired sessions that are being ended."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["cleaned"], /) -> int: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class SessionUpdate(Record):
    """The wire's `SessionUpdate`."""

    ttl_minutes: Optional[int]
    """New time to live in minutes, counted from now (1 to 1440)."""
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
    """Id of the session."""
    status: Literal["creating", "running", "terminating", "terminated", "failed"]
    """`creating`, `running`, `terminating`, and at the end `terminated` or `failed`."""
    url: Optional[str]
    """Address of the session in this API; null once it ends."""
    websocket: Optional[str]
    """Address of its shell; null once it ends."""
    ssh: Optional[str]
    """Always null: sessions are reached through this API."""
    subprotocols: list[str]
    """WebSocket subprotocols that the shell accepts."""
    how: str
    """A sentence that says how to reach the session."""

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
    """CPU in percent of one CPU: 200 is two whole CPUs."""
    memory_mb: Optional[float]
    """Memory in use, in MiB, with one decimal."""
    memory_limit_mb: Optional[float]
    """Memory at most, in MiB."""
    disk_mb: Optional[float]
    """Files that the session has written, without its volume, in MiB."""
    processes: Optional[float]
    """Number of processes."""

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
    """Id of the session."""
    status: str
    """`creating`, `running`, `terminating`, and at the end `terminated` or `failed`."""
    cost_so_far: Optional[float]
    """Cost until now; null if a price is missing."""
    at_least_cost_so_far: float
    """The known part of the amount; equal to it if no price is missing."""
    at_most_cost_so_far: Optional[float]
    """The amount with the upper bounds of missing prices; null if one of these has no bound."""
    billed: float
    """The part of `cost_so_far` that the meter has counted. Missing prices are not in it."""
    cost_per_hour: Optional[float]
    """Cost of one hour; null if a price is missing."""
    at_least_cost_per_hour: float
    """The known part of the amount; equal to it if no price is missing."""
    at_most_cost_per_hour: Optional[float]
    """The amount with the upper bounds of missing prices; null if one of these has no bound."""
    billed_until: Optional[datetime]
    """Time up to which the meter has counted; null before its first look."""
    billed_seconds: float
    """Seconds that `billed` covers."""
    estimated_total_cost: Optional[float]
    """Cost until the end of the time to live; null if a price is missing."""
    at_least_estimated_total_cost: float
    """The known part of the amount; equal to it if no price is missing."""
    at_most_estimated_total_cost: Optional[float]
    """The amount with the upper bounds of missing prices; null if one of these has no bound."""
    currency: str
    """Currency of all amounts: `USD`."""
    region: str
    """Region whose prices are used."""
    note: Optional[str]
    """Why the session costs nothing, or which provider’s prices are used; otherwise null."""
    missing_prices: list[str]
    """Rows of the price table that have no price. Only the known part is estimated and billed."""
    price_list: str
    """Name of the price list that was used: the name in the file of `ONMEMOS_PRICES_FILE`, otherwise `onmemos`."""

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
    """Who acted."""

    kind: Literal["key", "system", "agent"]
    """`key`: an API key. `system`: the server itself. `agent`: the agent of the session."""
    key_id: Optional[str]
    """Id of the API key."""
    user_id: Optional[str]
    """User that the key acts for."""
    job: Optional[str]
    """Job of the server."""

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
    """Id of the entry."""
    at: datetime
    """When it happened."""
    action: str
    """Operation that was called, or action of the server. `notice`: time or money is about to end; `detail.kind` says which."""
    actor: AuditEventActor
    """Who acted."""
    workspace_owner: Optional[str]
    """Owner of the workspace that was affected."""
    workspace_id: Optional[str]
    """Workspace that was affected."""
    session_id: Optional[str]
    """Session that was affected."""
    target: Optional[str]
    """Id of the affected thing, if it is none of those above."""
    request_id: Optional[str]
    """Id of the request."""
    detail: dict[str, Any]
    """Further facts, which depend on the action."""

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
    """Replaces a key on one WebSocket: valid once, for 60 seconds."""
    subprotocol: str
    """The ticket as a WebSocket subprotocol, ready to send."""
    expires_at: datetime
    """When the ticket stops working."""

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
    """Output as text. Bytes that are not UTF-8 are U+FFFD; `stdout_base64` then has them."""
    stderr: str
    """Error output as text, like `stdout`."""
    returncode: int
    """Exit code; 124 at the timeout, 128 + n if signal n ended it."""
    success: bool
    """Whether `returncode` is 0."""
    exec_id: str
    """Id of the exec, to read all of its output."""
    timed_out: bool
    """Whether the timeout ended it."""
    truncated: bool
    """Whether a stream had more than 8 MiB. The exec’s output has the rest."""
    stdout_base64: Optional[str]
    """All bytes of stdout, if they are not UTF-8."""
    stderr_base64: Optional[str]
    """All bytes of stderr, if they are not UTF-8."""

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
    """Id of the job, which is also its exec id."""
    status: Literal["running", "completed", "failed"]
    """`running`; `completed` if the exit code is 0; `failed` otherwise."""
    session_id: str
    """Id of the session."""
    command: str
    """The line that runs."""
    started_at: datetime
    """When it started."""
    stdout: Optional[str]
    """Output as text. Bytes that are not UTF-8 are U+FFFD; `stdout_base64` then has them."""
    stderr: Optional[str]
    """Error output as text, like `stdout`."""
    returncode: Optional[int]
    """Exit code; 124 at the timeout, 128 + n if signal n ended it."""
    success: Optional[bool]
    """Whether `returncode` is 0."""
    exec_id: Optional[str]
    """Id of the exec, to read all of its output."""
    timed_out: Optional[bool]
    """Whether the timeout ended it."""
    truncated: Optional[bool]
    """Whether a stream had more than 8 MiB. The exec’s output has the rest."""
    stdout_base64: Optional[str]
    """All bytes of stdout, if they are not UTF-8."""
    stderr_base64: Optional[str]
    """All bytes of stderr, if they are not UTF-8."""
    ended_at: Optional[datetime]
    """When it ended; null before that."""

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
    """Line for the shell."""
    shell: Optional[Literal["sh", "bash"]]
    """Shell of the line: `sh` (default, `/bin/sh`), or `bash`, which is refused if the session’s machine or image lacks it."""
    timeout: Optional[float]
    """Seconds, 1 to 3000 (default: 120; for an asynchronous command, no limit but the session’s end)."""
    async_execution: Optional[bool]
    """Return a job at once instead of the result (default: false)."""
    env: Optional[dict[str, Any]]
    """Environment variables in addition to the session’s."""
    cwd: Optional[str]
    """Folder to start in (default: `/workspace`). A relative path is below `/workspace`."""
    exec_id: Optional[str]
    """Id of your choice, by which the command can be ended while it runs. Running it twice runs it once."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["command"], /) -> str: ...
        @overload
        def __getitem__(self, key: Literal["shell"], /) -> Optional[Literal["sh", "bash"]]: ...
        @overload
        def __getitem__(self, key: Literal["timeout"], /) -> Optional[float]: ...
        @overload
        def __getitem__(self, key: Literal["async_execution"], /) -> Optional[bool]: ...
        @overload
        def __getitem__(self, key: Literal["env"], /) -> Optional[dict[str, Any]]: ...
        @overload
        def __getitem__(self, key: Literal["cwd"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["exec_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class Exec(Record):
    """The wire's `Exec`."""

    exec_id: str
    """Id of the exec, unique in its session."""
    session_id: str
    """Id of the session."""
    command: Optional[str]
    """The line that runs; null if `argv` was given."""
    argv: Optional[list[str]]
    """The program and its arguments; null if `command` was given."""
    status: Literal["running", "exited", "killed", "timed_out", "lost"]
    """`running`; `exited` by itself; `killed` by a signal; `timed_out`; `lost` if its keeper or agent died."""
    exit_code: Optional[int]
    """Exit code; 124 at the timeout; null while it runs and if a signal ended it."""
    signal: Optional[str]
    """Name of the signal that ended it, without `SIG`, or its number as text if it has no name; otherwise null."""
    signal_number: Optional[int]
    """Number of that signal, as Linux counts them; otherwise null."""
    tty: bool
    """Whether it has a terminal."""
    next_offset: int
    """Number of bytes of output so far."""
    truncated: bool
    """Whether output was dropped before its reader had it."""
    missing_from: Optional[int]
    """Offset of the first byte that was dropped before its reader had it; null if there is none."""
    stdin_offset: int
    """Number of bytes of input accepted so far."""
    started_at: datetime
    """When it started."""
    ended_at: Optional[datetime]
    """When it ended; null while it runs."""

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
        def __getitem__(self, key: Literal["signal_number"], /) -> Optional[int]: ...
        @overload
        def __getitem__(self, key: Literal["tty"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["next_offset"], /) -> int: ...
        @overload
        def __getitem__(self, key: Literal["truncated"], /) -> bool: ...
        @overload
        def __getitem__(self, key: Literal["missing_from"], /) -> Optional[int]: ...
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
    """Give it a terminal, of this size or of 80 x 24 (default: false)."""

    cols: int
    """Width in characters."""
    rows: int
    """Height in characters."""

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
    """Line for the shell. Exactly one of `command` and `argv` is required."""
    shell: Optional[Literal["sh", "bash"]]
    """Shell of the line: `sh` (default, `/bin/sh`), or `bash`, which is refused if the session’s machine or image lacks it. Only with `command`."""
    argv: Optional[list[ExecStartArgvItem]]
    """Program and arguments, run without a shell. At most 256 KiB in all."""
    cwd: Optional[str]
    """Folder to start in (default: `/workspace`). A relative path is below `/workspace`."""
    env: Optional[dict[str, str]]
    """Environment variables in addition to the session’s."""
    timeout: Optional[float]
    """Seconds, up to 86,400; by default no limit but the session’s end."""
    tty: Optional[Union[bool, ExecStartTty]]
    """Give it a terminal, of this size or of 80 x 24 (default: false)."""
    merge: Optional[bool]
    """Use one pipe for stdout and stderr, so that their order is exact (default: false)."""
    stdin: Optional[bool]
    """Keep stdin open for the stdin call (default: false, stdin is empty)."""
    log_limit_mb: Optional[int]
    """Output to keep, in MiB, 1 to 1024 (default: 64). The oldest output is dropped first."""
    when_full: Optional[Literal["hold", "drop_oldest"]]
    """What happens when the output log is full. `hold`: the command waits until its holding reader has taken more output, so that nothing is lost. `drop_oldest` (default): the command never waits, and the oldest output is dropped."""
    exec_id: Optional[str]
    """Id of your choice. A second start with the same id starts nothing and returns the first exec."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, key: Literal["command"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: Literal["shell"], /) -> Optional[Literal["sh", "bash"]]: ...
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
        def __getitem__(self, key: Literal["when_full"], /) -> Optional[Literal["hold", "drop_oldest"]]: ...
        @overload
        def __getitem__(self, key: Literal["exec_id"], /) -> Optional[str]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class StdinResult(Record):
    """The wire's `StdinResult`."""

    next_offset: int
    """Offset for the next call."""
    eof: bool
    """Whether stdin is closed."""

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
    """Offset of the first byte of `data` in the input. Bytes that were accepted before are skipped."""
    data: str
    """The bytes, as `encoding` says."""
    encoding: Optional[Literal["utf8", "base64"]]
    """`utf8` (default) or `base64`."""
    eof: Optional[bool]
    """Close stdin after these bytes (default: false)."""

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

    signal: Literal["TERM", "KILL", "PIPE", "INT", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH"]
    """Name of the signal, with or without `SIG`."""

    if TYPE_CHECKING:

        @overload
        def __getitem__(
            self, key: Literal["signal"], /
        ) -> Literal["TERM", "KILL", "PIPE", "INT", "HUP", "QUIT", "USR1", "USR2", "STOP", "CONT", "WINCH"]: ...
        @overload
        def __getitem__(self, key: str, /) -> Any: ...
        def __getitem__(self, key: str, /) -> Any: ...


class CostsGroup(Record):
    """The wire's `CostsGroup`."""

    key: str
    """What the sum is for: a day, month, user, workspace, session, provider or kind."""
    cost: float
    """Amount."""
    seconds: float
    """Running time in seconds."""

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

    from_: datetime
    """Begin of the report, a full hour."""
    to: datetime
    """End of the report, a full hour."""
    currency: str
    """Currency of all amounts: `USD`."""
    price_list: str
    """Name of the price list in use now; each ledger entry has its own."""
    total: float
    """Sum of all groups. Missing prices are not in it."""
    missing_prices: list[str]
    """Rows of the price table that had no price when this was billed. The true total is higher."""
    groups: list[CostsGroup]
    """The sums."""
    truncated: bool
    """Whether the ledger has more than one report can read; the sums are then incomplete."""

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
