"""When output was read, and output since an instant."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from onmemos import AsyncOnMemOSClient, Invalid, OnMemOSClient, OutputGap, Process, Session

LINES = "echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three"


def test_each_chunk_has_its_time(session: Session) -> None:
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    times = [chunk.time for chunk in session.start(LINES)]
    assert len(times) == 3
    found = [time for time in times if time is not None]
    assert found == sorted(set(found))
    assert all(time.utcoffset() == timedelta(0) for time in found)
    assert before < found[0] < found[2] < datetime.now(timezone.utc) + timedelta(seconds=1)


def test_output_since_an_instant_begins_there(client: OnMemOSClient, session: Session) -> None:
    process = session.start(LINES)
    one, two, three = [chunk.time for chunk in process]
    assert one is not None
    for since, text in ((one, "one\ntwo\nthree\n"), (two, "two\nthree\n"), (three, "three\n")):
        output = client.execs.output(session.id, process.exec_id, since=since)
        assert "".join(chunk.text for chunk in output) == text
    late = client.execs.output(session.id, process.exec_id, 9, one.isoformat())
    assert "".join(chunk.text for chunk in late) == "hree\n"


def test_a_process_is_read_since_an_instant(session: Session) -> None:
    started = session.start(LINES)
    one, two, three = [chunk.time for chunk in started]
    assert one is not None

    def text(process: Process) -> str:
        return "".join(chunk.text for chunk in process)

    found = session.process(started.exec_id, since=two)
    unread = found.reattach()
    assert text(found) == "two\nthree\n"
    assert found.returncode == 0
    # It ends, and does not begin again.
    assert text(found) == ""
    assert text(unread) == "two\nthree\n"
    assert text(session.process(started.exec_id, offset=5, since=two)) == "wo\nthree\n"
    assert text(session.process(started.exec_id, offset=9)) == "hree\n"
    assert text(found.reattach(since=three)) == "three\n"
    assert text(found.reattach(0, since=one.isoformat())) == "one\ntwo\nthree\n"
    assert text(found.reattach(9, since=one)) == "hree\n"
    with pytest.raises(ValueError, match="time zone"):
        session.process(started.exec_id, since=datetime.now())


def test_a_reader_since_an_instant_does_not_take_the_place_of_the_one_that_is_waited_for(session: Session) -> None:
    process = session.start("echo one; sleep 0.2; head -c 3000000 /dev/zero", log_limit_mb=1, hold=True)
    first = next(process)
    assert first.time is not None
    beside = process.reattach(since=first.time)
    assert next(beside).text == "one\n"
    beside.close()
    assert len(first.data) + sum(len(chunk.data) for chunk in process) == 3_000_004


def test_the_same_of_the_asynchronous_client(server_url: str, server_key: str, session: Session) -> None:
    async def work() -> str:
        async with AsyncOnMemOSClient(server_url, server_key) as client:
            process = await (await client.sessions.get(session.id)).start(LINES)
            times = [chunk.time async for chunk in process]
            output = client.execs.output(session.id, process.exec_id, since=times[1])
            again = await (await client.sessions.get(session.id)).process(process.exec_id, since=times[1])
            assert [chunk.text async for chunk in again] == ["two\n", "three\n"]
            assert [chunk.text async for chunk in again.reattach(since=times[2])] == ["three\n"]
            return "".join([chunk.text async for chunk in output])

    assert asyncio.run(work()) == "two\nthree\n"


def test_what_was_dropped_is_told_where_it_may_be_of_the_instant_or_later(
    client: OnMemOSClient, session: Session
) -> None:
    process = session.start("head -c 3000000 /dev/zero; sleep 0.2; echo end", log_limit_mb=1)
    process.wait()
    with pytest.raises(OutputGap) as gap:
        list(client.execs.output(session.id, process.exec_id, since="2020-01-01T00:00:00Z"))
    *_, last = client.execs.output(session.id, process.exec_id, gap.value.end)
    assert [chunk.text for chunk in client.execs.output(session.id, process.exec_id, since=last.time)] == ["end\n"]


def test_an_instant_that_can_not_be_used_is_refused(client: OnMemOSClient, session: Session) -> None:
    process = session.start("true")
    with pytest.raises(Invalid, match="since"):
        list(client.execs.output(session.id, process.exec_id, since="yesterday"))
    with pytest.raises(Invalid, match="since: is in the future"):
        list(client.execs.output(session.id, process.exec_id, since=datetime.now(timezone.utc) + timedelta(hours=1)))
    with pytest.raises(ValueError, match="time zone"):
        client.execs.output(session.id, process.exec_id, since=datetime.now())
