"""Opens a terminal through the Python SDK, types into it and reads until it breaks, as the file that is named says:
`{baseUrl, apiKey, session, way}`. Prints `{said, type, own, message, hint}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Dict

from onmemos import AsyncOnMemOSClient, OnMemOSClient, OnMemOSError

Json = Dict[str, Any]
TYPED = 'while echo be""at; do sleep 0.1; done\n'


def broken(said: str, error: Exception) -> Json:
    own = isinstance(error, OnMemOSError)
    hint = error.hint if isinstance(error, OnMemOSError) else None
    return {"said": said, "type": type(error).__name__, "own": own, "message": str(error), "hint": hint or ""}


def read(options: Json, session: str) -> Json:
    said = ""
    with OnMemOSClient(**options) as client:
        try:
            with client.sessions.get(session).shell() as shell:
                shell.write(TYPED)
                for text in shell:
                    said += text
        except Exception as error:
            return broken(said, error)
    raise SystemExit("the terminal ended by itself")


async def read_async(options: Json, session: str) -> Json:
    said = ""
    async with AsyncOnMemOSClient(**options) as client:
        try:
            async with await (await client.sessions.get(session)).shell() as shell:
                await shell.write(TYPED)
                async for text in shell:
                    said += text
        except Exception as error:
            return broken(said, error)
    raise SystemExit("the terminal ended by itself")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    options = {"base_url": asked["baseUrl"], "api_key": asked["apiKey"]}
    done = (
        read(options, asked["session"])
        if asked["way"] == "sync"
        else asyncio.run(read_async(options, asked["session"]))
    )
    print(json.dumps(done))
