"""What is asserted of the snippets on workspaces, sessions, specifications and storage (1 to 13)."""

from __future__ import annotations

from ran import Ran, check, has, warns

NO_T4 = "This machine has no t4 GPU; the session runs without one."
NO_A100 = "This machine has no a100 GPU; the session runs without one."


@check(1)
def quick_start(ran: Ran) -> None:
    has(
        ran["workspace"],
        user_id="developer",
        workspace_id="my-dev-workspace",
        name="Development Environment",
        resource_package="dev_medium",
        status="active",
    )
    has(
        ran["session"],
        status="running",
        user="developer",
        workspace_id="my-dev-workspace",
        namespace="project1",
        template="python",
        resource_package="dev_medium",
    )
    assert ran["session"]["id"] == ran.made()[0]["id"]


@check(2)
def workspaces(ran: Ran) -> None:
    listed = {workspace["workspace_id"]: workspace for workspace in ran["workspaces"]}
    assert set(listed) == {"my-dev-workspace", "my-workspace"}
    has(ran["workspace"], workspace_id="my-workspace", description="Main development environment", live_sessions=0)
    assert ran["success"] is True
    status, refusal = ran.server.call("GET", "/v1/workspaces/developer/my-workspace")
    assert (status, refusal["code"]) == (404, "not_found")


@check(3)
def basic_session(ran: Ran) -> None:
    has(ran["session"], status="running", workspace_id="my-workspace", resource_package="dev_medium", gpu_spec=None)


@check(4)
def advanced_session(ran: Ran) -> None:
    session = ran["session"]
    has(session, status="running", resource_package="ml_t4_large", gpu_spec={"gpu_type": "t4", "gpu_count": 2})
    has(session["resource_spec"], cpu_request="4", memory_request="16Gi")
    has(session["storage_allocation"]["persistent_storage"], size_gb=50, mount_path="/workspace")
    warns(session, NO_T4)


@check(5)
def convenience_methods(ran: Ran) -> None:
    development, python, learning, custom = ran.made(4)
    has(development, status="running", workspace_id="my-workspace", namespace="project1")
    has(development["image_spec"], image_type="ubuntu")
    has(development["resource_spec"], cpu_request="1", memory_request="2Gi")
    assert development["storage_allocation"]["persistent_storage"] is not None
    has(python["image_spec"], image_type="python", image_tag="3.11-slim")
    has(python["gpu_spec"], gpu_type="t4", gpu_count=1)
    warns(python, NO_T4)
    has(learning, user="researcher", gpu_spec={"gpu_type": "a100", "gpu_count": 1})
    has(learning["storage_allocation"]["persistent_storage"], size_gb=100)
    warns(learning, NO_A100)
    has(custom["image_spec"], image_type="custom", image_url="gcr.io/my-project/custom-image:latest")
    warns(custom, "run no images", "gcr.io/my-project/custom-image:latest")
    assert [session["status"] for session in (development, python, learning, custom)] == ["running"] * 4
    assert ran["session"]["id"] == custom["id"]


@check(6)
def sizes(ran: Ran) -> None:
    cpu = {"micro": 250, "small": 500, "medium": 1000, "large": 2000, "xlarge": 4000, "xxlarge": 8000}
    assert {size.value for size in ran["CPUSize"]} == {*cpu, "custom"}
    assert {size.value for size in ran["MemorySize"]} == {*cpu, "xxxlarge", "custom"}
    assert ran["CPUSize"].MEDIUM == "medium"


@check(7)
def image_types(ran: Ran) -> None:
    names = ["ALPINE", "UBUNTU", "PYTHON", "NODEJS", "GO", "RUST", "JAVA", "CUSTOM"]
    assert [ran["ImageType"][name].value for name in names] == [name.lower() for name in names]


@check(8)
def gpu_types(ran: Ran) -> None:
    assert {gpu.name: gpu.value for gpu in ran["GPUType"]} == {
        name: name.lower() for name in ["NONE", "T4", "V100", "A100", "H100", "L4"]
    }


@check(9)
def specifications(ran: Ran) -> None:
    sizes = {"cpu_size": "medium", "memory_size": "large", "custom_cpu_request": "1.5", "custom_memory_request": "6Gi"}
    has(ran["resource_spec"], **sizes)
    has(ran["image_spec"], image_type="python", image_tag="3.11-slim")
    has(ran["gpu_spec"], gpu_type="t4", gpu_count=2)
    body = {
        "user": "developer",
        "workspace_id": "my-workspace",
        "resource_spec": ran["resource_spec"],
        "image_spec": ran["image_spec"],
        "gpu_spec": ran["gpu_spec"],
    }
    session = ran.server.ok("POST", "/v1/sessions?wait=120", body)
    has(session["resource_spec"], cpu_request="1.5", memory_request="6Gi")
    has(session, image_spec={"image_type": "python", "image_url": None, "image_tag": "3.11-slim"})
    has(session, gpu_spec={"gpu_type": "t4", "gpu_count": 2})
    ran.server.ok("DELETE", f"/v1/sessions/{session['id']}")


@check(10)
def session_management(ran: Ran) -> None:
    ran.all_succeed("python --version")
    assert ran.commands[0]["timeout"] == 120
    assert ran["result"]["stdout"].startswith("Python 3."), ran["result"]
    has(ran["result"], returncode=0, success=True, timed_out=False)
    has(ran["session"], status="running", namespace="project1")
    listed = ran["sessions"]
    assert isinstance(listed, list)
    assert ran["session"]["id"] in [session["id"] for session in listed]
    assert all(session["user"] == "developer" and session["namespace"] == "project1" for session in listed)


@check(11)
def persistent_storage(ran: Ran) -> None:
    volume = ran["session"]["storage_allocation"]["persistent_storage"]
    has(volume, name="default", size_gb=20, mount_path="/workspace")
    ran.server.shell(ran["session"]["id"], "echo kept > /workspace/kept")
    again = {"user": "developer", "workspace_id": "my-workspace", "namespace": "project1"}
    second = ran.server.ok("POST", "/v1/sessions?wait=120", {**again, "request_persistent_storage": True})
    assert ran.server.shell(second["id"], "cat /workspace/kept") == "kept\n"


@check(12)
def bucket_storage(ran: Ran) -> None:
    bucket = ran["session"]["storage_allocation"]["bucket"]
    has(bucket, name="default", size_gb=10)
    written = f"echo object > {bucket['mount_path']}/object && cat {bucket['mount_path']}/object"
    assert ran.server.shell(ran["session"]["id"], written) == "object\n"


@check(13)
def environment(ran: Ran) -> None:
    assert {"PYTHONPATH", "DATABASE_URL", "API_KEY"} <= set(ran["session"]["env_names"])
    said = ran.server.shell(ran["session"]["id"], 'echo "$PYTHONPATH $DATABASE_URL $API_KEY"')
    assert said == "/workspace/src postgresql://localhost/mydb secret-key\n"
    assert "secret-key" not in str(ran.server.session(ran["session"]["id"]))
