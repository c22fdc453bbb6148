"""Runs cells in a Jupyter kernel, as a notebook does, and prints what each of them printed or raised, as JSON."""

from __future__ import annotations

import json
from queue import Empty

from jupyter_client.manager import start_new_kernel

HANGS_S = 300

manager, client = start_new_kernel(kernel_name="python3", startup_timeout=HANGS_S)


def cell(code: str, stop_at: str | None = None) -> list[str]:
    """What a cell gives: its lines, then the name of its error. The stop button is pressed once a text is printed."""
    asked = client.execute(code)
    printed, error = "", []
    while True:
        try:
            message = client.get_iopub_msg(timeout=HANGS_S)
        except Empty:
            raise SystemExit(f"a cell hangs: {code}\n{printed}") from None
        if message["parent_header"].get("msg_id") != asked:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            printed += content["text"]
            if stop_at is not None and stop_at in printed:
                stop_at = None
                manager.interrupt_kernel()
        elif kind in ("execute_result", "display_data"):
            printed += "html\n" if "<table>" in content["data"].get("text/html", "") else content["data"]["text/plain"]
        elif kind == "error":
            error = [content["ename"]]
        elif kind == "status" and content["execution_state"] == "idle":
            return [*printed.split("\n")[: printed.count("\n")], *error]


WAIT_FOR_END = """
import time
for _ in range(3000):
    if {gone}:
        break
    time.sleep(0.1)
"""

try:
    report = {
        "synchronous": cell(
            "from onmemos import OnMemOSClient, AsyncOnMemOSClient\n"
            "client = OnMemOSClient()\n"
            "kept = client.sessions.create(user='ada', ttl_minutes=10)\n"
            "print(kept.run('echo hello').stdout, end='')"
        ),
        "a record": cell("kept"),
        "a list": cell("client.sessions.list()"),
        "awaited": cell(
            "there = AsyncOnMemOSClient()\n"
            "async with there.session(user='ada', ttl_minutes=10) as other:\n"
            "    print((await other.run('echo awaited')).stdout, end='')\n"
            "print((await there.sessions.get(other.id)).status)"
        ),
        "awaited in another cell": cell("print((await there.sessions.get(kept.id)).status)"),
        "stopped": cell("kept.run('echo up; sleep 7101', on_stdout=print)", stop_at="up"),
        "stopped while awaited": cell(
            "same = await there.sessions.get(kept.id)\nawait same.run('echo up; sleep 7102', on_stdout=print)",
            stop_at="up",
        ),
        "stopped in a block": cell(
            "with client.session(user='ada', ttl_minutes=10) as blocked:\n"
            "    blocked.run('echo up; sleep 7103', on_stdout=print)",
            stop_at="up",
        ),
        "the block’s session": cell("print(client.sessions.get(blocked.id).status)"),
        "commands": cell(
            WAIT_FOR_END.format(gone="all(e.status != 'running' for e in client.execs.list(kept.id))")
            + "print([e.status for e in client.execs.list(kept.id)].count('running'))"
        ),
        "the session of no block": cell(
            "print(client.sessions.get(kept.id).status)\nprint(kept.run('echo on').stdout, end='')"
        ),
    }
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
print(json.dumps(report))
