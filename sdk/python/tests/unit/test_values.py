"""What people type as settings: brought into form, or refused by name and without the key."""

from __future__ import annotations

import traceback
from typing import Any, Dict

import pytest
from support.scripted_server import Answer, ScriptedServer

from onmemos import AsyncOnMemOSClient, InvalidOption, OnMemOSClient, OnMemOSError
from onmemos.core.target import find_target

KEY = "omk_key-01m8enhp7m6fj1qehvgcca7hd3_secret"


@pytest.mark.parametrize("mark", ["\n", "\r\n", " ", "\t", "\u200b", "\u00a0", "\ufeff", "\x00", "é", "“"])
@pytest.mark.parametrize("kind", [OnMemOSClient, AsyncOnMemOSClient])
def test_a_key_that_is_none_is_refused_at_once_and_never_shown(mark: str, kind: Any) -> None:
    with pytest.raises(InvalidOption, match=r"^api_key is not a key") as refused:
        kind("http://a:1", f"{KEY[:10]}{mark}{KEY[10:]}")
    error = refused.value
    shown = "".join(traceback.format_exception(type(error), error, error.__traceback__)) + repr(error.details)
    assert KEY[-12:] not in shown
    assert (isinstance(error, OnMemOSError), error.retryable, error.__cause__) == (True, False, None)
    assert error.hint


def test_a_key_of_the_environment_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidOption, match=r"^ONMEMOS_API_KEY is not a key"):
        find_target("http://a:1", None, {"ONMEMOS_API_KEY": "omk_\u200b1"})


@pytest.mark.parametrize("given", [f" {KEY}", f"{KEY}\n", f"\t{KEY}\r\n"])
def test_blanks_around_a_key_are_dropped(given: str) -> None:
    assert find_target("http://a:1", given, {}).api_key == KEY
    assert find_target("http://a:1", None, {"ONMEMOS_API_KEY": given}).api_key == KEY


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("http://a:1/", "http://a:1"),
        (" http://a:1// \n", "http://a:1"),
        ("HTTP://A.Example:80/", "http://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("https://a.example/base/", "https://a.example/base"),
        ("http://[::1]:8080/?x=1#y", "http://[::1]:8080"),
    ],
)
def test_an_address_is_brought_into_form(given: str, right: str) -> None:
    assert find_target(given, "k", {}).base_url == right
    assert find_target(None, "k", {"ONMEMOS_BASE_URL": given}).base_url == right


@pytest.mark.parametrize(
    "given", ["a:8080", "ftp://a", "http://", "http://a:port", "http://a\nb:1", "http://a\u200b:1"]
)
def test_what_is_no_address_is_refused_by_its_name(given: str) -> None:
    with pytest.raises(InvalidOption, match=r"^base_url must be such as"):
        find_target(given, "k", {})
    with pytest.raises(InvalidOption, match=r"^ONMEMOS_BASE_URL must be such as"):
        find_target(None, "k", {"ONMEMOS_BASE_URL": given})


def test_an_address_with_a_password_is_refused_without_it() -> None:
    with pytest.raises(InvalidOption, match=r"^base_url must not have a user") as refused:
        find_target("http://me:word@a:1", "k", {})
    assert "word" not in str(refused.value).replace("password", "")


def test_what_is_empty_is_not_there(tmp_path: object) -> None:
    env = {"ONMEMOS_BASE_URL": " ", "ONMEMOS_API_KEY": "", "ONMEMOS_USER": " ", "ONMEMOS_DATA_DIR": str(tmp_path)}
    found = find_target("", " ", env)
    assert (found.base_url, found.api_key, found.user) == ("http://127.0.0.1:8080", None, None)
    assert find_target("http://a:1", "k", {"ONMEMOS_USER": " ada "}).user == "ada"


@pytest.mark.parametrize("options", [{"timeout": 0}, {"timeout": float("nan")}, {"max_retries": -1}, {"wait": -1}])
def test_a_number_that_is_none_is_refused_by_its_name(options: Dict[str, Any]) -> None:
    with pytest.raises(InvalidOption, match=rf"^{next(iter(options))} must be a number"):
        OnMemOSClient("http://a:1", "k", **options)


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "é", "x" * 256])
def test_an_idempotency_key_that_no_header_may_have_is_refused(key: str) -> None:
    with ScriptedServer(Answer(200)) as server, OnMemOSClient(server.url, "k") as client:
        with pytest.raises(InvalidOption, match=r"^key must be"):
            client.execs.execute("s", "true", key=key)
    assert server.seen == []
