"""How a program ends that has a session in a block: each a program of its own, ended by a real signal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from typing import List, Tuple
from uuid import uuid4

import pytest
from support.cutting_proxy import CuttingProxy
from support.scripted_server import Answer, ScriptedServer, problem

from onmemos import OnMemOSClient, QuotaExceeded, Session, SessionFailed
from onmemos.runtime.termination import Block

SPEC = 'user="tester", namespace="tests", template="alpine", ttl_minutes=5'


def started(program: str, url: str, key: str) -> subprocess.Popen[str]:
    env = {**os.environ, "ONMEMOS_BASE_URL": url, "ONMEMOS_API_KEY": key, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, text=True)


def ended(program: str, number: int, url: str, key: str) -> Tuple[str, int, str]:
    """Runs a program up to its first line, which is a session's id, and sends a signal.

    Returns:
        the first line, how it ended, and what it printed after that.
    """
    child = started(program, url, key)
    assert child.stdout is not None
    first = child.stdout.readline().strip()
    assert first, child.communicate()[1]
    child.send_signal(number)
    out, err = child.communicate()
    return first, child.returncode, out + err


SYNCHRONOUS = f"""
    import time
    from onmemos import OnMemOSClient
    with OnMemOSClient() as client, client.session({SPEC}) as session:
        print(session.id)
        %s
    """
ASYNCHRONOUS = f"""
    import asyncio
    from onmemos import AsyncOnMemOSClient
    async def main():
        async with AsyncOnMemOSClient() as client, client.session({SPEC}) as session:
            print(session.id)
            %s
    asyncio.run(main())
    """


BLOCKING_IN_A_LOOP = f"""
    import asyncio, time
    from onmemos import OnMemOSClient
    async def main():
        with OnMemOSClient() as client, client.session({SPEC}) as session:
            print(session.id)
            time.sleep(600)
    asyncio.run(main())
    """


@pytest.mark.parametrize(
    "program",
    [
        SYNCHRONOUS % "time.sleep(600)",
        SYNCHRONOUS % 'session.run("sleep 600")',
        SYNCHRONOUS % "list(session.shell())",
        ASYNCHRONOUS % "await asyncio.sleep(600)",
        ASYNCHRONOUS % 'await session.run("sleep 600")',
    ],
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_session(
    client: OnMemOSClient, server_url: str, server_key: str, program: str, number: int
) -> None:
    session_id, code, _ = ended(program, number, server_url, server_key)
    assert client.get_session(session_id).status == "terminated"
    assert code == (-signal.SIGINT if number == signal.SIGINT else 128 + number)


WITHOUT_A_BLOCK = """
    from onmemos import OnMemOSClient
    session = OnMemOSClient().sessions.get("{session}")
    print(session.id)
    {call}
    """
WITHOUT_A_BLOCK_IN_A_LOOP = """
    import asyncio
    from onmemos import AsyncOnMemOSClient
    async def main():
        session = await AsyncOnMemOSClient().sessions.get("{session}")
        print(session.id)
        await {call}
    asyncio.run(main())
    """


@pytest.mark.parametrize("program", [WITHOUT_A_BLOCK, WITHOUT_A_BLOCK_IN_A_LOOP])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_command_of_a_call(
    client: OnMemOSClient, session: Session, server_url: str, server_key: str, program: str, number: int
) -> None:
    command = f"echo begun; sleep 600; : {uuid4().hex}"
    call = f"session.run({command!r}, on_stdout=lambda line: print(line, flush=True))"
    child = started(program.format(session=session.id, call=call), server_url, server_key)
    assert child.stdout is not None
    assert [child.stdout.readline().strip() for _ in range(2)] == [session.id, "begun"]
    child.send_signal(number)
    child.communicate()
    assert child.returncode == 128 + number

    def status() -> List[str]:
        return [one.status for one in client.execs.list(session.id) if one.command == command]

    while status() == ["running"]:
        time.sleep(0.1)
    assert status() == ["killed"]
    assert session.refresh().status == "running"


def test_a_call_leaves_the_handler_of_the_program_alone(session: Session, server_url: str, server_key: str) -> None:
    program = f"""
    import signal, sys
    from onmemos import OnMemOSClient
    signal.signal(signal.SIGTERM, lambda number, frame: print("mine", flush=True))
    session = OnMemOSClient().sessions.get("{session.id}")
    result = session.run("echo begun; sleep 1; echo over", on_stdout=lambda line: print(line, flush=True))
    print(result.returncode)
    """
    first, code, printed = ended(program, signal.SIGTERM, server_url, server_key)
    assert (first, code, printed) == ("begun", 0, "mine\nover\n0\n")


def test_a_signal_ends_the_session_of_a_loop_that_is_blocked(
    client: OnMemOSClient, server_url: str, server_key: str
) -> None:
    session_id, code, _ = ended(BLOCKING_IN_A_LOOP, signal.SIGTERM, server_url, server_key)
    assert (client.get_session(session_id).status, code) == ("terminated", 143)


def test_a_signal_while_a_session_is_made_ends_it(
    client: OnMemOSClient, server_url: str, server_key: str, name: str
) -> None:
    program = f"""
    from onmemos import OnMemOSClient
    with OnMemOSClient() as client:
        with client.session({SPEC}, labels={{"begun": "{name}"}}):
            print("never")
    """

    def made() -> List[str]:
        return [one.status for one in client.sessions.list(label=f"begun={name}")]

    # The answer to its first call never comes.
    with CuttingProxy(server_url, lambda n: -1 if n == 0 else None) as proxy:
        child = started(program, proxy.url, server_key)
        while made() != ["running"]:
            assert child.poll() is None
        child.send_signal(signal.SIGTERM)
        out, _ = child.communicate()
    assert (out, child.returncode) == ("", 143)
    assert made() == ["terminated"]


def test_a_handler_that_was_there_is_called_after_it(client: OnMemOSClient, server_url: str, server_key: str) -> None:
    program = f"""
    import signal, time
    from onmemos import OnMemOSClient
    client = OnMemOSClient()
    signal.signal(signal.SIGTERM, lambda *_: print("mine", client.get_session(session.id).status))
    with client.session({SPEC}) as session:
        print(session.id)
        time.sleep(600)
    """
    session_id, code, printed = ended(program, signal.SIGTERM, server_url, server_key)
    assert "mine terminated" in printed
    assert code == 143
    assert client.get_session(session_id).status == "terminated"


def test_a_program_that_ignores_sigterm_goes_on_doing_so(
    client: OnMemOSClient, server_url: str, server_key: str
) -> None:
    program = f"""
    import os, signal
    from onmemos import OnMemOSClient
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with OnMemOSClient() as client, client.session({SPEC}) as session:
        os.kill(os.getpid(), signal.SIGTERM)
        print(session.id)
    print("whole")
    """
    session_id, code, printed = ended(program, signal.SIGCONT, server_url, server_key)
    assert "whole" in printed
    assert code == 0
    assert client.get_session(session_id).status == "terminated"


def test_the_handler_is_there_only_while_a_block_is_open(session: Session) -> None:
    before = signal.getsignal(signal.SIGTERM)
    outer, inner = Block(), Block()
    outer.open()
    held = signal.getsignal(signal.SIGTERM)
    inner.open()
    inner.close(None)
    assert signal.getsignal(signal.SIGTERM) is held
    outer.close(None)
    # The fixture's own block is open, whose handler this is.
    assert signal.getsignal(signal.SIGTERM) is before


def test_says_which_session_is_left_and_until_when(server_url: str, server_key: str, client: OnMemOSClient) -> None:
    program = f"""
    import sys
    from onmemos import OnMemOSClient
    with OnMemOSClient(max_retries=0) as client, client.session({SPEC}) as session:
        print(session.id, session.expires_at.isoformat("T", "seconds"))
        sys.stdout.flush()
        client._transport._pool.client().base_url = "http://127.0.0.1:9"
        raise ValueError("mine")
    """
    first, code, printed = ended(program, signal.SIGCONT, server_url, server_key)
    session_id, expires_at = first.split()
    assert f"SessionLeft: Session {session_id} could not be ended" in printed
    assert f"its TTL ends it at {expires_at.replace('T', ' ').replace('+00:00', ' UTC')}" in printed
    assert "ValueError: mine" in printed
    assert code == 1
    client.delete_session(session_id)


def test_a_failed_session_is_raised_with_what_to_do() -> None:
    failed = {"id": "ses-1", "status": "failed", "status_message": "The image could not be pulled: check its name."}
    with ScriptedServer(Answer(200, json.dumps(failed).encode())) as server, OnMemOSClient(server.url, "k") as client:
        with pytest.raises(SessionFailed, match="check its name"), client.session(template="x"):
            pytest.fail("it never ran")
    assert [seen.method for seen in server.seen] == ["POST", "DELETE"]


def test_a_refused_create_ends_nothing() -> None:
    with (
        ScriptedServer(problem(409, "quota_exceeded", "Too many.")) as server,
        OnMemOSClient(server.url, "k") as client,
        pytest.raises(QuotaExceeded),
        client.session(template="x"),
    ):
        pytest.fail("it was refused")
    assert [seen.method for seen in server.seen] == ["POST"]
