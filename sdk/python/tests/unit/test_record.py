"""Records: dictionaries whose fields are attributes."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from onmemos import Record, Session, types


def test_answers_field_and_attribute_alike() -> None:
    record = types.Exec({"exec_id": "e", "status": "running"})
    assert record["exec_id"] == record.exec_id == "e"
    assert isinstance(record, dict)
    assert json.loads(json.dumps(record)) == {"exec_id": "e", "status": "running"}


def test_makes_records_of_what_lies_within() -> None:
    workspace = types.Workspace({"workspace_id": "w", "storage": {"volumes": 2}})
    assert workspace.storage.volumes == 2
    limits = types.Entitlements({"storage": [{"workspace_id": "w", "volumes": {"limit": 3, "used": 1}}]})
    assert limits.storage[0].volumes.used == 1


def test_leaves_what_has_no_form_of_its_own() -> None:
    assert type(types.Session({"details": {"warnings": ["x"]}}).details) is dict


def test_has_none_for_a_known_field_that_is_not_there() -> None:
    key = types.Key({"key_id": "k"})
    assert key.secret is None
    with pytest.raises(KeyError):
        key["secret"]


def test_knows_no_field_that_the_wire_has_not() -> None:
    with pytest.raises(AttributeError, match="Key has no field 'sceret'"):
        assert types.Key({"key_id": "k"}).sceret  # type: ignore[attr-defined]


def test_reaches_fields_that_are_words_of_python() -> None:
    assert types.Costs({"from": "2026-11-01", "to": "2026-12-01"}).from_ == "2026-11-01"


def test_keeps_fields_of_a_newer_server() -> None:
    assert types.User({"shoe_size": 44})["shoe_size"] == 44


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_can_be_copied(again: object) -> None:
    assert callable(again)
    record = types.Workspace({"storage": {"volumes": 2}})
    made = again(record)
    assert made == record
    assert isinstance(made, types.Workspace)


def test_no_field_of_the_wire_has_the_name_of_a_method() -> None:
    kinds = [kind for kind in vars(types).values() if isinstance(kind, type) and issubclass(kind, Record)]
    assert len(kinds) > 30
    for kind in kinds:
        assert not set(dir(dict)) & set(getattr(kind, "__annotations__", {})), kind
    assert not {name for name in vars(Session) if not name.startswith("__")} & set(types.Session.__annotations__)
