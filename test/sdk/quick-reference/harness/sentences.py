"""The sentences that the page's trouble section promises, each brought about by the situation that it names."""

from __future__ import annotations

import socket
from typing import Any, Callable

from page import Block
from under_test import Server


def sentence_of(call: Callable[[], Any]) -> str:
    from onmemos import OnMemOSError

    try:
        answer = call()
    except OnMemOSError as error:
        return str(error)
    raise AssertionError(f"no error, but {answer!r}")


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def check_all(server: Server, promised: list[Block]) -> int:
    """Answers how many sentences were compared."""
    from sdk.python.client import OnMemOSClient
    from server.models.sessions import GPUType, WorkspaceResourcePackage

    client = OnMemOSClient(base_url=server.url, api_key=server.key)
    for user, kind in [("developer", "free"), ("saver", "free"), ("paying", "pro")]:
        server.ok("PUT", f"/v1/users/{user}", {"user_type": kind})
    for user, name, package in [("saver", "test-workspace", "dev_micro"), ("paying", "gpu", "dev_medium")]:
        server.ok(
            "POST", "/v1/workspaces", {"user_id": user, "workspace_id": name, "name": name, "resource_package": package}
        )
    nowhere = f"http://127.0.0.1:{closed_port()}"
    got = [
        sentence_of(OnMemOSClient(base_url=nowhere, api_key=server.key, max_retries=0).get_server_info).replace(
            nowhere, "http://127.0.0.1:8080"
        ),
        sentence_of(OnMemOSClient(base_url=server.url, api_key="omk_wrong_key").get_server_info),
        sentence_of(
            lambda: client.create_workspace(
                user_id="developer",
                workspace_id="too-large",
                name="Too large",
                resource_package=WorkspaceResourcePackage.DEV_LARGE,
            )
        ),
        sentence_of(
            lambda: client.create_session_in_workspace(
                workspace_id="test-workspace",
                template="python",
                namespace="project1",
                user="saver",
                request_persistent_storage=True,
                persistent_storage_size_gb=51,
            )
        ),
        sentence_of(
            lambda: client.create_session_in_workspace(
                workspace_id="gpu", template="python", namespace="project1", user="paying", gpu_type=GPUType.A100
            )
        ),
    ]
    assert got == [block.text.strip() for block in promised], got
    return len(got)
