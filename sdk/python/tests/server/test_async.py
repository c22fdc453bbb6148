"""The asynchronous client of a real service: what is not the same lines as in the synchronous one."""

from __future__ import annotations

import asyncio

import pytest

from onmemos import AsyncOnMemOSClient, Invalid, OnMemOSClient

SPEC = {"user": "tester", "namespace": "tests", "template": "alpine", "ttl_minutes": 5}


def test_a_block_makes_and_ends_a_session(client: OnMemOSClient, server_url: str, server_key: str) -> None:
    async def work() -> str:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous, asynchronous.session(SPEC) as session:
            results = await asyncio.gather(*(session.run(f"echo {n}; sleep 0.2") for n in range(5)))
            assert [result.stdout for result in results] == [f"{n}\n" for n in range(5)]
            process = await session.start("cat; exit 4", stdin=True)
            await process.write("x")
            await process.close_stdin()
            assert [chunk.text async for chunk in process] == ["x"]
            assert (process.returncode, await process.wait()) == (4, 4)
            async with await session.shell() as shell:
                assert (await shell.command("echo hi")).stdout == "hi\n"
                await shell.write("exit\n")
                assert "exit" in "".join([part async for part in shell])
            assert session.id in [one.id async for one in asynchronous.sessions.list(user="tester")]
            assert session.id in [one.id for one in await asynchronous.list_sessions(user="tester")]
            return session.id

    assert client.get_session(asyncio.run(work())).status == "terminated"


def test_what_is_written_at_once_or_from_a_second_object_goes_in_whole_and_once(
    server_url: str, server_key: str
) -> None:
    async def work() -> None:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous, asynchronous.session(SPEC) as session:
            process = await session.start("cat", stdin=True)
            await asyncio.gather(*(process.write(f"{n}\n") for n in range(9)))
            await process.reattach().write("last\n")
            await process.close_stdin()
            text = "".join([chunk.text async for chunk in process])
            assert text == "".join(f"{n}\n" for n in range(9)) + "last\n"

    asyncio.run(work())


def test_nothing_is_joined_to_a_write_that_was_broken_off(server_url: str, server_key: str) -> None:
    async def work() -> None:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous, asynchronous.session(SPEC) as session:
            # It reads nothing, so that what is far more than its stdin holds is never taken whole.
            process = await session.start("sleep 300", stdin=True)
            write = asyncio.create_task(process.write("x" * 9_000_000))
            while (await process.refresh()).stdin_offset == 0:
                await asyncio.sleep(0.05)
            write.cancel()
            await asyncio.wait([write])
            with pytest.raises(Invalid):
                await process.write("y")
            await process.kill()

    asyncio.run(work())


def test_a_cancelled_block_ends_its_session(client: OnMemOSClient, server_url: str, server_key: str) -> None:
    made = []

    async def work() -> None:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous, asynchronous.session(SPEC) as session:
            made.append(session.id)
            await session.run("sleep 300")

    async def main() -> None:
        task = asyncio.create_task(work())
        while not made:
            await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.sleep(0)
        # A second one does not break off the end of the session.
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert client.get_session(made[0]).status == "terminated"


def test_a_block_cancelled_while_it_begins_leaves_nothing(
    client: OnMemOSClient, server_url: str, server_key: str, name: str
) -> None:
    async def work() -> None:
        async with AsyncOnMemOSClient(server_url, server_key) as asynchronous:
            async with asynchronous.session({**SPEC, "labels": {"begun": name}}):
                pytest.fail("it was cancelled before")

    async def main() -> None:
        task = asyncio.create_task(work())
        while not list(client.sessions.list(label=f"begun={name}")):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert {one.status for one in client.sessions.list(label=f"begun={name}")} == {"terminated"}
