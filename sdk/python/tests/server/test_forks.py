"""Clients, sessions, commands and shells of a process that forks: each a program of its own."""

from __future__ import annotations

import os

import pytest
from support.cutting_proxy import CuttingProxy
from support.programs import output_of

from onmemos import OnMemOSClient, Session

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

START = """
import os, sys, warnings
warnings.simplefilter("ignore", DeprecationWarning)
from onmemos import OnMemOSClient, AsyncOnMemOSClient, OnMemOSError

SPEC = dict(user="tester", namespace="tests", template="alpine", ttl_minutes=5)

def child(work):
    "Does this in a fork, and says how that ended: its exit code."
    pid = os.fork()
    if pid == 0:
        code = 99
        try:
            work()
            code = 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    return pid

def code_of(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""


def test_each_process_gets_the_output_of_its_own_commands(session: Session, server_url: str, server_key: str) -> None:
    program = f"""{START}
import multiprocessing
client = OnMemOSClient()
session_id = sys.argv[1]
context = multiprocessing.get_context("fork")

def work(number):
    said = [f"{{number}}-{{turn}}" for turn in range(8)]
    heard = [client.execs.execute(session_id, f"echo {{one}}").stdout.strip() for one in said]
    return said == heard

client.health()
with context.Pool(4) as pool:
    print(pool.map(work, range(8), chunksize=1))
print(work(9))
"""
    assert output_of(program, server_url, server_key, session.id) == f"{[True] * 8}\nTrue\n"


def test_a_child_opens_a_connection_of_its_own_and_leaves_the_parents(server_url: str, server_key: str) -> None:
    program = f"""{START}
client = OnMemOSClient()
client.health()
print(code_of(child(client.health)), code_of(child(client.close)))
client.health()
"""
    with CuttingProxy(server_url, lambda _n: None) as proxy:
        assert output_of(program, proxy.url, server_key) == "0 0\n"
        assert proxy.connections == 2


def test_locks_that_were_held_at_the_fork_stop_nobody(session: Session, server_url: str, server_key: str) -> None:
    program = f"""{START}
client = OnMemOSClient()
session = client.sessions.get(sys.argv[1])
process = session.start("cat", stdin=True)
process.write("a")
pool_lock = client._transport._pool.client()._transport._pool._optional_thread_lock._lock
with pool_lock, process._stdin._turn:
    pid = child(lambda: (client.health(), process.write("b")))
    print(code_of(pid))
# It does not know what the child wrote.
session.process(process.exec_id).close_stdin()
print("".join(chunk.text for chunk in process.reattach(0)))
"""
    assert output_of(program, server_url, server_key, session.id) == "0\nab\n"


def test_threads_may_call_while_others_fork(server_url: str, server_key: str) -> None:
    program = f"""{START}
import threading
client, ended = OnMemOSClient(), threading.Event()

def call():
    while not ended.is_set():
        client.health()

threads = [threading.Thread(target=call) for _ in range(3)]
for thread in threads:
    thread.start()
codes = [code_of(child(client.health)) for _ in range(20)]
ended.set()
for thread in threads:
    thread.join()
print(codes)
"""
    assert output_of(program, server_url, server_key) == f"{[0] * 20}\n"


@pytest.mark.parametrize(
    "leave",
    [
        "sys.exit(0)",
        "raise SystemExit(0)",
        "session.__exit__(None, None, None); os._exit(0)",
        "import atexit; atexit.register(session.__exit__, None, None, None); sys.exit(0)",
    ],
)
def test_a_child_that_ends_leaves_its_parents_session(server_url: str, server_key: str, leave: str) -> None:
    program = f"""{START}
with OnMemOSClient() as client, client.session(SPEC) as session:
    pid = os.fork()
    if pid == 0:
        {leave}
    print(code_of(pid), session.refresh().status, session.run("echo here").stdout.strip())
print(client.get_session(session.id).status)
"""
    assert output_of(program, server_url, server_key) == "0 running here\nterminated\n"


def test_a_child_of_an_event_loop_leaves_the_parents_connections(server_url: str, server_key: str) -> None:
    program = f"""{START}
