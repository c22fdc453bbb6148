"""Reads a file that a session prints, as the file that is named says: `{baseUrl, apiKey, session, file, way}`.

Prints `{bytes, sha256}` of what came.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from typing import Any, Dict, Tuple

from onmemos import AsyncOnMemOSClient, OnMemOSClient

Json = Dict[str, Any]


def options_of(asked: Json) -> Json:
    return {"base_url": asked["baseUrl"], "api_key": asked["apiKey"]}


def read(asked: Json) -> Tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with OnMemOSClient(**options_of(asked)) as client:
        for chunk in client.sessions.get(asked["session"]).start(f"cat {asked['file']}"):
            digest.update(chunk.data)
            size += len(chunk.data)
    return size, digest.hexdigest()


async def read_async(asked: Json) -> Tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    async with AsyncOnMemOSClient(**options_of(asked)) as client:
        session = await client.sessions.get(asked["session"])
        async for chunk in await session.start(f"cat {asked['file']}"):
            digest.update(chunk.data)
            size += len(chunk.data)
    return size, digest.hexdigest()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    size, sha256 = read(asked) if asked["way"] == "sync" else asyncio.run(read_async(asked))
    print(json.dumps({"bytes": size, "sha256": sha256}))
