"""Names that the service knows, as enums. Each member is also its wire value: `CPUSize.MEDIUM == "medium"`."""

from __future__ import annotations

from enum import Enum


class _WireEnum(str, Enum):
    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(str(self.value), format_spec)


class ResourcePackage(_WireEnum):
    """CPU, memory and GPU in one name, for a workspace or a session."""

    FREE_MICRO = "free_micro"
    DEV_MICRO = "dev_micro"
    DEV_SMALL = "dev_small"
    DEV_MEDIUM = "dev_medium"
    DEV_LARGE = "dev_large"
    DS_SMALL = "ds_small"
    DS_MEDIUM = "ds_medium"
    DS_LARGE = "ds_large"
    ML_T4_SMALL = "ml_t4_small"
    ML_T4_MEDIUM = "ml_t4_medium"
    ML_T4_LARGE = "ml_t4_large"
    ML_A100_SMALL = "ml_a100_small"
    ML_A100_MEDIUM = "ml_a100_medium"
    ML_A100_LARGE = "ml_a100_large"
    ML_H100_SMALL = "ml_h100_small"
    ML_H100_MEDIUM = "ml_h100_medium"
    ML_H100_LARGE = "ml_h100_large"
    COMPUTE_SMALL = "compute_small"
    COMPUTE_MEDIUM = "compute_medium"
    COMPUTE_LARGE = "compute_large"
    COMPUTE_XLARGE = "compute_xlarge"


WorkspaceResourcePackage = ResourcePackage
"""A workspace has one of the same packages; sessions may ask for another one."""


class CPUSize(_WireEnum):
    """CPUs: micro 0.25, small 0.5, medium 1, large 2, xlarge 4, xxlarge 8."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    XLARGE = "xlarge"
    XXLARGE = "xxlarge"
    CUSTOM = "custom"


class MemorySize(_WireEnum):
    """Memory: micro 512 MiB, small 1 GiB, medium 2, large 4, xlarge 8, xxlarge 16, xxxlarge 32."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    XLARGE = "xlarge"
    XXLARGE = "xxlarge"
    XXXLARGE = "xxxlarge"
    CUSTOM = "custom"


class ImageType(_WireEnum):
    """What a session's system brings. The tiered names mean the same images."""

    ALPINE = "alpine"
    UBUNTU = "ubuntu"
    PYTHON = "python"
    NODEJS = "nodejs"
    GO = "go"
    RUST = "rust"
    JAVA = "java"
    CUSTOM = "custom"
    ALPINE_BASIC = "alpine_basic"
    PYTHON_BASIC = "python_basic"
    UBUNTU_PRO = "ubuntu_pro"
    PYTHON_PRO = "python_pro"
    NODEJS_PRO = "nodejs_pro"
    GO_PRO = "go_pro"
    RUST_PRO = "rust_pro"
    PYTHON_ENTERPRISE = "python_enterprise"
    JUPYTER_ENTERPRISE = "jupyter_enterprise"
    CUDA_ENTERPRISE = "cuda_enterprise"
    JAVA_ENTERPRISE = "java_enterprise"


class GPUType(_WireEnum):
    """NVIDIA GPUs; `NONE` takes away the one that a package has."""

    NONE = "none"
    T4 = "t4"
    V100 = "v100"
    A100 = "a100"
    H100 = "h100"
    L4 = "l4"


class UserType(_WireEnum):
    """What a user may have."""

    FREE = "free"
    PRO = "pro"
    ENTERPRISE = "enterprise"
    ADMIN = "admin"


class Provider(_WireEnum):
    """Where a session runs; `AUTO` lets the service decide."""

    AUTO = "auto"
    GKE = "gke"
    CLOUD_RUN = "cloud_run"
    WORKSTATIONS = "workstations"


class ResourceTier(_WireEnum):
    """Sizes of the same name in CPU and memory."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    XLARGE = "xlarge"


class SessionStatus(_WireEnum):
    """Where a session is in its life. `TERMINATED` and `FAILED` are the end: its resources are gone."""

    CREATING = "creating"
    RUNNING = "running"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FAILED = "failed"


class MemberRole(_WireEnum):
    """What a member of a workspace may do: an editor uses its sessions, a viewer reads."""

    EDITOR = "editor"
    VIEWER = "viewer"
