"""That the client has all that the contract has."""

from __future__ import annotations

import inspect
import json
import typing
from enum import Enum
from pathlib import Path
from typing import Any, Dict, Type

import pytest

import onmemos
from onmemos.fields import SessionFields

ELSEWHERE = {
    "health.get": "health",
    "info.get": "info",
    "jobs.status": "execs.job",
    "execs.attach": "execs.start",
    "sessions.shell": "sessions.create",
    "webhooks.rotate": "webhooks.rotate_secret",
}
FOR_PEOPLE_AND_MACHINES = {"ready.get", "metrics.get", "openapi.get", "docs.get", "docs.asset"}


@pytest.fixture(scope="module")
def contract(repository: Path) -> Dict[str, Any]:
    found: Dict[str, Any] = json.loads((repository / "sdk" / "openapi.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def create(contract: Dict[str, Any]) -> Dict[str, Any]:
    found: Dict[str, Any] = contract["components"]["schemas"]["SessionCreate"]["properties"]
    return found


def test_has_a_method_for_each_operation(contract: Dict[str, Any]) -> None:
    operations = {method["operationId"] for route in contract["paths"].values() for method in route.values()}
    for client in (onmemos.OnMemOSClient("http://a:1", "k"), onmemos.AsyncOnMemOSClient("http://a:1", "k")):
        for operation in operations - FOR_PEOPLE_AND_MACHINES:
            found: Any = client
            for name in ELSEWHERE.get(operation, operation).split("."):
                found = getattr(found, name, None)
            assert callable(found), operation


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    for asynchronous, synchronous in (
        (onmemos.AsyncOnMemOSClient, onmemos.OnMemOSClient),
        (onmemos.AsyncSession, onmemos.Session),
        (onmemos.AsyncProcess, onmemos.Process),
        (onmemos.AsyncShell, onmemos.Shell),
    ):
        names = {name for name in dir(synchronous) if not name.startswith("__")}
        # It has both names of the end.
        assert {name for name in dir(asynchronous) if not name.startswith("__")} - names <= {"aclose"}
        assert names <= set(dir(asynchronous))
        for name in names - {"close"}:
            both = getattr(asynchronous, name), getattr(synchronous, name)
            if all(map(inspect.isfunction, both)):
                assert list(inspect.signature(both[0]).parameters) == list(inspect.signature(both[1]).parameters), name


def values(schema: Dict[str, Any]) -> set:  # type: ignore[type-arg]
    return {value for value in schema["enum"] if value is not None}


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        (onmemos.ResourcePackage, "resource_package"),
        (onmemos.ResourceTier, "resource_tier"),
        (onmemos.Provider, "provider"),
        (onmemos.GPUType, "gpu_type"),
        (onmemos.CPUSize, "resource_spec.cpu_size"),
        (onmemos.MemorySize, "resource_spec.memory_size"),
        (onmemos.ImageType, "image_spec.image_type"),
    ],
)
def test_each_enum_is_the_contract_s(kind: Type[Enum], where: str, create: Dict[str, Any]) -> None:
    outer, _, inner = where.partition(".")
    schema = create[outer]["properties"][inner] if inner else create[outer]
    assert {member.value for member in kind} == values(schema)
    assert all(member.name == member.value.upper() for member in kind)
    assert all(
        f"{member}" == str(member) == member.value and json.dumps(member) == f'"{member.value}"' for member in kind
    )


def test_the_other_enums_are_the_contract_s(contract: Dict[str, Any]) -> None:
    schemas = contract["components"]["schemas"]
    for kind, schema in (
        (onmemos.UserType, schemas["User"]["properties"]["user_type"]),
        (onmemos.SessionStatus, schemas["Session"]["properties"]["status"]),
        (onmemos.MemberRole, schemas["MemberPut"]["properties"]["role"]),
    ):
        assert {member.value for member in kind} == values(schema)
    assert onmemos.WorkspaceResourcePackage is onmemos.ResourcePackage


def test_a_session_can_be_asked_for_all_that_the_contract_has(create: Dict[str, Any]) -> None:
    short = {"cpu_size", "memory_size", "image_type", "image_tag"}
    assert set(typing.get_type_hints(SessionFields)) - short == set(create)


def test_the_arguments_of_every_method_can_be_looked_at() -> None:
    clients = onmemos.OnMemOSClient("http://a:1", "k"), onmemos.AsyncOnMemOSClient("http://a:1", "k")
    resources = [one for client in clients for one in vars(client).values()]
    looked_at = 0
    for thing in [*clients, *resources]:
        for name, method in inspect.getmembers(thing, inspect.ismethod):
            assert "return" in typing.get_type_hints(method), f"{thing}.{name}"
            looked_at += 1
    assert looked_at > 150


def test_all_that_is_public_says_what_it_is() -> None:
    for name in onmemos.__all__:
        thing = getattr(onmemos, name)
        if not inspect.isclass(thing):
            continue
        assert thing.__doc__, name
        for method, function in vars(thing).items():
            if inspect.isfunction(function) and not method.startswith("_"):
                assert function.__doc__, f"{name}.{method}"
