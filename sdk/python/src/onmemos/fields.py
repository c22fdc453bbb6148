"""What a session can be asked for, by name. `Unpack` of these gives type checkers and editors every keyword."""

from __future__ import annotations

import sys
from typing import Dict, Optional, TypedDict

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["GPUSpec", "ImageSpec", "ResourceSpec", "SessionFields", "SessionOptions", "Unpack", "UserFields"]


class ResourceSpec(TypedDict, total=False):
    """CPU and memory; `custom_*` values win over the size beside them (quantities such as "1.5", "500m", "6Gi")."""

    cpu_size: str
    memory_size: str
    custom_cpu_request: str
    custom_cpu_limit: str
    custom_memory_request: str
    custom_memory_limit: str


class ImageSpec(TypedDict, total=False):
    """The system a session begins with: a type, and with `custom` the image's address."""

    image_type: str
    image_url: str
    image_tag: str


class GPUSpec(TypedDict, total=False):
    """Which GPU, and how many (1 to 8)."""

    gpu_type: str
    gpu_count: int


class SessionOptions(TypedDict, total=False):
    """What a session can have beside its place. What is left out, or None, comes from the workspace's package."""

    provider: Optional[str]
    """Where it runs: auto (the default), gke, cloud_run, workstations."""
    workspace_owner: Optional[str]
    """Whose workspace; the session's user when left out."""
    ttl_minutes: Optional[int]
    """Minutes to live, 1 to 1440; 60 when left out."""
    resource_package: Optional[str]
    """Another package than the workspace's."""
    resource_tier: Optional[str]
    """small, medium, large or xlarge; a package wins over it."""
    resource_spec: Optional[ResourceSpec]
    """CPU and memory by themselves; wins over packages."""
    cpu_size: Optional[str]
    """Short for `resource_spec` with this `cpu_size`."""
    memory_size: Optional[str]
    """Short for `resource_spec` with this `memory_size`."""
    image_spec: Optional[ImageSpec]
    """The image; by default what the template or the package names."""
    image_type: Optional[str]
    """Short for `image_spec` with this `image_type`."""
    image_tag: Optional[str]
    """Short for `image_spec` with this `image_tag`."""
    gpu_spec: Optional[GPUSpec]
    """The GPU; wins over `gpu_type` and `gpu_count`."""
    gpu_type: Optional[str]
    """Another GPU than the package's; `none` takes that away."""
    gpu_count: Optional[int]
    """1 to 8."""
    request_persistent_storage: Optional[bool]
    """Mounts the workspace's volume, and makes it at the first time."""
    persistent_storage_size_gb: Optional[int]
    """GB of the volume, 10 when left out; a volume grows and never shrinks. Naming a size requests the volume."""
    request_bucket: Optional[bool]
    """Mounts the workspace's bucket, and makes it at the first time."""
    bucket_size_gb: Optional[int]
    """GB of the bucket. Naming a size requests the bucket."""
    storage_config: Optional[Dict[str, str]]
    """Names of the volume and the bucket: `{"volume": "default", "bucket": "default"}`."""
    env: Optional[Dict[str, str]]
    """Environment of every command. Sealed when it is stored, and never readable back."""
    labels: Optional[Dict[str, str]]
    """Your own marks, to find sessions by."""
    needs_ssh: Optional[bool]
    """Asks for a provider with SSH."""
    long_lived: Optional[bool]
    """Asks for a provider that keeps sessions long."""
    expected_duration_minutes: Optional[int]
    """How long it will probably be used, for the choice of a provider."""


class SessionFields(SessionOptions, total=False):
    """All that a session can be asked for."""

    template: Optional[str]
    """What it is for, such as python or node; names the image where none is asked for."""
    namespace: Optional[str]
    """A label that groups sessions, such as a project."""
    user: Optional[str]
    """Whose session it is; the key's own user when left out."""
    workspace_id: Optional[str]
    """The workspace; the user's default one when left out."""


class UserFields(TypedDict, total=False):
    """What an admin says of a user. What is left out stays as it is."""

    user_type: str
    """free, pro, enterprise or admin."""
    max_concurrent_sessions: Optional[int]
    """Sessions at once, 0 to 1000; None is what the user type gives."""
    monthly_budget_usd: Optional[float]
    """Dollars per UTC month; None is no budget."""
    budget_action: str
    """What comes at its end: refuse (no creates beyond it) or terminate (live sessions are ended)."""
