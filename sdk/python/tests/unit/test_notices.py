"""A watch for notices: each is told once, and an error that does not pass ends it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

import pytest

from onmemos import AsyncNoticeWatch, AsyncPage, NoticeWatch, Page, Unauthenticated, Unavailable, types

Answer = Union[List[str], Exception]
BUSY = Unavailable("busy", retryable=True)


def entry(name: str) -> types.AuditEvent:
    """`evt-1`: a notice. `evt-9 session.terminated`: another entry."""
    id_, _, action = name.partition(" ")
    record: Dict[str, Any] = {"id": id_, "action": action or "notice", "detail": {"kind": "session.ending"}}
    return types.AuditEvent(record)


def take(answers: List[Answer]) -> List[types.AuditEvent]:
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if isinstance(answer, Exception):
        raise answer
    return [entry(name) for name in answer]


def watch(answers: Sequence[Answer], told: Callable[[Any], Any], newest: Optional[int] = None) -> NoticeWatch:
    left = list(answers)

    def read(_cursor: Optional[str]) -> Tuple[List[types.AuditEvent], Optional[str]]:
        return take(left), None

    return NoticeWatch(lambda: Page(read), told, 0.001, newest)


def test_of_a_session_from_its_beginning_to_its_end() -> None:
    told: List[str] = []
    answers: List[Answer] = [
        ["evt-x sessions.create", "evt-1"],
        BUSY,
        ["evt-0", "evt-1", "evt-2"],
        ["evt-2", "evt-9 session.failed"],
    ]
    watch(answers, lambda notice: told.append(notice.id)).join()
    assert told == ["evt-1", "evt-0", "evt-2"]


def test_of_a_user_from_now_on() -> None:
    told: List[str] = []
    answers: List[Answer] = [["evt-1"], ["evt-3", "evt-2", "evt-1"]]
    watching = threading.Event()

    def on_notice(notice: types.AuditEvent) -> None:
        told.append(notice.id)
        if len(told) == 2:
            # The watch may be quicker than the return of what began it.
            watching.wait()
            one.stop()

    one = watch(answers, on_notice, 100)
    watching.set()
    one.join()
    assert told == ["evt-2", "evt-3"]


@pytest.mark.filterwarnings("ignore:The watch for notices")
def test_ends_with_an_error_that_does_not_pass() -> None:
    def fail(_notice: types.AuditEvent) -> None:
        raise KeyError("mine")

    revoked: List[Answer] = [BUSY, Unauthenticated("revoked")]
    mine: List[Answer] = [["evt-1"]]
    for answers, error in ((revoked, Unauthenticated), (mine, KeyError)):
        with pytest.raises(error):
            watch(answers, fail).join()


def test_asynchronous_with_a_coroutine_function() -> None:
    told: List[str] = []

    async def on_notice(notice: types.AuditEvent) -> None:
        await asyncio.sleep(0)
        told.append(notice.id)

    async def main() -> None:
        left: List[Answer] = [["evt-1"], ["evt-1", "evt-2", "evt-9 session.terminated"]]

        async def read(_cursor: Optional[str]) -> Tuple[List[types.AuditEvent], Optional[str]]:
            return take(left), None

        async with AsyncNoticeWatch(lambda: AsyncPage(read), on_notice, 0.001) as one:
            await one.join()

    asyncio.run(main())
    assert told == ["evt-1", "evt-2"]
