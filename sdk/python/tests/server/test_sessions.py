"""Sessions of a real service."""

from __future__ import annotations

import base64
import copy
import logging
import pickle
import threading
from typing import List

import pytest

from onmemos import (
    CommandFailed,
    CommandTimeout,
    ExecNotFound,
    Invalid,
    OnMemOSClient,
    OutputGap,
    ResourcePackage,
    Session,
    SessionNotFound,
    SessionNotRunning,
    Unauthenticated,
    WorkspaceNotFound,
    types,
)


def test_a_block_makes_a_session_that_runs_and_ends_it(client: OnMemOSClient) -> None:
    with client.session(user="tester", namespace="tests", template="alpine", ttl_minutes=5, labels={"a": "b"}) as made:
        assert made.status == "running"
        assert made["id"] == made.id
        assert made.labels == {"a": "b"}
        assert made.id in {one.id for one in client.sessions.list(label="a=b")}
    assert client.get_session(made.id).status == "terminated"


def test_a_block_ends_its_session_when_its_body_fails(client: OnMemOSClient) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        client.sessions.create(user="tester", namespace="tests", template="alpine") as made,
    ):
        raise ZeroDivisionError
    assert client.get_session(made.id).status == "terminated"


def test_a_block_leaves_its_session_where_it_is_told_to(client: OnMemOSClient) -> None:
    spec = {"user": "tester", "namespace": "tests", "template": "alpine", "ttl_minutes": 5}
    with client.session_context(spec, auto_cleanup=False) as made:
        pass
    assert client.get_session(made.id).status == "running"
    assert client.delete_session(made.id).status == "terminated"


def test_runs_commands(session: Session) -> None:
    result = session.run("echo out; echo err >&2; exit 3")
    assert (result.stdout, result.stderr, result.returncode, result.success) == ("out\n", "err\n", 3, False)
    assert result["stdout"] == "out\n"
    assert session.run(["printf", "%s|", "a b", "*"]).stdout == "a b|*|"
    assert session.run("pwd; echo $A", cwd="/tmp", env={"A": "1"}).stdout == "/tmp\n1\n"
    assert session.run("wc -c", input=b"\x00" * 5_000_000).stdout.strip() == "5000000"
    assert session.run("true", input="nobody reads this" * 100_000).returncode == 0


