"""Answers that are errors."""

from __future__ import annotations

import json
import sys
import time
import traceback
from email.utils import formatdate
from pathlib import Path
from typing import Dict

import pytest

import onmemos
from onmemos.core.problems import error_of, unreachable
from onmemos.errors import BY_CODE

PROBLEM = {"content-type": "application/problem+json"}


def made(status: int, code: str, detail: str = "It is so.", **more: object) -> onmemos.OnMemOSError:
    body = {"code": code, "detail": detail, "status": status, "request_id": "req-7", "retryable": False, **more}
    return error_of(status, PROBLEM, json.dumps(body).encode())


def test_has_a_class_for_each_code_of_the_contract(repository: Path) -> None:
    source = (repository / "shared" / "contract" / "errors.ts").read_text("utf-8")
    table = source.split("ERROR_STATUS = {")[1].split("}")[0]
    contract = {line.split(":")[0].strip() for line in table.splitlines() if ":" in line}
    assert set(BY_CODE) == contract


def test_says_all_that_the_service_said() -> None:
    error = made(
        422, "invalid", "A field is wrong.", errors=[{"field": "ttl_minutes", "message": "is too large"}], exec_id="e"
    )
    assert type(error) is onmemos.Invalid
    assert (str(error), error.message) == ("A field is wrong.", "A field is wrong.")
    assert (error.code, error.status, error.request_id, error.retryable) == ("invalid", 422, "req-7", False)
    assert error.errors == [{"field": "ttl_minutes", "message": "is too large"}]
    assert error.details == {"exec_id": "e"}
    assert error.hint


def test_says_how_a_command_ended_that_could_not_be_started(repository: Path) -> None:
    vectors = json.loads((repository / "test" / "vectors" / "signals.json").read_text("utf-8"))["not_started"]
    assert len(vectors) > 10
    for vector in vectors:
        more = {} if vector["exit_code"] is None else {"exit_code": vector["exit_code"]}
        error = made(422, "invalid", "some words", errors=[{"field": vector["field"], "message": "words"}], **more)
        assert isinstance(error, onmemos.Invalid)
        assert error.exit_code == vector["exit_code"]


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"resource": "session"}, onmemos.SessionNotFound),
        ({"resource": "workspace"}, onmemos.WorkspaceNotFound),
        ({"resource": "exec"}, onmemos.ExecNotFound),
        ({"resource": "volume"}, onmemos.NotFound),
        ({}, onmemos.NotFound),
    ],
)
def test_says_what_was_not_found(more: Dict[str, str], kind: type) -> None:
    # Whatever the sentence begins with.
    assert type(made(404, "not_found", "Session s, workspace w or exec e.", **more)) is kind


def test_says_the_known_sentence_where_the_key_is_wrong() -> None:
    assert str(made(401, "unauthenticated", "No.")) == "Authentication failed - check API key"
    assert str(error_of(401, {}, b"")) == "Authentication failed - check API key"


def test_says_the_known_sentence_where_there_is_no_server() -> None:
    error = unreachable("http://127.0.0.1:8080", OSError("refused"))
    assert str(error) == "Connection error - is the server running at http://127.0.0.1:8080?"


def test_takes_a_code_that_it_does_not_know_by_its_status() -> None:
    error = made(409, "too_shiny")
    assert type(error) is onmemos.Conflict
    assert error.code == "too_shiny"


@pytest.mark.parametrize(
    ("status", "again"), [(500, True), (502, True), (503, True), (504, True), (404, False), (418, False)]
)
def test_a_proxy_s_answer_may_be_asked_again(status: int, again: bool) -> None:
    error = error_of(status, {"content-type": "text/html"}, b"<h1>Bad gateway</h1>")
    assert error.retryable is again
    assert "Bad gateway" in str(error)


@pytest.mark.parametrize("ahead", [-5, 30])
def test_knows_how_long_to_wait_from_an_instant_too(ahead: int) -> None:
    instant = formatdate(time.time() + ahead, usegmt=True)
    asked = error_of(503, {"retry-after": instant}, b"").retry_after
    assert asked is not None
    assert max(0, ahead - 15) <= asked <= max(0, ahead)


@pytest.mark.parametrize("nonsense", ["", "soon", "Sun, 99 Foo 2026"])
def test_waits_by_its_own_rule_where_the_time_is_no_time(nonsense: str) -> None:
    assert error_of(503, {"retry-after": nonsense}, b"").retry_after is None


def test_only_what_the_service_calls_retryable_is() -> None:
    assert made(502, "provider_failed").retryable is False
    assert made(500, "internal").retryable is False
    assert made(504, "timeout", retryable=True).retryable is True
    assert made(429, "rate_limited").retryable is True


def test_a_traceback_shows_hint_and_request_id_where_python_can() -> None:
    error = made(404, "not_found", "Session s does not exist.", resource="session")
    shown = "".join(traceback.format_exception(type(error), error, None))
    notes_since = (3, 11)
    assert ("Hint: List the sessions" in shown) is (sys.version_info >= notes_since)
    assert ("Request id: req-7" in shown) is (sys.version_info >= notes_since)


def test_a_traceback_without_a_server_is_short_and_says_the_cause() -> None:
    client = onmemos.OnMemOSClient("http://127.0.0.1:1", "omk_1", max_retries=0)
    with pytest.raises(onmemos.ConnectionFailed) as raised:
        client.health()
    told = "".join(traceback.format_exception(raised.type, raised.value, raised.tb))
    assert "httpcore" not in told
    assert told.count("Traceback") == 1
    assert "refused" in raised.value.details["cause"]
    if sys.version_info >= (3, 11):
        assert f"Cause: {raised.value.details['cause']}" in told
