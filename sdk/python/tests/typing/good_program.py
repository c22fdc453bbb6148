"""A user's program: mypy --strict finds nothing wrong with it, and knows what each answer has."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Dict, List, Optional

from onmemos import (
    AsyncOnMemOSClient,
    Chunk,
    CPUSize,
    GPUType,
    ImageType,
    MemorySize,
    OnMemOSClient,
    Page,
    QuotaExceeded,
    ResourcePackage,
    Session,
    WorkspaceResourcePackage,
)


def synchronous(client: OnMemOSClient) -> None:
    workspace = client.create_workspace(
        user_id="developer",
        workspace_id="my-workspace",
        name="Mine",
        resource_package=WorkspaceResourcePackage.DEV_MEDIUM,
    )
    volumes: int = workspace.storage.volumes
    same: int = workspace["storage"]["volumes"]
    made: Session = client.create_session_in_workspace(
        "my-workspace",
        "python",
        "project1",
        "developer",
        resource_package=ResourcePackage.ML_T4_LARGE,
        gpu_type=GPUType.T4,
        gpu_count=2,
        cpu_size=CPUSize.SMALL,
        memory_size=MemorySize.SMALL,
        request_persistent_storage=True,
        persistent_storage_size_gb=50,
        env={"A": "1"},
    )
    ident: str = made["id"]
    other: str = made.id
    reason: Optional[str] = made["status_reason"]
    labels: Dict[str, str] = made.labels
    with client.development_session_context(
        "my-workspace", "temp", "developer", image_type=ImageType.UBUNTU, ttl_minutes=60
    ) as session:
        result = client.execute_session(session["id"], "ls", timeout=5)
        text: str = result["stdout"]
        code: int = result.returncode
        job: str = client.execute_session(session.id, "ls", async_execution=True).job_id
        process = session.start(["cat"], stdin=True)
        chunks: List[Chunk] = list(process)
        pieces: bytes = b"".join(chunk.data for chunk in chunks)
    spec = client.resource_spec(cpu_size=CPUSize.MEDIUM, custom_memory_request="6Gi")
    estimate = client.sessions.estimate(
        workspace_id="my-workspace", resource_spec=spec, gpu_spec=client.gpu_spec(GPUType.T4)
    )
    cost: Optional[float] = estimate.estimated_total_cost
    ends: datetime = made.expires_at
    wire: str = made["expires_at"]
    found: Page[Session] = client.sessions.list()
    first: Session = found[0]
    few: List[Session] = found[:3]
    print(ends, wire, len(found), first, few, {made: 1})
    try:
        client.session(template="python", ttl_minutes=15)
    except QuotaExceeded as error:
        hint: Optional[str] = error.hint
        print(hint)
    print(volumes, same, ident, other, reason, labels, text, code, job, pieces, cost)


async def asynchronous() -> None:
    async with AsyncOnMemOSClient() as client, client.session(template="python") as session:
        result = await session.run("pytest -q", on_stdout=print, check=True)
        passed: bool = result.success
        ids: List[str] = [one.id async for one in client.sessions.list()]
        ids += [one.id for one in await client.sessions.list()]
        async for chunk in await session.start("ls"):
            print(chunk.text, passed, ids)


if __name__ == "__main__":
    synchronous(OnMemOSClient())
    asyncio.run(asynchronous())
