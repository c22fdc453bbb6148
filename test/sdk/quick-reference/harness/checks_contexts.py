"""What is asserted of the context managers, cleanup and costs (20 to 34)."""

from __future__ import annotations

from checks_sessions import NO_A100, NO_T4
from ran import Ran, check, has, warns

INSTALL = "pip install torch torchvision"


@check(20)
def basic_context(ran: Ran) -> None:
    within, _ = ran.ended(2)
    has(within, ttl_minutes=30, namespace="temp-work", workspace_id="my-workspace")
    ran.all_succeed("ls -la")
    assert ran.printed == ran["result"]["stdout"] + "\n"
    assert "train.py" in ran.printed


@check(21)
def workspace_context(ran: Ran) -> None:
    [session] = ran.ended()
    has(session, ttl_minutes=30, namespace="temp-dev")
    has(session["storage_allocation"]["persistent_storage"], name="default")
    ran.all_succeed("pip install pandas")
    assert ran.printed == "Dependencies installed!\n"


@check(22)
def development_context(ran: Ran) -> None:
    [session] = ran.ended()
    has(session, ttl_minutes=60)
    has(session["image_spec"], image_type="ubuntu")
    assert session["storage_allocation"]["persistent_storage"] is not None
    ran.all_succeed(
        "apt-get update && apt-get install -y git",
        "git clone https://github.com/my/project.git /workspace/project",
        "cd /workspace/project && python -m pytest",
    )
    assert ran.printed == "Tests passed: True\n"
    assert ran["result"]["stdout"] == "2 passed\n"


@check(23)
def python_context(ran: Ran) -> None:
    [session] = ran.ended()
    has(session, user="researcher", gpu_spec={"gpu_type": "t4", "gpu_count": 1})
    warns(session, NO_T4)
    ran.all_succeed(INSTALL, "python -c 'import torch; print(torch.cuda.is_available())'")
    assert ran.printed == "GPU available: False\n"


@check(24)
def learning_context(ran: Ran) -> None:
    [session] = ran.ended()
    has(session, gpu_spec={"gpu_type": "a100", "gpu_count": 1})
    has(session["storage_allocation"]["persistent_storage"], size_gb=100)
    warns(session, NO_A100)
    ran.all_succeed(f"{INSTALL} transformers datasets", "python train.py --epochs 10")
    assert ran.printed == "Training completed: True\n"


@check(25)
def custom_context(ran: Ran) -> None:
    [session] = ran.ended()
    has(session["image_spec"], image_type="custom", image_url="gcr.io/my-project/custom-app:latest")
    warns(session, "run no images", "gcr.io/my-project/custom-app:latest")
    ran.all_succeed("/app/start.sh")
    assert ran.printed == "Custom app started: True\n"
    assert ran["result"]["stdout"] == "the custom application runs\n"


@check(26)
def without_cleanup(ran: Ran) -> None:
    [session] = ran.ended()
    assert session["id"] == ran["session"]["id"]
    deleted = [path.split("?")[0] for path in ran.requests("DELETE")]
    assert deleted == [f"/v1/sessions/{session['id']}"], "only the last line ends it"


@check(27)
def context_or_by_hand(ran: Ran) -> None:
    ran.ended(2)


@check(28)
def times_to_live(ran: Ran) -> None:
    assert [session["ttl_minutes"] for session in ran.ended(2)] == [15, 120]
    ran.all_succeed("python --version", "python --version")
    assert ran["result"]["stdout"].startswith("Python 3.")


@check(29)
def right_size(ran: Ran) -> None:
    small, large = ran.ended(2)
    has(small["resource_spec"], cpu_request="500m", memory_request="1Gi")
    has(large["resource_spec"], cpu_request="4", memory_request="8Gi")
    ran.all_succeed("echo 'Hello World'", "echo 'Hello World'")
    assert ran["result"]["stdout"] == "Hello World\n"


@check(30)
def batch(ran: Ran) -> None:
    ran.ended(4)
    scripts = [f"python script{number}.py" for number in (1, 2, 3)]
    ran.all_succeed("pip install pandas numpy matplotlib", *scripts, *scripts)
    assert [ran.commands[number]["stdout"] for number in (1, 6)] == ["script 1 ran\n", "script 3 ran\n"]


@check(31)
def usage(ran: Ran) -> None:
    ran.ended()
    cost, cpu, memory = ran.printed.splitlines()
    assert cost == "Estimated cost: $0", cost
    assert cpu == f"CPU usage: {ran['usage']['cpu_percent']}%"
    assert memory == f"Memory usage: {ran['usage']['memory_mb']} MB"
    assert ran["usage"]["cpu_percent"] >= 0
    assert ran["usage"]["memory_mb"] > 0


@check(32)
def errors(ran: Ran) -> None:
    ran.ended()
    [training] = ran.commands
    has(training, success=False, returncode=2)
    assert "required: --epochs" in training["stderr"]
    assert ran.printed == "Error occurred: Training failed\n"


@check(33)
def cleanup(ran: Ran) -> None:
    assert ran["cleaned"] == 0
    assert ran["success"] is True
    assert ran.printed == "Cleaned up 0 expired sessions\nOrphaned session cleaned up\n"
    has(ran.server.session(ran.known["orphan"]), status="terminated", status_reason="force_deleted")


@check(34)
def estimate(ran: Ran) -> None:
    has(ran["estimate"], provider="local", ttl_minutes=120, currency="USD")
    assert NO_T4 in ran["estimate"]["warnings"]
    assert ran.printed == "Estimated cost: $0\nCost per hour: $0\n"
