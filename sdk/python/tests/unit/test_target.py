"""Which server, and which key."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Dict

import pytest
from support.scripted_server import Answer, ScriptedServer

from onmemos import AsyncOnMemOSClient, OnMemOSClient, Session
from onmemos.core.target import data_dir, find_target
from onmemos.errors import InvalidOption


@pytest.fixture
def local(tmp_path: Path) -> Dict[str, str]:
    (tmp_path / "server.json").write_text(
        json.dumps({"url": "http://127.0.0.1:9191", "pid": os.getpid(), "version": "1"})
    )
    (tmp_path / "admin.key").write_text("omk_local\n")
    return {"ONMEMOS_DATA_DIR": str(tmp_path)}


def test_takes_arguments_before_the_environment_before_the_local_server(local: Dict[str, str]) -> None:
    named = {**local, "ONMEMOS_BASE_URL": "https://api.example/", "ONMEMOS_API_KEY": "omk_env"}
    assert find_target("http://a:1", "omk_arg", named) == find_target("http://a:1/", "omk_arg", {})
    assert find_target(None, None, named).base_url == "https://api.example"
    assert find_target(None, None, named).api_key == "omk_env"
    found = find_target(None, None, local)
    assert (found.base_url, found.api_key) == ("http://127.0.0.1:9191", "omk_local")


def test_falls_back_to_the_usual_port_without_a_key(tmp_path: Path) -> None:
    found = find_target(None, None, {"ONMEMOS_DATA_DIR": str(tmp_path)})
    assert (found.base_url, found.api_key) == ("http://127.0.0.1:8080", None)


def test_gives_the_local_key_to_the_local_server_alone(local: Dict[str, str]) -> None:
    assert find_target("http://localhost:9191", None, local).api_key == "omk_local"
    assert find_target("http://127.0.0.1:9192", None, local).api_key is None
    assert find_target("https://api.example", None, local).api_key is None


def test_acts_as_oneself_on_the_machines_own_server_alone(local: Dict[str, str]) -> None:
    assert find_target(None, None, local).user == getpass.getuser()
    assert find_target(None, "omk_other", local).user is None
    assert find_target("https://api.example", None, local).user is None
    assert find_target(None, None, {**local, "ONMEMOS_USER": "ada"}).user == "ada"
    assert find_target("https://api.example", "omk_other", {**local, "ONMEMOS_USER": "ada"}, "bob").user == "bob"


def test_does_not_believe_the_note_of_a_server_that_was_killed(tmp_path: Path) -> None:
    gone = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    (tmp_path / "server.json").write_text(json.dumps({"url": "http://127.0.0.1:9191", "pid": int(gone.stdout)}))
    (tmp_path / "admin.key").write_text("omk_local")
    found = find_target(None, None, {"ONMEMOS_DATA_DIR": str(tmp_path)})
    assert (found.base_url, found.api_key) == ("http://127.0.0.1:8080", None)


@pytest.mark.parametrize("note", ["", "{", "[]", '{"url": 1, "pid": 2}'])
def test_passes_over_a_note_that_is_none(tmp_path: Path, note: str) -> None:
    (tmp_path / "server.json").write_text(note)
    assert find_target(None, None, {"ONMEMOS_DATA_DIR": str(tmp_path)}).base_url == "http://127.0.0.1:8080"


def test_looks_where_the_server_keeps_its_data() -> None:
    assert data_dir({"XDG_DATA_HOME": "/data"}) == Path("/data/onmemos")
    assert data_dir({"HOME": "/home/me"}) == Path("/home/me/.local/share/onmemos")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no list of users of this form")
@pytest.mark.parametrize("home", [{}, {"HOME": ""}, {"HOME": "here"}])
def test_takes_the_home_of_the_list_of_users_where_none_is_said(
    home: Dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pwd

    monkeypatch.setenv("HOME", "elsewhere")
    assert data_dir(home) == Path(pwd.getpwuid(os.getuid()).pw_dir, ".local/share/onmemos")

    def unknown(_uid: int) -> None:
        raise KeyError("no entry")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert data_dir(home) is None
    assert find_target("http://a:1", "omk_k", home).api_key == "omk_k"


@pytest.mark.parametrize("url", ["ftp://a", "a:8080", "http://"])
def test_refuses_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        find_target(url, None, {})


def test_never_shows_the_key() -> None:
    assert "omk_secret" not in repr(find_target("http://a:1", "omk_secret", {}))


def test_a_text_that_is_no_key_is_refused_by_the_first_call_and_never_sent() -> None:
    with ScriptedServer(Answer(200)) as server:
        client = OnMemOSClient(server.url, "omk_first\nsecond", max_retries=2)
        session = Session(client._transport, {"id": "s", "status": "running"})
        calls = (
            client.info,
            client.health,
            client.sessions.create,
            session.shell,
            lambda: session.run("true"),
            lambda: next(client.execs.output("s", "e")),
            lambda: next(client.sessions.list()),
        )
        for call in calls:
            with pytest.raises(InvalidOption, match=r"^api_key is not a key") as refused:
                call()
            assert not refused.value.retryable
            told = "".join(traceback.format_exception(refused.type, refused.value, refused.tb))
            assert "omk_first" not in told
            assert "second" not in told
        assert server.seen == []
        client.set_api_key("omk_good")
        client.health()
        assert [one.headers["x-api-key"] for one in server.seen] == ["omk_good"]


def test_an_async_client_refuses_it_too() -> None:
    client = AsyncOnMemOSClient("http://127.0.0.1:1", "omk_1\u200b")
    with pytest.raises(InvalidOption, match=r"^api_key is not a key"):
        asyncio.run(client.info())
