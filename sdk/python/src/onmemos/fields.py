"""Keywords of sessions and users. Type checkers and editors know each of them through `Unpack`."""

from __future__ import annotations

import sys
from typing import Any, Dict, Optional, TypedDict

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["GPUSpec", "ImageSpec", "ResourceSpec", "SessionFields", "SessionOptions", "Unpack", "UserFields"]


class ResourceSpec(TypedDict, total=False):
    """CPU and memory. `custom_*` quantities, such as "1.5", "500m" or "6Gi", override the sizes."""

    cpu_size: str
    """CPU as a named size; `custom` uses `custom_cpu_request`."""
    memory_size: str
    """Memory as a named size; `custom` uses `custom_memory_request`."""
    custom_cpu_request: str
    """CPU to reserve, such as `500m` or `1.5`."""
    custom_cpu_limit: str
    """CPU at most (default: the request)."""
    custom_memory_request: str
    """Memory to reserve, such as `512Mi` or `6Gi`."""
    custom_memory_limit: str
    """Memory at most (default: the request)."""


class ImageSpec(TypedDict, total=False):
    """The image of a session: a type, or with `custom` the reference of an image."""

    image_type: str
    """Kind of image; `custom` uses `image_url`."""
    image_url: str
    """Reference of a container image, such as `registry/name:tag`."""
    image_tag: str
    """Tag of the image, such as `3.11-slim`."""


class GPUSpec(TypedDict, total=False):
    """Type and number (1 to 8) of the GPUs."""

    gpu_type: str
    """Type of GPU; `none` removes the GPU of the package."""
    gpu_count: int
    """Number of GPUs, 1 to 8 (default: the package's, otherwise 1)."""


class SessionOptions(TypedDict, total=False):
    """Options of a session. For those that are left out or None the default is the workspace's package."""

    provider: Optional[str]
    """Provider: auto (default), gke, cloud_run or workstations."""
    workspace_owner: Optional[str]
    """Owner of the workspace (default: the session's user)."""
    ttl_minutes: Optional[int]
    """Time to live in minutes, 1 to 1440 (default: 60)."""
    resource_package: Optional[str]
    """Package of the session (default: the workspace's)."""
    resource_tier: Optional[str]
    """small, medium, large or xlarge. A package overrides it."""
    resource_spec: Optional[ResourceSpec]
    """CPU and memory. Overrides packages."""
    cpu_size: Optional[str]
    """Short for `resource_spec` with this `cpu_size`."""
    memory_size: Optional[str]
    """Short for `resource_spec` with this `memory_size`."""
    image_spec: Optional[ImageSpec]
    """Image (default: the image of the template, then of the package)."""
    image_type: Optional[str]
    """Short for `image_spec` with this `image_type`."""
    image_tag: Optional[str]
    """Short for `image_spec` with this `image_tag`."""
    gpu_spec: Optional[GPUSpec]
    """GPU. Overrides `gpu_type` and `gpu_count`."""
    gpu_type: Optional[str]
    """Type of GPU (default: the package's); `none` removes the GPU of the package."""
    gpu_count: Optional[int]
    """Number of GPUs, 1 to 8."""
    request_persistent_storage: Optional[bool]
    """Mount the workspace's volume (default: False). The first request creates it."""
    persistent_storage_size_gb: Optional[int]
    """Size of the volume in GB (default: 10). It also requests the volume. A volume can grow, not shrink."""
    request_bucket: Optional[bool]
    """Mount the workspace's bucket (default: False). The first request creates it."""
    bucket_size_gb: Optional[int]
    """Size of the bucket in GB (default: 10). It also requests the bucket."""
    storage_config: Optional[Dict[str, str]]
    """Names of the volume and the bucket: `{"volume": "default", "bucket": "default"}`."""
    env: Optional[Dict[str, str]]
    """Environment variables of every command. The values are encrypted and can't be read back."""
    labels: Optional[Dict[str, str]]
    """Labels to find the session by."""
    needs_ssh: Optional[bool]
    """Accepted for the third version. Has no effect, and the answer warns."""
    long_lived: Optional[bool]
    """Accepted for the third version. Has no effect, and the answer warns."""
    expected_duration_minutes: Optional[int]
    """Accepted for the third version. Has no effect, and the answer warns."""
    user_type: Optional[str]
    """Accepted for the third version. Has no effect, and the answer warns."""
    storage: Optional[Dict[str, Any]]
    """Accepted for the third version. Has no effect, and the answer warns."""


class SessionFields(SessionOptions, total=False):
    """Fields of a new session."""

    template: Optional[str]
    """Purpose, such as python or nodejs; chooses the image if none is given."""
    namespace: Optional[str]
    """Label that groups sessions, such as a project (default: default)."""
    user: Optional[str]
    """User of the session (default: the user of the key)."""
    workspace_id: Optional[str]
    """Workspace of the session (default: the workspace `default`)."""


class UserFields(TypedDict, total=False):
    """Fields of a user. Those that are left out are unchanged."""

    user_type: str
    """free, pro, enterprise or admin."""
    max_concurrent_sessions: Optional[int]
    """Live sessions at the same time, 0 to 1000; None: the limit of the user type."""
    monthly_budget_usd: Optional[float]
    """Budget of each UTC month in USD; None: no budget."""
    budget_action: str
    """Action for when the budget is spent: refuse creates, or terminate live sessions too."""