def test_threads_write_one_after_another(session: Session) -> None:
    process = session.start("wc -l", stdin=True)
    threads = [threading.Thread(target=process.write, args=("a line\n",)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.close_stdin()
    assert "".join(chunk.text for chunk in process).strip() == "20"


def test_hands_on_lines_as_they_come(session: Session) -> None:
    lines: List[str] = []
    session.run(
        "echo a; printf 'b\\nc' ; echo d >&2", on_stdout=lines.append, on_stderr=lambda line: lines.append(f"! {line}")
    )
    assert sorted(lines) == ["! d", "a", "b", "c"]


def test_reads_while_it_feeds(session: Session, name: str) -> None:
    def answered(line: str) -> None:
        if line == "ready":
            session.run(f"touch /tmp/{name}")

    # Far more than a pipe holds: it is accepted only once the command has been let go on.
    result = session.run(
        f"echo ready; while [ ! -e /tmp/{name} ]; do sleep 0.05; done; wc -c",
        input=b"x" * 1_000_000,
        on_stdout=answered,
        timeout=60,
    )
    assert result.stdout.split() == ["ready", "1000000"]


def test_a_copy_has_the_fields_alone(session: Session) -> None:
    for copied in (copy.copy(session), copy.deepcopy(session), pickle.loads(pickle.dumps(session))):
        assert (type(copied), copied) == (types.Session, session)


def test_raises_where_it_is_asked_to_check(session: Session) -> None:
    with pytest.raises(CommandFailed) as failed:
        session.run("echo why >&2; exit 9", check=True)
    assert failed.value.result.returncode == 9
    late = session.run("echo begun; sleep 30", timeout=1)
    assert (late.timed_out, late.returncode, late.stdout) == (True, 124, "begun\n")
    with pytest.raises(CommandTimeout):
        session.run("sleep 30", timeout=1, check=True)


def test_a_callback_that_fails_ends_the_command(session: Session, client: OnMemOSClient) -> None:
    def stop(_line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.run("echo begun; sleep 311", on_stdout=stop)
    found = [one for one in client.execs.list(session.id) if one.command == "echo begun; sleep 311"]
    assert [one.status for one in found] == ["killed"]


def test_a_process_is_read_written_and_signalled(session: Session) -> None:
    process = session.start("cat", stdin=True)
    assert (process.returncode, process.offset) == (None, 0)
    process.write("one\n")
    first = next(process)
    assert (first.text, first.stream, first.seq) == ("one\n", "stdout", 0)
    process.write(b"two\n")
    process.close_stdin()
    assert [chunk.data for chunk in process] == [b"two\n"]
    assert process.returncode == process.wait() == 0
    assert b"".join(chunk.data for chunk in process.reattach(0)) == b"one\ntwo\n"
    assert b"".join(chunk.data for chunk in process.reattach(4)) == b"two\n"

    sleeper = session.start(["sleep", "300"])
    sleeper.signal("SIGUSR1")
    assert sleeper.wait() == 128 + 10
    killed = session.start(["sleep", "300"])
    killed.kill()
    assert killed.wait() > 128
    assert session.process(killed.exec_id).returncode == killed.returncode


def test_a_gap_is_raised_and_reading_goes_on_behind_it(session: Session) -> None:
    process = session.start("head -c 5000000 /dev/zero", log_limit_mb=1)
    assert process.wait() == 0
    with pytest.raises(OutputGap) as gap:
        next(process)
    assert (gap.value.start, gap.value.exec_id) == (0, process.exec_id)
    assert process.offset == gap.value.end
    assert sum(len(chunk.data) for chunk in process) == 5_000_000 - gap.value.end
    assert 1024 * 1024 <= 5_000_000 - gap.value.end < 5_000_000


def test_an_id_of_one_s_own_starts_once(session: Session, name: str) -> None:
    for _ in range(2):
        session.start(f"echo once >> /tmp/{name}", exec_id=name).wait()
    assert session.run(f"cat /tmp/{name}").stdout == "once\n"


def test_two_readers_each_get_all(session: Session) -> None:
    process = session.start("for i in 1 2 3; do echo $i; sleep 0.05; done")
    other = session.process(process.exec_id)
    assert "".join(chunk.text for chunk in process) == "".join(chunk.text for chunk in other) == "1\n2\n3\n"


def test_a_terminal_has_a_size_that_changes(session: Session) -> None:
    process = session.start("stty size; read line; stty size", tty=(100, 30), stdin=True)
    assert "30 100" in next(process).text
    process.resize(120, 40)
    process.write("\n")
    assert "40 120" in "".join(chunk.text for chunk in process)


def test_a_shell_shows_and_runs(session: Session) -> None:
    with session.shell() as shell:
        assert shell.command("echo $((6 * 7))").stdout == "42\n"
        shell.resize(90, 20)
        shell.write("stty size; exit\n")
        assert "20 90" in "".join(shell)


def test_no_log_has_the_key(session: Session, server_key: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        with session.shell() as shell:
            shell.command("true")
        session.run("true", env={"A": "env-value"}, input="typed-text")
    assert f"/v1/sessions/{session.id}/execs" in caplog.text
    for secret in (server_key, "env-value", "typed-text", base64.b64encode(b"typed-text").decode()):
        assert secret not in caplog.text


def test_a_block_says_that_it_was_not_entered(client: OnMemOSClient) -> None:
    with pytest.raises(AttributeError, match="use it with `with`"):
        client.session(template="python").run("true")  # type: ignore[attr-defined]


def test_says_what_it_uses_and_costs(session: Session, client: OnMemOSClient) -> None:
    assert session.usage().memory_mb is not None
    assert client.monitor_session_usage(session["id"])["processes"] is not None
    assert session.cost().currency == "USD"
    assert "sessions.create" in [event.action for event in session.events()]
    before = session.expires_at
    assert session.extend(60).expires_at > before
    assert client.sessions.connect(session.id).id == session.id
    assert client.sessions.ticket(session.id).ticket


def test_executes_by_id(client: OnMemOSClient, session: Session) -> None:
    result = client.execute_session(session_id=session["id"], command="echo hi", timeout=120)
    assert (result["stdout"], result["success"], result["timed_out"]) == ("hi\n", True, False)
    job = client.execute_session(session.id, "echo later", async_execution=True)
    while (state := client.get_job_status(session.id, job["job_id"])).status == "running":
        pass
    assert (state.status, state.stdout) == ("completed", "later\n")


def test_finds_what_is_not_there(client: OnMemOSClient, session: Session, server_url: str, name: str) -> None:
    with pytest.raises(SessionNotFound):
        client.get_session("ses-none")
    with pytest.raises(WorkspaceNotFound):
        client.get_workspace("tester", name)
    with pytest.raises(WorkspaceNotFound, match=name):
        client.create_session_in_workspace(name, "python", "n", "tester")
    with pytest.raises(ExecNotFound):
        session.process("exe-none")
    with pytest.raises(Invalid) as invalid:
        client.create_session({"user": "tester", "ttl_minutes": 0})
    assert invalid.value.errors[0]["field"] == "ttl_minutes"
    with OnMemOSClient(server_url, "omk_wrong") as stranger, pytest.raises(Unauthenticated) as refused:
        stranger.list_workspaces("tester")
    assert str(refused.value) == "Authentication failed - check API key"


def test_an_ended_session_runs_nothing(client: OnMemOSClient) -> None:
    made = client.create_session({"user": "tester", "namespace": "tests", "template": "alpine"})
    assert client.force_cleanup_session(made.id) is True
    with pytest.raises(SessionNotRunning):
        client.execute_session(made.id, "true")
    with pytest.raises(SessionNotRunning):
        made.refresh().run("true")
    assert client.force_cleanup_session("ses-none") is False


def test_workspaces_live_and_go(client: OnMemOSClient, name: str) -> None:
    made = client.create_workspace("owner", name, "Mine", ResourcePackage.DEV_SMALL, "For tests")
    assert (made["resource_package"], made.description) == ("dev_small", "For tests")
    assert name in [one.workspace_id for one in client.list_workspaces("owner")]
    assert client.members.put("owner", name, "friend", "viewer").role == "viewer"
    assert [member.member_id for member in client.members.list("owner", name)] == ["friend"]
    assert client.members.delete("owner", name, "friend").deleted
    with client.development_session_context(name, "n", "owner", ttl_minutes=5) as session:
        assert session.storage_config
        assert [volume.mounted_by for volume in client.volumes.list("owner", name)] == [[session.id]]
    assert list(client.buckets.list("owner", name)) == []
    assert client.delete_workspace("owner", name) is True
    assert client.workspaces.delete("owner", name, force=True).deleted


def test_accounts_and_catalogue(client: OnMemOSClient, name: str, server_url: str) -> None:
    assert client.users.put(name, user_type="free", monthly_budget_usd=5).user_type == "free"
    assert client.users.put(name, monthly_budget_usd=None).monthly_budget_usd is None
    assert client.users.entitlements(name).workspaces.limit == 1
    key = client.keys.create("mine", user_id=name, scopes=["sessions:read", "workspaces:read"])
    with OnMemOSClient(server_url, key.secret) as own:
        assert own.get_server_info()["user_id"] == name
        assert own.list_sessions() == []
    assert client.keys.revoke(key.key_id).revoked_at
    assert key.key_id in {one.key_id for one in client.keys.list()}
    assert name in {user.user_id for user in client.users.list()}
    assert client.users.delete(name).deleted
    assert "dev_medium" in {package.name for package in client.packages.list()}
    assert "gke" in {provider.name for provider in client.providers.list()}
    assert client.costs.report(user=name).total == 0
    assert any(event.action == "keys.create" for event in client.audit.list(action="keys.create"))
    assert client.cleanup_expired_sessions(user="tester") >= 0
    estimate = client.get_session_cost_estimate({"user": "tester", "provider": "gke", "ttl_minutes": 120})
    assert estimate["estimated_total_cost"] == pytest.approx(2 * (estimate.total_cost_per_hour or 0), rel=0.1)
    assert client.health_check()["status"] == "healthy"


def test_a_forced_deletion_waits_until_the_workspace_is_gone(client: OnMemOSClient, name: str) -> None:
    client.create_workspace("owner", name, "Mine", ResourcePackage.DEV_MICRO)
    session = client.create_session_in_workspace(name, "alpine", "n", "owner", request_persistent_storage=True)
    session.start("trap '' TERM; sleep 100")
    assert client.delete_workspace("owner", name, force=True) is True
    with pytest.raises(WorkspaceNotFound):
        client.workspaces.get("owner", name)
    assert session.refresh().status == "terminated"
