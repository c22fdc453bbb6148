"""Calls, output and input while the server is away. It prints what is to be done, then what came of it."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from onmemos import OnMemOSClient

url, key = sys.argv[1:]
# The count of retries alone would be used up long before.
client = OnMemOSClient(url, key, max_retries=1)
with client.session(user="restart", ttl_minutes=10) as session, client.session(user="restart", ttl_minutes=10) as ended:
    counted = session.start("i=0; while [ ! -e go ]; do i=$((i+1)); echo $i; sleep 0.2; done; echo last")
    echo = session.start("cat", stdin=True)
    pool = ThreadPoolExecutor(16)
    lines = pool.submit(lambda: b"".join(chunk.data for chunk in counted).decode().split())
    echoed = pool.submit(lambda: b"".join(chunk.data for chunk in echo).decode())
    held = pool.submit(session.run, "while [ ! -e go ]; do sleep 0.1; done; echo held")
    time.sleep(0.5)
    print("kill", flush=True)
    sys.stdin.readline()
    calls = [
        pool.submit(client.info),
        pool.submit(client.sessions.create, user="restart", ttl_minutes=10),
        pool.submit(session.start, "echo started"),
        pool.submit(ended.delete),
        pool.submit(echo.write, "typed"),
        pool.submit(session.shell),
    ]
    print("start", flush=True)
    info, created, started, _, _, shell = [call.result() for call in calls]
    print(info.service, created.status, started.wait(), ended.status, shell.command("echo shell").stdout.strip())
    shell.close()
    created.delete()
    echo.close_stdin()
    session.run("touch go")
    said = lines.result()
    print(
        echoed.result(), held.result().stdout.strip(), said[-1], said[:-1] == [str(i + 1) for i in range(len(said) - 1)]
    )
print(len(list(client.sessions.list(user="restart"))), threading.active_count() > 0)
