"""Calls that are broken off at each point where they wait leave nothing behind that nobody holds."""

from __future__ import annotations

import asyncio
import gc
import time
import uuid
from typing import Any, Awaitable, Callable, Collection, Dict, Iterator, List, Tuple

import pytest
from support.fault_points import CancelledAt, InterruptedAt
from support.lost_answers import async_losing, losing
from websockets.asyncio.client import ClientConnection
from websockets.protocol import State

from onmemos import AsyncOnMemOSClient, AsyncSession, OnMemOSClient, Session
from onmemos.core import retries

# A socket whose `connect` is interrupted is left open by the standard library.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
MOST_POINTS = 60
LIVE = {"creating", "running"}
MARK = "sleep 300; echo "
HOOK = "https://example.com/hook"
LOST = ", its answer lost"


def new_mark() -> str:
    return uuid.uuid4().hex[:12]


def spec(mark: str) -> Dict[str, Any]:
    return {"user": "tester", "namespace": "tests", "template": "alpine", "ttl_minutes": 5, "labels": {"mark": mark}}


def live_sessions(client: OnMemOSClient, mark: str) -> List[str]:
    return [one.id for one in client.sessions.list(label=f"mark={mark}") if one.status in LIVE]


def running_commands(client: OnMemOSClient, session: Session, marks: Collection[str]) -> List[str]:
    found = client.execs.list(session.id)
    return [one.exec_id for one in found if one.status == "running" and (one.command or "")[len(MARK) :] in marks]


def live_commands(client: OnMemOSClient, session: Session, marks: Collection[str]) -> List[str]:
    """What runs still after the server has had the time to end it: PIPE, then TERM, then KILL."""
    until = time.monotonic() + 30
    while True:
        live = running_commands(client, session, marks)
        if not live or time.monotonic() > until:
            return live
        time.sleep(0.02)


def live_workspaces(client: OnMemOSClient, _session: Session, marks: Collection[str]) -> List[str]:
    return [one.workspace_id for one in client.workspaces.list("breaker") if one.workspace_id in marks]


def live_keys(client: OnMemOSClient, _session: Session, marks: Collection[str]) -> List[str]:
    return [one.key_id for one in client.keys.list() if one.name in marks and one.revoked_at is None]


def live_webhooks(client: OnMemOSClient, _session: Session, marks: Collection[str]) -> List[str]:
    return [one.webhook_id for one in client.webhooks.list() if one.user_id in marks]


Left = Callable[[OnMemOSClient, Session, Collection[str]], List[str]]
AsyncWork = Callable[[AsyncOnMemOSClient, AsyncSession, str], Awaitable[object]]
Work = Callable[[OnMemOSClient, Session, str], object]

ASYNC_WORK: Dict[str, AsyncWork] = {
    "session.start": lambda _client, session, mark: session.start(f"{MARK}{mark}"),
    "session.run": lambda _client, session, mark: session.run(f"{MARK}{mark}", timeout=1),
    "execs.start": lambda client, session, mark: client.execs.start(session.id, f"{MARK}{mark}"),
    "execs.execute": lambda client, session, mark: client.execs.execute(session.id, f"{MARK}{mark}", timeout=1),
    "execs.start_job": lambda client, session, mark: client.execs.start_job(session.id, f"{MARK}{mark}"),
    "workspaces.create": lambda client, _session, mark: client.workspaces.create("breaker", mark, mark, "dev_micro"),
    "keys.create": lambda client, _session, mark: client.keys.create(mark, user_id="breaker"),
    "keys.create, its answer lost": lambda client, _session, mark: async_losing(client).keys.create(
        mark, user_id="breaker"
    ),
    "webhooks.create": lambda client, _session, mark: client.webhooks.create(HOOK, user_id=mark),
    "webhooks.create, its answer lost": lambda client, _session, mark: async_losing(client).webhooks.create(
        HOOK, user_id=mark
    ),
}
WORK: Dict[str, Work] = {
    "session.start": lambda _client, session, mark: session.start(f"{MARK}{mark}"),
    "session.run": lambda _client, session, mark: session.run(f"{MARK}{mark}", timeout=1),
    "execs.start": lambda client, session, mark: client.execs.start(session.id, f"{MARK}{mark}"),
    "execs.execute": lambda client, session, mark: client.execs.execute(session.id, f"{MARK}{mark}", timeout=1),
    "execs.start_job": lambda client, session, mark: client.execs.start_job(session.id, f"{MARK}{mark}"),
    "workspaces.create": lambda client, _session, mark: client.workspaces.create("breaker", mark, mark, "dev_micro"),
    "keys.create": lambda client, _session, mark: client.keys.create(mark, user_id="breaker"),
    "keys.create, its answer lost": lambda client, _session, mark: losing(client).keys.create(mark, user_id="breaker"),
    "webhooks.create": lambda client, _session, mark: client.webhooks.create(HOOK, user_id=mark),
    "webhooks.create, its answer lost": lambda client, _session, mark: losing(client).webhooks.create(
        HOOK, user_id=mark
    ),
}
LEFT: Dict[str, Left] = {
    "workspaces.create": live_workspaces,
    "keys.create": live_keys,
    "keys.create, its answer lost": live_keys,
    "webhooks.create": live_webhooks,
    "webhooks.create, its answer lost": live_webhooks,
}


