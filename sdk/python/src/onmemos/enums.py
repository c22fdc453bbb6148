"""Names of the service as enums. Each member equals its wire value: `CPUSize.MEDIUM == "medium"`."""

from __future__ import annotations

from enum import Enum


class _WireEnum(str, Enum):
    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, format_spec: str) -> str:
        return format(str(self.value), format_spec)


class ResourcePackage(_WireEnum):
    """A named size (CPU, memory, GPU) of a workspace or a session."""

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
"""Packages of workspaces are the same as those of sessions."""


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
    """Kinds of image. The names with a tier, such as `PYTHON_PRO`, mean the same images."""

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
    """NVIDIA GPUs. `NONE` removes the GPU of a package."""

    NONE = "none"
    T4 = "t4"
    V100 = "v100"
    A100 = "a100"
    H100 = "h100"
    L4 = "l4"


class UserType(_WireEnum):
    """Types of user, which decide the limits."""

    FREE = "free"
    PRO = "pro"
    ENTERPRISE = "enterprise"
    ADMIN = "admin"


class Provider(_WireEnum):
    """Providers. `AUTO` lets the service choose one."""

    AUTO = "auto"
    GKE = "gke"
    CLOUD_RUN = "cloud_run"
    WORKSTATIONS = "workstations"


class ResourceTier(_WireEnum):
    """Sizes of the second version."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    XLARGE = "xlarge"


class SessionStatus(_WireEnum):
    """States of a session. After `TERMINATED` and `FAILED` its resources are gone."""

    CREATING = "creating"
    RUNNING = "running"
    TERMINATING = "terminating"
    TERMINATED = "terminated"
    FAILED = "failed"


class MemberRole(_WireEnum):
    """Roles of a member: an editor can use sessions, a viewer can only read."""

    EDITOR = "editor"
    VIEWER = "viewer"
