"""Old imports give the very objects of the package onmemos."""

import importlib
import importlib.resources
import subprocess
import sys

import onmemos
import pytest

OLD = {
    "sdk.python": ["AsyncOnMemOSClient", "OnMemOSClient"],
    "sdk.python.client": ["AsyncOnMemOSClient", "OnMemOSClient"],
    "server.models.sessions": [
        "CPUSize",
        "GPUType",
        "ImageType",
        "MemorySize",
        "ResourcePackage",
        "UserType",
        "WorkspaceResourcePackage",
    ],
    "server.models.users": ["UserType", "WorkspaceResourcePackage"],
}
ONLY_OLD = {"SessionProvider", "StorageType", "WorkspaceStatus"}
"""Enums without a successor of the same name."""


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in OLD.items() for name in names])
def test_is_the_same_object(module: str, name: str) -> None:
    assert getattr(importlib.import_module(module), name) is getattr(onmemos, name)


@pytest.mark.parametrize("module", list(OLD))
def test_all_that_is_exported_comes_from_onmemos(module: str) -> None:
    old = importlib.import_module(module)
    assert len(set(old.__all__)) == len(old.__all__)
    for name in set(old.__all__) - ONLY_OLD:
        assert getattr(old, name) is getattr(onmemos, name)


def test_old_imports_run_in_a_program_of_their_own() -> None:
    program = "\n".join(
        [
            "from sdk.python.client import *",
            "from server.models.sessions import *",
            "print(OnMemOSClient.__module__.split('.')[0], CPUSize.MEDIUM.value, GPUType.T4.value)",
        ]
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "onmemos medium t4\n"


@pytest.mark.parametrize("package", ["sdk.python", "server.models"])
def test_is_typed(package: str) -> None:
    assert (importlib.resources.files(package) / "py.typed").is_file()


@pytest.mark.parametrize("name", ["sdk", "server"])
def test_takes_no_more_than_the_name_of_a_namespace(name: str) -> None:
    assert importlib.import_module(name).__file__ is None
