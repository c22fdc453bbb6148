"""docs/migration.md says what is different from the third version; everything else is as it was."""

from __future__ import annotations

import importlib
import inspect
import json
from enum import Enum
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from onmemos import OnMemOSClient, SessionOptions
from onmemos.core import presets

HERE = Path(__file__).parent
PAGE = (HERE.parents[3] / "docs" / "migration.md").read_text("utf-8")
FACTS: dict[str, Any] = json.loads((HERE / "third_version.json").read_text("utf-8"))
METHODS: dict[str, list[dict[str, str]]] = FACTS["client"]
OF_THE_SERVICE = {
    "ttl_minutes": "60",
    "gpu_count": "1",
    "request_persistent_storage": "False",
    "persistent_storage_size_gb": "10",
    "request_bucket": "False",
}
"""What the service does if a field is left out."""


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading of the page, without their code marks."""
    lines = PAGE.split(f"\n{heading}\n", 1)[1].lstrip().split("\n\n")
    table = next(part for part in lines if part.startswith("|")).splitlines()[2:]
    return [[cell.strip().replace("`", "") for cell in line.strip("| ").split(" | ")] for line in table]


DEFAULTS = {row[0]: set(row[1].split(", ")) for row in rows("### Other defaults")}
"""The parameters whose default has changed, with the defaults that they had."""


def shown(value: object) -> str:
    """A default as the fixture has it."""
    return f"{type(value).__name__}.{value.name}" if isinstance(value, Enum) else repr(value)


def before(text: str) -> str:
    """A default of the fixture as the page has it: without its enum and its quotes."""
    return text.split(".", 1)[1] if text[0].isupper() and "." in text else text.strip("'")


def changed() -> set[tuple[str, str]]:
    """The parameters whose default is another, with the default that they had."""
    found = set()
    for method, parameters in METHODS.items():
        own = inspect.signature(getattr(OnMemOSClient, method)).parameters
        body = body_of(method)
        for parameter in parameters:
            name, was = parameter["name"], parameter.get("default")
            if was is None or method == "_make_request":
                continue
            now = shown(own[name].default) if name in own else "None"
            if now == "None":
                now = repr(body[name]) if name in body else OF_THE_SERVICE.get(name, "None")
            if now != was:
                found.add((name, before(was)))
    return found


def body_of(method: str) -> dict[str, Any]:
    """The fields that a create sends if it is given no options."""
    name = method.replace("_session_context", "").replace("create_", "").replace("_session", "")
    bodies = {
        "development": lambda: presets.development("w", "n", "u", {}),
        "python": lambda: presets.python("w", "n", "u", None, {}),
        "ml": lambda: presets.ml("w", "n", "u", None, {}),
        "custom": lambda: presets.custom("w", "n", "u", "image", {}),
    }
    return bodies[name]() if name in bodies else {}


@pytest.mark.parametrize("method", sorted(METHODS))
def test_takes_what_the_third_version_took(method: str) -> None:
    signature = inspect.signature(getattr(OnMemOSClient, method))
    own = signature.parameters
    takes_options = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in own.values())
    options = set(get_type_hints(SessionOptions)) | {"image_url"} if takes_options else set()
    for parameter in METHODS[method]:
        name = "path" if (method, parameter["name"]) == ("_make_request", "endpoint") else parameter["name"]
        if name.startswith("**"):
            continue
        assert name in own or name in options, f"{method}({name}=)"


def test_the_page_names_each_default_that_has_changed_and_no_other() -> None:
    said = {(name, was) for name, values in DEFAULTS.items() for was in values}
    assert said == changed()


@pytest.mark.parametrize("where", sorted(FACTS["enums"]))
def test_has_its_enums(where: str) -> None:
    module, name = where.rsplit(".", 1)
    enum = getattr(importlib.import_module(module), name)
    for member, value in FACTS["enums"][where].items():
        assert enum[member].value == value


def test_set_api_key_is_used_by_further_calls() -> None:
    client = OnMemOSClient("http://127.0.0.1:1", "omk_1", max_retries=0)
    client.set_api_key(" omk_2\n")
    assert client._transport._headers["X-API-Key"] == "omk_2"
    assert client._transport.target.api_key == "omk_2"
    assert "omk_2" not in repr(client)


def test_each_module_that_the_page_says_is_not_there_is_not() -> None:
    gone, others = rows("### Not there")
    for module in gone[0].split(", "):
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(module)
    modules = [word for word in others[0].split() if word.startswith("server.")]
    assert len(modules) == 2
    for module in modules:
        old = importlib.import_module(module)
        assert all(issubclass(getattr(old, name), Enum) for name in old.__all__)


def test_each_argument_that_the_page_says_has_no_effect_is_taken() -> None:
    named = [name for row in rows("### Accepted, without effect") for name in row[0].split(", ")]
    calls = [name for name in named if "(" in name]
    assert calls == ["monitor_session_usage(interval=)"]
    for call in calls:
        method, argument = call.rstrip("=)").split("(")
        assert argument in inspect.signature(getattr(OnMemOSClient, method)).parameters
    assert {name for name in named if "(" not in name and "." not in name} <= set(get_type_hints(SessionOptions))