import asyncio, multiprocessing
def close():
    # Without a loop of its own, and with one.
    asyncio.run(client.aclose())
async def main():
    global client
    async with AsyncOnMemOSClient() as client, client.session(SPEC) as session:
        process = await session.start("echo one; read x; echo two", stdin=True)
        first = (await process.__anext__()).text
        worker = multiprocessing.get_context("fork").Process(target=close)
        worker.start()
        await asyncio.get_running_loop().run_in_executor(None, worker.join)
        # The connection by which its output comes is still the parent's.
        await process.write("x\\n")
        rest = "".join([chunk.text async for chunk in process])
        print(worker.exitcode, (await session.refresh()).status, first.strip(), rest.strip())
asyncio.run(main())
"""
    assert output_of(program, server_url, server_key) == "0 running one two\n"


def test_a_child_has_a_loop_of_its_own_for_the_same_client(session: Session, server_url: str, server_key: str) -> None:
    program = f"""{START}
import asyncio
client = AsyncOnMemOSClient()
async def say(word):
    found = await client.sessions.get(sys.argv[1])
    return (await found.run(f"echo {{word}}")).stdout.strip()
print(asyncio.run(say("before")))
pid = os.fork()
if pid == 0:
    print(asyncio.run(say("child")))
    sys.exit(0)
print(code_of(pid), asyncio.run(say("after")))
"""
    assert output_of(program, server_url, server_key, session.id) == "before\nchild\n0 after\n"


def test_a_process_that_is_told_to_end_ends_by_the_signal_and_the_session_lives(
    client: OnMemOSClient, server_url: str, server_key: str
) -> None:
    program = f"""{START}
import multiprocessing, signal, time
with OnMemOSClient() as client, client.session(SPEC) as session:
    worker = multiprocessing.get_context("fork").Process(target=time.sleep, args=(300,))
    worker.start()
    worker.terminate()
    worker.join()
    print(worker.exitcode, session.refresh().status)
"""
    assert output_of(program, server_url, server_key) == "-15 running\n"


def test_a_shell_is_its_process_s_own(session: Session, server_url: str, server_key: str) -> None:
    program = f"""{START}
client = OnMemOSClient()
def refused():
    try:
        shell.command("echo child")
    except OnMemOSError as error:
        print(error)
    shell.close()
with client.sessions.get(sys.argv[1]).shell() as shell:
    print(shell.command("echo before").stdout.strip())
    print(code_of(child(refused)))
    pid = os.fork()
    if pid == 0:
        sys.exit(0)
    print(code_of(pid), shell.command("echo after").stdout.strip())
"""
    said = "This shell belongs to another process or event loop"
    assert output_of(program, server_url, server_key, session.id) == f"before\n{said}\n0\n0 after\n"


def test_output_goes_on_in_both_processes(session: Session, server_url: str, server_key: str) -> None:
    program = f"""{START}
client = OnMemOSClient()
process = client.sessions.get(sys.argv[1]).start("echo 1; read x; echo 2; echo 3", stdin=True, hold=True)
print(next(process).text.strip())
pid = child(lambda: print("child", "".join(chunk.text for chunk in process).split()))
process.write("go\\n")
print("parent", "".join(chunk.text for chunk in process).split(), code_of(pid))
"""
    lines = output_of(program, server_url, server_key, session.id).splitlines()
    assert sorted(lines) == ["1", "child ['2', '3']", "parent ['2', '3'] 0"]


def test_a_child_that_leaves_a_run_leaves_its_command(session: Session, server_url: str, server_key: str) -> None:
    program = f"""{START}
client = OnMemOSClient()
session = client.sessions.get(sys.argv[1])
def fork(line):
    global pid
    if line == "one":
        pid = os.fork()
        if pid == 0:
            sys.exit(0)
        code_of(pid)
result = session.run("echo one; sleep 1; echo two", on_stdout=fork)
print(result.stdout.split(), result.returncode)
"""
    assert output_of(program, server_url, server_key, session.id) == "['one', 'two'] 0\n"
