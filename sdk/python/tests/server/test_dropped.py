"""Readers of output that are dropped without an end: the garbage collector meets them at any moment."""

from __future__ import annotations

from support.programs import output_of

from onmemos import Session

START = """
import gc, sys
from onmemos import OnMemOSClient
gc.disable()
client = OnMemOSClient()
session = client.sessions.get(sys.argv[1])
pool = client._transport._pool.client()._transport._pool

def drop():
    "Reads a little of a command, and leaves the reader to the garbage collector."
    process = session.start("echo one; sleep 20", hold=True)
    for chunk in process:
        break
    process.itself = process
    return process.exec_id
"""


def test_a_dropped_reader_does_not_wait_for_a_lock_of_its_own_thread(
    session: Session, server_url: str, server_key: str
) -> None:
    program = f"""{START}
exec_id = drop()
# httpcore makes objects in this lock, and the garbage collector runs whenever objects are made.
with pool._optional_thread_lock:
    gc.collect()
print(client.execs.kill(session.id, exec_id).status)
"""
    assert output_of(program, server_url, server_key, session.id) == "killed\n"


def test_the_connection_of_a_dropped_reader_breaks_at_once_and_is_not_kept(
    session: Session, server_url: str, server_key: str
) -> None:
    program = f"""{START}
import time
exec_id = drop()
[held] = [one for one in pool.connections if not one.is_idle()]
network = held._connection._network_stream.get_extra_info("socket")
gc.collect()
network.settimeout(5)
while network.recv(1000):
    pass
client.health()
print(len(pool._requests), held in pool.connections)
client.execs.kill(session.id, exec_id)
"""
    assert output_of(program, server_url, server_key, session.id) == "0 False\n"


def test_a_child_leaves_the_reader_of_its_parent(session: Session, server_url: str, server_key: str) -> None:
    program = f"""{START}
import os, warnings
warnings.simplefilter("ignore", DeprecationWarning)
process = session.start("echo one; read x; echo two", stdin=True, hold=True)
print(next(process).text.strip())
pid = os.fork()
if pid == 0:
    del process
    gc.collect()
    os._exit(0)
print(os.waitpid(pid, 0)[1])
process.write("x\\n")
print("".join(chunk.text for chunk in process).strip())
"""
    assert output_of(program, server_url, server_key, session.id) == "one\n0\ntwo\n"