def turns(verb: str) -> Iterator[Tuple[int, bool]]:
    """The points, and whether the client has to connect first: in turn, or both at each point of a lost answer."""
    for point in range(1, MOST_POINTS):
        connects = point % 2 == 1
        yield point, connects
        if verb.endswith(LOST):
            yield point, not connects


async def cancelled(awaited: Awaitable[Any], point: int, late: bool) -> str:
    """How a call ends that is cancelled there: `cancelled`, `done`, or `over` where it has no such point."""
    call = CancelledAt(awaited, point, late)

    async def made() -> object:
        return await call

    task = asyncio.ensure_future(made())
    await asyncio.wait([task])
    if not call.reached:
        return "over"
    return "cancelled" if task.cancelled() else "done"


@pytest.fixture(autouse=True)
def repeated_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call whose answer is lost is repeated at once, so that hundreds of them take no minute."""
    monkeypatch.setattr(retries, "FIRST_S", 0.001)


@pytest.fixture(scope="module", autouse=True)
def breaker(client: OnMemOSClient) -> None:
    client.users.put("breaker", user_type="admin")


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("verb", sorted(ASYNC_WORK))
def test_a_call_cancelled_at_any_point_leaves_nothing(
    client: OnMemOSClient, session: Session, server_url: str, server_key: str, verb: str, late: bool
) -> None:
    ends: List[str] = []
    marks: List[str] = []
    left = LEFT.get(verb, live_commands)

    async def at(point: int, connects: bool) -> str:
        # A client of its own for each, so that the points of connecting are among them.
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous:
            found = await asynchronous.sessions.get(session.id)
            if connects:
                await asynchronous.aclose()
            marks.append(new_mark())
            return await cancelled(ASYNC_WORK[verb](asynchronous, found, marks[-1]), point, late)

    for point, connects in turns(verb):
        ends.append(asyncio.run(at(point, connects)))
        # A client that has to connect has more points.
        if ends[-1] == "over" and (connects or not verb.endswith(LOST)):
            break
        if ends[-1] == "cancelled":
            assert left(client, session, marks[-1:]) == [], f"cancelled at point {point}"
    assert ends.count("cancelled") >= 3, ends
    assert ends[-1] == "over", ends
    # Nor does one come later: a request that was still under way.
    held = [mark for mark, end in zip(marks, ends) if end != "cancelled"]
    assert left(client, session, [mark for mark in marks if mark not in held]) == []
    if left is live_commands:
        for one in running_commands(client, session, held):
            client.execs.kill(session.id, one)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("verb", sorted(WORK))
def test_a_call_interrupted_at_any_point_leaves_nothing(
    client: OnMemOSClient, session: Session, server_url: str, server_key: str, verb: str, late: bool
) -> None:
    interrupted = 0
    left = LEFT.get(verb, live_commands)
    for point, connects in turns(verb):
        mark = new_mark()
        with OnMemOSClient(server_url, server_key) as own:
            found = own.sessions.get(session.id)
            if connects:
                own.close()
            with InterruptedAt(point, late) as faults:
                try:
                    WORK[verb](own, found, mark)
                except KeyboardInterrupt:
                    interrupted += 1
                    raised = True
                else:
                    raised = False
        # A client that has to connect has more points.
        if not faults.reached and (connects or not verb.endswith(LOST)):
            break
        if raised:
            assert left(client, session, [mark]) == [], f"interrupted at call {point}"
    else:
        pytest.fail("it has no end")
    assert interrupted >= 3


@pytest.mark.parametrize("verb", ["keys.create", "webhooks.create"])
def test_a_create_whose_answer_was_lost_makes_one_and_has_its_secret(
    client: OnMemOSClient, session: Session, server_url: str, server_key: str, verb: str
) -> None:
    lost = verb + LOST
    mark = new_mark()
    with OnMemOSClient(server_url, server_key) as own:
        made: Any = WORK[lost](own, session, mark)
    assert made["secret"]
    assert len(LEFT[verb](client, session, [mark])) == 1

    async def work(mark: str) -> Any:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous:
            return await ASYNC_WORK[lost](asynchronous, await asynchronous.sessions.get(session.id), mark)

    mark = new_mark()
    assert asyncio.run(work(mark))["secret"]
    assert len(LEFT[verb](client, session, [mark])) == 1


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("wait", [0, 30])
def test_a_create_cancelled_at_any_point_leaves_no_session(
    client: OnMemOSClient, server_url: str, server_key: str, wait: float, late: bool
) -> None:
    ends: List[str] = []
    for point in range(1, MOST_POINTS):
        mark = new_mark()

        async def at(point: int = point, mark: str = mark) -> str:
            async with AsyncOnMemOSClient(server_url, server_key) as asynchronous:
                return await cancelled(asynchronous.sessions.create(spec(mark), wait=wait), point, late)

        ends.append(asyncio.run(at()))
        live = live_sessions(client, mark)
        for one in live:
            client.delete_session(one)
        if ends[-1] == "over":
            break
        assert ends[-1] == "done" or live == [], f"cancelled at point {point}"
    assert ends.count("cancelled") >= 3, ends
    assert ends[-1] == "over", ends


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("is_block", [False, True])
def test_a_create_interrupted_at_any_point_leaves_no_session(
    client: OnMemOSClient, server_url: str, server_key: str, is_block: bool, late: bool
) -> None:
    interrupted = 0
    for point in range(1, MOST_POINTS):
        mark, raised = new_mark(), False
        with OnMemOSClient(server_url, server_key) as own, InterruptedAt(point, late) as faults:
            try:
                if is_block:
                    with own.session(spec(mark)):
                        pass
                else:
                    own.sessions.create(spec(mark))
            except KeyboardInterrupt:
                interrupted += 1
                raised = True
        live = live_sessions(client, mark)
        for one in live:
            client.delete_session(one)
        if not faults.reached:
            break
        assert not raised or live == [], f"interrupted at call {point}"
    assert interrupted >= 3


@pytest.mark.parametrize("delay", [0.001, 0.005, 0.01, 0.03, 0.06, 0.1, 0.2])
def test_a_create_that_takes_too_long_leaves_no_session(
    client: OnMemOSClient, server_url: str, server_key: str, name: str, delay: float
) -> None:
    async def work() -> None:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous:
            try:
                made = await asyncio.wait_for(asynchronous.create_session(spec(name)), delay)
            except asyncio.TimeoutError:
                return
            await made.delete()

    asyncio.run(work())
    assert live_sessions(client, name) == []


@pytest.mark.parametrize("late", [False, True])
def test_a_shell_cancelled_at_any_point_leaves_no_connection(
    session: Session, server_url: str, server_key: str, late: bool
) -> None:
    async def at(point: int) -> str:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous:
            found = await asynchronous.sessions.get(session.id)
            end = await cancelled(found.shell(), point, late)
            if end == "cancelled":
                sockets = [one for one in gc.get_objects() if isinstance(one, ClientConnection)]
                assert [one for one in sockets if one.state is State.OPEN] == [], f"cancelled at point {point}"
            return end

    ends: List[str] = []
    while not ends or (ends[-1] != "over" and len(ends) < MOST_POINTS):
        ends.append(asyncio.run(at(len(ends) + 1)))
        gc.collect()
    assert ends.count("cancelled") >= 2, ends


def test_a_start_under_an_id_of_one_s_own_is_left_to_its_owner(
    client: OnMemOSClient, session: Session, server_url: str, server_key: str, name: str
) -> None:
    session.start(f"{MARK}{name}", exec_id=name)

    async def again() -> str:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous:
            found = await asynchronous.sessions.get(session.id)
            return await cancelled(found.start(f"{MARK}{name}", exec_id=name), 3, True)

    assert asyncio.run(again()) == "cancelled"
    assert running_commands(client, session, [name]) == [name]
    client.execs.kill(session.id, name)
