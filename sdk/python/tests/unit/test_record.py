"""Records: dictionaries whose fields are attributes."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timedelta, timezone

import pytest

from onmemos import Record, Session, types
from onmemos.core.specs import wire


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
    assert types.Costs({"from": "2026-11-01T00:00:00.000Z"}).from_ == datetime(2026, 11, 1, tzinfo=timezone.utc)


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


SESSION = {
    "id": "ses-1",
    "status": "running",
    "resource_package": "dev_small",
    "user": "ada",
    "details": {"a": "b" * 2000},
}


def session(**fields: object) -> Session:
    return Session(None, {**SESSION, **fields})  # type: ignore[arg-type]


def test_an_instant_is_a_datetime_as_an_attribute_and_the_wire_s_text_as_an_item() -> None:
    record = types.Exec({"started_at": "2026-11-27T14:00:00.250Z", "ended_at": None})
    assert record.started_at == datetime(2026, 11, 27, 14, 0, 0, 250_000, tzinfo=timezone.utc)
    assert record.started_at.utcoffset() == timedelta(0)
    assert (record["started_at"], record.ended_at) == ("2026-11-27T14:00:00.250Z", None)
    assert json.loads(json.dumps(record))["started_at"] == "2026-11-27T14:00:00.250Z"
    assert types.Exec({"started_at": "2026-11-27T15:00:00+01:00"}).started_at.hour == 14
    assert types.Exec({"started_at": "soon"}).started_at == "soon"


def test_an_instant_is_sent_as_the_wire_has_it() -> None:
    assert wire(datetime(2026, 11, 27, 15, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-27T14:00:00Z"
    with pytest.raises(ValueError, match="needs a time zone"):
        wire(datetime(2026, 11, 27))


def test_is_shown_short_and_without_its_secret() -> None:
    key = types.Key({"key_id": "k", "name": "n", "scopes": ["exec"], "secret": "omk_secret", "user_id": None})
    for shown in (repr(key), str(key), f"{key}", key._repr_html_()):
        assert "omk_secret" not in shown
        assert "k" in shown
    assert key.secret == key["secret"] == "omk_secret"
    assert repr(key) == "Key(key_id='k', name='n', secret=…, …)"
    assert len(repr(types.ExecuteResult({"returncode": 0, "stdout": "x" * 5000}))) < 200
    assert repr(session()) == "<Session ses-1 running, dev_small of ada>"
    assert "<th>status</th><td>running</td>" in session()._repr_html_()
    assert "&lt;b&gt;" in types.Key({"name": "<b>"})._repr_html_()


def test_a_session_is_known_by_its_id() -> None:
    one, later, other = session(), session(status="terminated"), session(id="ses-2")
    assert (one == later, one != later, one == other, hash(one) == hash(later)) == (True, False, False, True)
    assert {one, later, other} == {one, other}
    assert one == {**SESSION}
    assert one != {**SESSION, "status": "terminated"}
