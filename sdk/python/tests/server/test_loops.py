"""One asynchronous client in several event loops, one after another and at once: each a program of its own."""

from __future__ import annotations

import pytest
from support.programs import output_of

from onmemos import Session

START = """
import asyncio, gc, sys, threading
from onmemos import AsyncOnMemOSClient, OnMemOSError
client = AsyncOnMemOSClient()

async def service():
    return (await client.info()).service

def in_loop_that_is_only_closed(work):
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()
"""
# Whatever is left open is printed, and nothing may be printed.
STRICT = ("-W", "always::ResourceWarning")


@pytest.mark.parametrize("run", ["asyncio.run", "in_loop_that_is_only_closed"])
def test_a_client_works_in_one_loop_after_another(server_url: str, server_key: str, run: str) -> None:
    program = f"""{START}
print([{run}(service()) for _ in range(3)])
async def end():
    await client.aclose()
asyncio.run(end())
gc.collect()
"""
    assert output_of(program, server_url, server_key, options=STRICT) == f"{['onmemos'] * 3}\n"


def test_its_block_can_be_entered_again(server_url: str, server_key: str) -> None:
    program = f"""{START}
async def block():
    async with client:
        return await service()
print([asyncio.run(block()) for _ in range(2)])
"""
    assert output_of(program, server_url, server_key, options=STRICT) == f"{['onmemos'] * 2}\n"


def test_it_works_in_loops_of_several_threads_at_once(server_url: str, server_key: str) -> None:
    program = f"""{START}
said, all_there = [], threading.Barrier(4)
async def both():
    first = await service()
    all_there.wait()
    said.append((first, await service()))
threads = [threading.Thread(target=asyncio.run, args=(both(),)) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(said == [("onmemos", "onmemos")] * 4)
gc.collect()
"""
    assert output_of(program, server_url, server_key, options=STRICT) == "True\n"


@pytest.mark.parametrize("run", ["asyncio.run", "in_loop_that_is_only_closed"])
def test_a_command_is_read_and_written_in_one_loop_after_another(
    session: Session, server_url: str, server_key: str, run: str
) -> None:
    program = f"""{START}
async def begin():
    found = await client.sessions.get(sys.argv[1])
    process = await found.start("cat", stdin=True, hold=True)
    # Two at once, so that the lock between them has waited in this loop.
    await asyncio.gather(process.write("a"), process.write("b"))
    text = ""
    while len(text) < 2:
        text += (await process.__anext__()).text
    return process, text

async def go_on(process):
    await asyncio.gather(process.write("c"), process.write("d"))
    await process.close_stdin()
    return "".join([chunk.text async for chunk in process])

process, text = {run}(begin())
print(text, {run}(go_on(process)), process.returncode)
asyncio.run(client.close())
del process
gc.collect()
"""
    assert output_of(program, server_url, server_key, session.id, options=STRICT) == "ab cd 0\n"


def test_a_shell_says_that_it_is_another_loop_s(session: Session, server_url: str, server_key: str) -> None:
    program = f"""{START}
async def open_shell():
    found = await client.sessions.get(sys.argv[1])
    shell = await found.shell()
    await shell.command("true")
    await shell.close()
    return shell

async def use(shell):
    try:
        await shell.command("true")
    except OnMemOSError as error:
        print(error)
    await shell.aclose()

shell = asyncio.run(open_shell())
asyncio.run(use(shell))
"""
    said = "This shell belongs to another process or event loop\n"
    assert output_of(program, server_url, server_key, session.id, options=STRICT) == said
