"""Makes the calls of a script through the Python SDK, its lanes side by side.

Reads `{baseUrl, apiKey, maxRetries, user, lanes}` from the file that is named, prints a list of outcomes.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Dict, List

from onmemos import AsyncOnMemOSClient, AsyncSession, OnMemOSError

Json = Dict[str, Any]


class NotMade(Exception):
    """What a call is about was not made, so that the call is not made either."""


@dataclass
class Lane:
    """What the calls of one lane have made so far."""

    client: AsyncOnMemOSClient
    user: str
    sessions: Dict[str, AsyncSession] = field(default_factory=dict)
    keys: Dict[str, str] = field(default_factory=dict)

    def session(self, step: Json) -> AsyncSession:
        if step["session"] not in self.sessions:
            raise NotMade
        return self.sessions[step["session"]]

    def key(self, step: Json) -> str:
        if step["key"] not in self.keys:
            raise NotMade
        return self.keys[step["key"]]


async def count(listing: Any) -> Json:
    return {"said": str(len([item async for item in listing]))}


async def create_workspace(lane: Lane, step: Json) -> Json:
    name = step["workspace"]
    made = await lane.client.workspaces.create(lane.user, name, name, "dev_micro")
    return {"id": made.workspace_id}


async def get_workspace(lane: Lane, step: Json) -> Json:
    return {"said": (await lane.client.workspaces.get(lane.user, step["workspace"])).workspace_id}


async def delete_workspace(lane: Lane, step: Json) -> Json:
    await lane.client.workspaces.delete(lane.user, step["workspace"], force=True)
    return {}


async def estimate(lane: Lane, _step: Json) -> Json:
    return {"said": (await lane.client.sessions.estimate(user=lane.user, resource_package="dev_small")).currency}


async def create_session(lane: Lane, step: Json) -> Json:
    made = await lane.client.sessions.create(
        user=lane.user,
        workspace_id=step["workspace"],
        labels={"call": step["session"]},
        request_persistent_storage=True,
        ttl_minutes=30,
    )
    lane.sessions[step["session"]] = made
    return {"id": made.id, "said": made.status}


async def create_key(lane: Lane, step: Json) -> Json:
    made = await lane.client.keys.create(step["key"], user_id=lane.user)
    lane.keys[step["key"]] = made.key_id
    return {"id": made.key_id, **({} if made.get("secret") is None else {"said": "secret"})}


async def revoke_key(lane: Lane, step: Json) -> Json:
    revoked = await lane.client.keys.revoke(lane.key(step))
    return {"said": "true" if revoked.revoked_at else "false"}


async def get_session(lane: Lane, step: Json) -> Json:
    return {"said": (await lane.client.sessions.get(lane.session(step).id)).status}


async def usage(lane: Lane, step: Json) -> Json:
    return {"said": str((await lane.session(step).usage()).processes)}


async def cost(lane: Lane, step: Json) -> Json:
    return {"said": (await lane.session(step).cost()).session_id}


async def update(lane: Lane, step: Json) -> Json:
    labels = {"call": step["session"], "patched": str(step["n"])}
    changed = await lane.client.sessions.update(lane.session(step).id, labels=labels)
    return {"said": changed.labels["patched"]}


def appending(step: Json) -> str:
    return f"echo {step['n']} | tee -a lines"


async def execute(lane: Lane, step: Json) -> Json:
    result = await lane.client.execs.execute(lane.session(step).id, appending(step))
    return {"id": result.exec_id, "said": result.stdout}


async def run(lane: Lane, step: Json) -> Json:
    result = await lane.session(step).run(appending(step))
    return {"id": result.exec_id, "said": result.stdout}


async def stream(lane: Lane, step: Json) -> Json:
    started = await lane.session(step).start(appending(step))
    said = b"".join([chunk.data async for chunk in started])
    return {"id": started.exec_id, "said": said.decode()}


async def feed(lane: Lane, step: Json) -> Json:
    result = await lane.session(step).run(f"tee -a lines # {step['n']}", input=f"{step['n']}\n")
    return {"id": result.exec_id, "said": result.stdout}


async def delete_session(lane: Lane, step: Json) -> Json:
    return {"said": (await lane.session(step).delete(wait=60)).status}


CALLS: Dict[str, Callable[[Lane, Json], Awaitable[Json]]] = {
    "workspace.create": create_workspace,
    "workspace.get": get_workspace,
    "workspace.delete": delete_workspace,
    "workspace.list": lambda lane, _step: count(lane.client.workspaces.list(lane.user)),
    "package.list": lambda lane, _step: count(lane.client.packages.list()),
    "key.list": lambda lane, _step: count(lane.client.keys.list()),
    "session.list": lambda lane, _step: count(lane.client.sessions.list(user=lane.user)),
    "session.estimate": estimate,
    "session.create": create_session,
    "session.get": get_session,
    "session.usage": usage,
    "session.cost": cost,
    "session.update": update,
    "session.execute": execute,
    "session.run": run,
    "session.stream": stream,
    "session.feed": feed,
    "session.delete": delete_session,
    "key.create": create_key,
    "key.revoke": revoke_key,
}


async def outcome_of(lane: Lane, step: Json) -> Json:
    try:
        return {"n": step["n"], "ok": True, **await CALLS[step["op"]](lane, step)}
    except NotMade:
        return {"n": step["n"], "ok": False}
    except Exception as error:
        told = {"type": type(error).__name__, "own": False, "code": None, "message": str(error), "hint": ""}
        if isinstance(error, OnMemOSError):
            told = {**told, "own": True, "code": error.code, "hint": error.hint or ""}
        return {"n": step["n"], "ok": False, "error": told}


async def run_lane(client: AsyncOnMemOSClient, user: str, steps: List[Json]) -> List[Json]:
    lane = Lane(client, user)
    return [await outcome_of(lane, step) for step in steps]


async def main(script: Json) -> List[Json]:
    options = {"base_url": script["baseUrl"], "api_key": script["apiKey"], "max_retries": script["maxRetries"]}
    async with AsyncOnMemOSClient(**options) as client:
        lanes = await asyncio.gather(*(run_lane(client, script["user"], steps) for steps in script["lanes"]))
    return [outcome for lane in lanes for outcome in lane]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        print(json.dumps(asyncio.run(main(json.load(file)))))
