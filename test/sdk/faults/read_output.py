"""Runs a command in a session through the Python SDK with its defaults, as the file that is named says:
`{baseUrl, apiKey, session, command, input, maxRetries, way}`. Prints `{bytes, sha256}` of its stdout.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from typing import Any, Dict, Iterable, Tuple

from onmemos import AsyncOnMemOSClient, AsyncSession, OnMemOSClient, Session

Json = Dict[str, Any]


def digest(pieces: Iterable[bytes]) -> Tuple[int, str]:
    sha256, size = hashlib.sha256(), 0
    for piece in pieces:
        sha256.update(piece)
        size += len(piece)
    return size, sha256.hexdigest()


def read(client: OnMemOSClient, session: Session, asked: Json) -> Tuple[int, str]:
    if asked["way"] == "execute":
        return digest([client.execs.execute(session.id, asked["command"]).stdout.encode()])
    if asked["way"] == "run":
        return digest([session.run(asked["command"], input=asked.get("input")).stdout.encode()])
    return digest(chunk.data for chunk in session.start(asked["command"]))


async def read_async(session: AsyncSession, command: str) -> Tuple[int, str]:
    return digest([chunk.data async for chunk in await session.start(command)])


def main(asked: Json) -> Tuple[int, str]:
    options = {"base_url": asked["baseUrl"], "api_key": asked["apiKey"]}
    if "maxRetries" in asked:
        options["max_retries"] = asked["maxRetries"]
    if asked["way"] != "async":
        with OnMemOSClient(**options) as client:
            return read(client, client.sessions.get(asked["session"]), asked)

    async def by_async() -> Tuple[int, str]:
        async with AsyncOnMemOSClient(**options) as client:
            return await read_async(await client.sessions.get(asked["session"]), asked["command"])

    return asyncio.run(by_async())


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        size, sha256 = main(json.load(file))
    print(json.dumps({"bytes": size, "sha256": sha256}))
