"""What a program is told if the server stays away. It prints what is to be done, then each error."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from onmemos import OnMemOSClient, ServerAway

url, key = sys.argv[1:]
client = OnMemOSClient(url, key, reconnect_seconds=2)
session = client.sessions.create(user="restart", ttl_minutes=10)
process = session.start("sleep 60", exec_id="followed")
pool = ThreadPoolExecutor(16)
calls = [
    pool.submit(next, process),
    pool.submit(session.run, "sleep 60"),
    pool.submit(client.execs.execute, session.id, "sleep 60"),
]
time.sleep(0.5)
print(session.id, flush=True)
sys.stdin.readline()
for call in [*calls, pool.submit(client.info)]:
    error = call.exception()
    print(isinstance(error, ServerAway), error, flush=True)
