"""Work that must be finished although its program is told to end."""

from __future__ import annotations

import asyncio
from typing import List

import pytest

from onmemos.runtime import asynchronous as runtime


@pytest.mark.parametrize("where", ["loop", "work"])
def test_what_a_second_ctrl_c_breaks_off_is_done_again(where: str) -> None:
    done: List[str] = []

    def interrupt() -> None:
        raise KeyboardInterrupt

    async def work() -> str:
        done.append("begun")
        if where == "work" and done == ["begun"]:
            interrupt()
        await asyncio.sleep(0.05)
        done.append("done")
        return "it"

    async def program() -> None:
        # The second Ctrl-C raises wherever the program is: in the event loop, mostly.
        if where == "loop":
            asyncio.get_running_loop().call_later(0.01, interrupt)
        await runtime.finish(work)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(program())
    assert done == ["begun", "begun", "done"]


def test_what_is_cancelled_once_is_done_once() -> None:
    done: List[str] = []

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.append("done")

    async def program() -> None:
        task = asyncio.ensure_future(runtime.finish(work))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(program())
    assert done == ["done"]
