"""What is asserted of the workflows, debug mode, health and the way from v2 (14 to 19)."""

from __future__ import annotations

import re

from checks_sessions import NO_T4
from ran import Ran, check, has, warns


@check(14)
def development_workflow(ran: Ran) -> None:
    has(ran["workspace"], workspace_id="my-project", name="My Project Workspace")
    ran.all_succeed(
        "git clone https://github.com/my/project.git /workspace/project",
        "cd /workspace/project && pip install -r requirements.txt",
        "cd /workspace/project && python -m pytest",
    )
    has(ran["session"], workspace_id="my-project", namespace="main", status="running")
    has(ran["session"]["storage_allocation"]["persistent_storage"], size_gb=20)
    has(ran["result"], success=True)
    has(ran["test_result"], success=True, stdout="2 passed\n")


@check(15)
def learning_workflow(ran: Ran) -> None:
    has(ran["workspace"], user_id="researcher", resource_package="ml_t4_medium")
    ran.all_succeed(
        "pip install torch torchvision transformers datasets",
        "python train.py --epochs 10 --batch-size 32",
    )
    assert "Successfully installed" in ran.commands[0]["stdout"]
    assert ran.commands[1]["stdout"].endswith("epoch 10 of 10, batches of 32\n")
    has(ran["session"], resource_package="ml_t4_medium", gpu_spec={"gpu_type": "t4", "gpu_count": 1})
    warns(ran["session"], NO_T4)


@check(16)
def debug_mode(ran: Ran) -> None:
    own = [line for line in ran.logged.splitlines() if line.startswith("DEBUG:onmemos:")]
    request, response = own
    assert re.search(r":request GET http://\S+/health ", request), request
    assert re.search(r":response GET http://\S+/health status=200 request_id=req-\S+ body=", response), response
    assert '"status": "healthy"' in response, response
    assert ran.server.key not in ran.logged, "a key is never logged"


@check(17)
def health(ran: Ran) -> None:
    version = ran.server.ok("GET", "/")["version"]
    assert ran.printed == f"Server status: healthy\nServer version: {version}\n"


@check(18)
def second_version(ran: Ran) -> None:
    session = ran["session"]
    has(session, provider="gke", status="running", namespace="project1", user="developer", workspace_id="default")
    has(session["details"], driver="local")
    has(session["resource_spec"], cpu_request="1", memory_request="2Gi")
    assert session["storage_allocation"]["persistent_storage"] is not None


@check(19)
def third_version(ran: Ran) -> None:
    has(ran["workspace"], workspace_id="my-workspace", name="Development Workspace", resource_package="dev_medium")
    has(ran["session"], status="running", workspace_id="my-workspace", namespace="project1")
    assert ran["session"]["storage_allocation"]["persistent_storage"] is not None
