"""The same as `driver.py` in an event loop, where `cancel` on stdin cancels the task of the verb."""

import asyncio
import json
import sys
import threading

from onmemos import AsyncOnMemOSClient

sessions = {}


def say(**event):
    """One event, a line."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def held(kind, name):
    """What is left on purpose from now on."""
    say(event="held", kind=kind, id=name)


def spec(mark):
    """The session of a verb."""
    return {"user": "fuzz", "ttl_minutes": 5, "labels": {"mark": mark}}


async def own(client, asked):
    """The session that all use."""
    name = asked["session"]
    if name not in sessions:
        sessions[name] = await client.sessions.get(name)
    return sessions[name]


async def text_of(process):
    """All its output."""
    return b"".join([chunk.data async for chunk in process]).decode()


async def started(client, asked, **options):
    """A command in the background."""
    process = await (await own(client, asked)).start(asked["command"], **options)
    held("exec", process.exec_id)
    return process


async def create_block(client, asked):
    async with client.session(spec(asked["mark"])) as session:
        return (await session.run(asked["command"])).stdout


async def create(client, asked):
    held("session", (await client.sessions.create(spec(asked["mark"]))).id)
    return "ok"


async def run(client, asked):
    return (await (await own(client, asked)).run(asked["command"])).stdout


async def run_input(client, asked):
    return (await (await own(client, asked)).run(asked["command"], input=asked["text"])).stdout


async def stream(client, asked):
    lines = []
    await (await own(client, asked)).run(asked["command"], on_stdout=lines.append)
    return "".join(line + "\n" for line in lines)


async def iterate(client, asked):
    return await text_of(await started(client, asked, hold=True))


async def start(client, asked):
    process = await started(client, asked)
    return f"{await text_of(process)}{await process.wait()}"


async def stdin(client, asked):
    process = await started(client, asked, stdin=True, hold=True)
    text = asked["text"]

    async def write():
        for at in range(0, len(text), 9000):
            await process.write(text[at : at + 9000])
        await process.close_stdin()

    got, _ = await asyncio.gather(text_of(process), write())
    return got


async def signal(client, asked):
    process = await started(client, asked)
    await process.signal("TERM")
    return str(await process.wait())


async def kill(client, asked):
    process = await started(client, asked)
    await process.kill()
    return str(await process.wait())


async def shell(client, asked):
    async with await (await own(client, asked)).shell() as opened:
        return (await opened.command(asked["command"])).stdout


async def terminal(client, asked):
    async with await (await own(client, asked)).shell() as opened:
        await opened.write(f"echo {asked['mark']}-$((40+2))\nexit\n")
        text = "".join([piece async for piece in opened])
    wanted = f"{asked['mark']}-42"
    return wanted if wanted in text else text


async def reads(client, asked):
    session = await own(client, asked)
    await session.refresh()
    await session.cost()
    await session.usage()
    [_ async for _ in client.sessions.list(user="fuzz")]
    await client.sessions.estimate(spec(asked["mark"]))
    return "ok"


async def delete(client, asked):
    return (await client.sessions.delete(asked["prepared"])).status


async def workspace(client, asked):
    mark = asked["mark"]
    await client.workspaces.create("fuzz", mark, mark, "dev_micro")
    held("workspace", mark)
    await client.workspaces.get("fuzz", mark)
    await client.workspaces.delete("fuzz", mark)
    return "ok"


async def key(client, asked):
    made = await client.keys.create(asked["mark"], user_id="fuzz")
    held("key", made.key_id)
    await client.keys.revoke(made.key_id)
    return "ok"


async def follow(client, asked):
    return await text_of(await (await own(client, asked)).process(asked["prepared"]))


async def execute(client, asked):
    return (await client.execs.execute(asked["session"], asked["command"])).stdout


async def extend(client, asked):
    await (await own(client, asked)).extend(60)
    return "ok"


ALIASES = {"run_sleep": "run", "stream_sleep": "stream"}


class Driver:
    """Verbs, one after another."""

    def __init__(self):
        self.task = None
        self.cancelled = False

    def read(self, loop, lines):
        """In a thread of its own."""
        for line in sys.stdin:
            loop.call_soon_threadsafe(self.take, line, lines)
        loop.call_soon_threadsafe(lines.put_nowait, None)

    def take(self, line, lines):
        """A verb, or that its caller has had enough of it."""
        if line.strip() != "cancel":
            lines.put_nowait(json.loads(line))
        elif self.task is not None:
            self.cancelled = True
            self.task.cancel()

    async def main(self):
        lines = asyncio.Queue()
        threading.Thread(target=self.read, args=(asyncio.get_running_loop(), lines), daemon=True).start()
        client = AsyncOnMemOSClient()
        while True:
            asked = await lines.get()
            if asked is None:
                return
            name = asked["verb"].replace("-", "_")
            self.cancelled = False
            self.task = asyncio.ensure_future(globals()[ALIASES.get(name, name)](client, asked))
            try:
                say(event="done", id=asked["id"], output=await self.task)
            except asyncio.CancelledError:
                if not self.cancelled:
                    raise
                say(event="cancelled", id=asked["id"], error="")
            except Exception as error:
                say(event="failed", id=asked["id"], error=f"{type(error).__name__}: {error}")
            self.task = None


asyncio.run(Driver().main())
