"""A service that is away: when it is waited for, and for how long."""

from __future__ import annotations

from typing import Callable, List, Optional, Tuple

import pytest
from support.scripted_server import BREAK, Answer, ScriptedServer

from onmemos import ConnectionFailed, OnMemOSClient, OnMemOSError, ServerAway, Unavailable
from onmemos.core.contact import Contact
from onmemos.core.problems import error_of, unanswered, unreachable
from onmemos.core.retries import Retries

URL = "http://127.0.0.1:1"


class Clock:
    """Says what it was set to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def reached() -> Contact:
    contact = Contact()
    contact.answered()
    return contact


def gone() -> ConnectionFailed:
    return unreachable(URL, OSError("refused"))


def attempts(
    error: OnMemOSError,
    contact: Contact,
    most: int = 2,
    reconnect: float = 60.0,
    before: Optional[Callable[[], None]] = None,
) -> Tuple[int, OnMemOSError]:
    """How many attempts are made if each takes a second, and what the caller is told."""
    clock = Clock()
    retries = Retries(most, contact=contact, reconnect=reconnect, url=URL, clock=clock)
    for made in range(1, 1000):
        clock.now += 1.0
        if before is not None:
            before()
        if retries.pause(error) is None:
            return made, retries.reason(error)
    raise AssertionError("it never ends")


def test_a_service_that_went_away_under_the_first_call_is_waited_for() -> None:
    restarted = Contact()
    restarted.failed(refused=False)
    assert not restarted.reached
    restarted.failed(refused=True)
    assert isinstance(attempts(gone(), restarted)[1], ServerAway)
    never = Contact()
    never.failed(refused=True)
    never.failed(refused=False)
    assert not never.reached


def test_a_service_that_has_never_answered_is_not_waited_for() -> None:
    error = gone()
    assert attempts(error, Contact()) == (3, error)


@pytest.mark.parametrize("error", [gone(), error_of(502, {}, b"<h1>Bad gateway</h1>")])
def test_one_that_has_answered_is_waited_for_a_minute(error: OnMemOSError) -> None:
    made, told = attempts(error, reached())
    assert made == 61
    assert isinstance(told, ServerAway)
    assert "has been away for 60 s. Make the same call again" in str(told)


@pytest.mark.parametrize(
    ("error", "most", "reconnect", "made"),
    [
        (gone(), 0, 60.0, 1),
        (gone(), 2, 0.0, 3),
        (Unavailable("x", retryable=True), 2, 60.0, 3),
        (unanswered(URL, 30), 2, 60.0, 3),
    ],
)
def test_nothing_is_waited_for_without_reason(error: OnMemOSError, most: int, reconnect: float, made: int) -> None:
    assert attempts(error, reached(), most, reconnect) == (made, error)


def test_one_absence_is_waited_for_once() -> None:
    contact = reached()
    attempts(gone(), contact)
    retries = Retries(1, contact=contact, reconnect=60.0, clock=lambda: 70.0)
    assert [retries.pause(gone()) is None for _ in range(2)] == [False, True]


def test_it_ends_if_the_service_answers_but_breaks_off_each_connection() -> None:
    contact = reached()
    made, told = attempts(gone(), contact, before=contact.answered)
    assert (made, type(told)) == (61, ServerAway)


@pytest.mark.parametrize("first", [Answer(200, b'{"cleaned": 3}'), BREAK], ids=["it answered", "it broke"])
def test_a_call_finds_the_service_again(first: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: List[float] = []
    ok = Answer(200, b'{"cleaned": 3}')
    server = ScriptedServer(first).__enter__()
    client = OnMemOSClient(server.url, "omk_1", max_retries=1)
    again: List[ScriptedServer] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1 and first is BREAK:
            server.__exit__(None, None, None)
        if len(pauses) == 30:
            again.append(ScriptedServer(ok, port=int(server.url.rsplit(":", 1)[1])))
            again[0].__enter__()

    monkeypatch.setattr("onmemos.runtime.synchronous.sleep", sleep)
    if first is not BREAK:
        assert client.sessions.cleanup() == 3
        server.__exit__(None, None, None)
    try:
        assert client.sessions.cleanup() == 3
    finally:
        again[0].__exit__(None, None, None)
        client.close()
    assert len(pauses) == 30
    assert max(pauses) <= 2.0
