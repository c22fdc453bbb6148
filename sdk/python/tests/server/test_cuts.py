"""Connections that break under a client of a real service."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Optional

from support.cutting_proxy import CuttingProxy

from onmemos import AsyncOnMemOSClient, OnMemOSClient, Session

BYTES = 3_000_000
PRINT = f"head -c {BYTES} /dev/urandom | base64 -w 0 | head -c {BYTES} | tee $1"


def every_connection(n: int) -> Optional[int]:
    """Cuts the first twelve at ever other places, some of them before the answer's first byte."""
    return None if n >= 12 else (n % 3) * 90_000 + n * 7_919


def test_output_has_no_byte_twice_and_none_lost(session: Session, server_url: str, server_key: str, name: str) -> None:
    process = session.start(PRINT.replace("$1", f"/tmp/{name}"))
    with CuttingProxy(server_url, every_connection) as proxy, OnMemOSClient(proxy.url, server_key) as behind:
        digest = hashlib.sha256()
        offset = 0
        for chunk in behind.sessions.get(session.id).process(process.exec_id):
            assert chunk.seq == offset
            offset = chunk.end
            digest.update(chunk.data)
        assert proxy.cuts >= 12
    assert offset == BYTES
    assert session.run(f"sha256sum < /tmp/{name}").stdout.split()[0] == digest.hexdigest()


def test_the_same_in_an_event_loop(session: Session, server_url: str, server_key: str, name: str) -> None:
    process = session.start(PRINT.replace("$1", f"/tmp/{name}"))

    async def read() -> str:
        digest = hashlib.sha256()
        with CuttingProxy(server_url, every_connection) as proxy:
            async with AsyncOnMemOSClient(proxy.url, server_key) as behind:
                found = await (await behind.sessions.get(session.id)).process(process.exec_id)
                async for chunk in found:
                    digest.update(chunk.data)
            assert proxy.cuts >= 12
        return digest.hexdigest()

    digest = asyncio.run(read())
    assert session.run(f"sha256sum < /tmp/{name}").stdout.split()[0] == digest


def test_a_long_command_is_run_once_and_its_answer_found_again(
    session: Session, server_url: str, server_key: str, name: str
) -> None:
    with CuttingProxy(server_url, lambda n: 0 if n == 0 else 40 if n < 3 else None) as proxy:
        with OnMemOSClient(proxy.url, server_key) as behind:
            result = behind.execute_session(session.id, f"echo once >> /tmp/{name}; sleep 1; echo done")
        assert proxy.cuts >= 2
    assert result["stdout"] == "done\n"
    assert session.run(f"cat /tmp/{name}").stdout == "once\n"


def test_a_run_is_started_once(session: Session, server_url: str, server_key: str, name: str) -> None:
    with CuttingProxy(server_url, lambda n: 30 if n < 3 else None) as proxy:
        with OnMemOSClient(proxy.url, server_key) as behind:
            found = behind.sessions.get(session.id)
            lines: list = []  # type: ignore[type-arg]
            found.run(f"echo once >> /tmp/{name}; cat", input="a\nb\n", on_stdout=lines.append)
        assert proxy.cuts >= 3
    assert lines == ["a", "b"]
    assert session.run(f"cat /tmp/{name}").stdout == "once\n"


def test_each_byte_is_written_once(session: Session, server_url: str, server_key: str, name: str) -> None:
    process = session.start(f"cat > /tmp/{name}", stdin=True)
    parts = [bytes([65 + n]) * 200_000 for n in range(10)]
    with CuttingProxy(server_url, lambda n: 10 if n % 2 else None) as proxy:
        for part in parts:
            # A connection of its own for each, every other of which is cut before its answer is whole.
            with OnMemOSClient(proxy.url, server_key) as behind:
                found = behind.sessions.get(session.id).process(process.exec_id)
                found.write(part)
        assert proxy.cuts >= 5
    process = session.process(process.exec_id)
    process.close_stdin()
    assert process.wait() == 0
    written = session.run(f"sha256sum < /tmp/{name}").stdout.split()[0]
    assert written == hashlib.sha256(b"".join(parts)).hexdigest()


def test_a_create_that_was_cut_makes_one_session(
    client: OnMemOSClient, server_url: str, server_key: str, name: str
) -> None:
    with (
        CuttingProxy(server_url, lambda n: 20 if n < 2 else None) as proxy,
        OnMemOSClient(proxy.url, server_key) as behind,
    ):
        with behind.session(user="tester", namespace="tests", template="alpine", labels={"cut": name}) as made:
            assert [one.id for one in client.sessions.list(label=f"cut={name}")] == [made.id]
