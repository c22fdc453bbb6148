"""When a call is made again: against a server that is unwell."""

from __future__ import annotations

import json
import logging

import pytest
from support.fault_points import InterruptedAt
from support.scripted_server import Answer, ScriptedServer, problem

from onmemos import ConnectionFailed, Internal, OnMemOSClient, OnMemOSError, ProviderFailed, RateLimited, Unavailable
from onmemos.core.retries import Retries

OK = Answer(200, b'{"cleaned": 3}')


def test_pauses_double_under_a_bound_with_full_jitter() -> None:
    error = Unavailable("x", retryable=True)
    longest = Retries(10, rng=lambda: 1.0)
    assert [longest.pause(error) for _ in range(8)] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])
    assert Retries(10, rng=lambda: 0.0).pause(error) == 0.0


def test_waits_as_long_as_the_service_asks_unless_that_is_too_long() -> None:
    assert Retries(4, rng=lambda: 0.0).pause(RateLimited("x", retryable=True, retry_after=7)) == 7
    assert Retries(4).pause(RateLimited("x", retryable=True, retry_after=3600)) is None


def test_gives_up_in_the_end_and_begins_anew_after_progress() -> None:
    error, retries = Unavailable("x", retryable=True), Retries(1)
    assert retries.pause(error) is not None
    assert retries.pause(error) is None
    retries.progressed()
    assert retries.pause(error) is not None


def test_asks_longer_for_what_goes_on_at_the_service_unless_it_is_never_to_ask_again() -> None:
    error, cut_off, once = Unavailable("x", retryable=True), Retries(1), Retries(0)
    cut_off.goes_on()
    once.goes_on()
    assert [cut_off.pause(error) is not None for _ in range(11)] == [True] * 10 + [False]
    assert once.pause(error) is None


@pytest.mark.parametrize(
    "unwell",
    [
        problem(503, "unavailable", "Later.", retryable=True),
        problem(504, "timeout", "Too slow.", retryable=True),
        Answer(429, b"", {"Retry-After": "0"}),
        Answer(502, b"<h1>Bad gateway</h1>", {"Content-Type": "text/html"}),
    ],
)
def test_makes_the_call_again_under_one_key(unwell: Answer) -> None:
    with ScriptedServer(unwell, unwell, OK) as server, OnMemOSClient(server.url, "omk_1") as client:
        assert client.sessions.cleanup() == 3
    keys = {seen.headers["idempotency-key"] for seen in server.seen}
    assert (len(server.seen), len(keys)) == (3, 1)


@pytest.mark.parametrize(("goes_on", "made"), [(True, 11), (False, 2)])
def test_a_part_of_what_goes_on_is_asked_for_longer(goes_on: bool, made: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onmemos.runtime.synchronous.sleep", lambda _seconds: None)
    unwell = problem(503, "unavailable", "Later.", retryable=True)
    with ScriptedServer(unwell) as server, OnMemOSClient(server.url, "omk_1", max_retries=1) as client:
        with pytest.raises(Unavailable):
            client._transport.json("POST", "/v1/part", goes_on=goes_on)
    assert len(server.seen) == made


def test_each_call_has_a_key_of_its_own() -> None:
    with ScriptedServer(OK) as server, OnMemOSClient(server.url, "omk_1") as client:
        client.sessions.cleanup()
        client.sessions.cleanup()
    assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (problem(500, "internal", "It broke."), Internal),
        (problem(502, "provider_failed", "Refused."), ProviderFailed),
    ],
)
def test_does_not_repeat_what_will_not_help(answer: Answer, kind: type) -> None:
    with ScriptedServer(answer) as server, OnMemOSClient(server.url, "omk_1") as client, pytest.raises(kind):
        client.sessions.cleanup()
    assert len(server.seen) == 1


def test_gives_up_after_as_many_as_it_was_told() -> None:
    unwell = problem(503, "unavailable", "Later.", retryable=True)
    with ScriptedServer(unwell) as server, OnMemOSClient(server.url, "omk_1", max_retries=2) as client:
        with pytest.raises(Unavailable, match=r"Later\."):
            client.sessions.cleanup()
    assert len(server.seen) == 3


def test_says_where_there_is_no_server() -> None:
    with ScriptedServer(OK) as server:
        url = server.url
    with OnMemOSClient(url, "omk_1", max_retries=1) as client, pytest.raises(ConnectionFailed) as raised:
        client.health_check()
    assert str(raised.value) == f"Connection error - is the server running at {url}?"
    assert raised.value.hint


def test_says_where_the_server_is_another() -> None:
    page = Answer(200, b"<h1>Welcome</h1>", {"Content-Type": "text/html"})
    moved = Answer(308, b"", {"Location": "https://a.example/"})
    with ScriptedServer(page, moved) as server, OnMemOSClient(server.url, "omk_1") as client:
        with pytest.raises(ConnectionFailed, match="is the URL right"):
            client.health()
        with pytest.raises(OnMemOSError, match="HTTP 308") as raised:
            client.health()
        assert "base_url" in (raised.value.hint or "")


def test_the_debug_log_shows_request_and_answer_but_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    body = json.dumps({"key_id": "k", "secret": "omk_k_other"}).encode()
    with caplog.at_level(logging.DEBUG), ScriptedServer(Answer(200, body)) as server:
        with OnMemOSClient(server.url, "omk_mine") as client:
            client._make_request("POST", "/v1/sessions", {"user": "u", "env": {"A": "env-value"}}, {"wait": 1})
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name == "onmemos")
    assert f"POST {server.url}/v1/sessions" in ours
    assert '"user": "u"' in ours
    assert "status=200" in ours
    assert '"key_id": "k"' in ours
    everything = caplog.text
    for secret in ("omk_mine", "omk_k_other", "env-value"):
        assert secret not in everything


@pytest.mark.parametrize("said", ["Exec e does not exist in this session.", "There is no exec e."])
def test_a_command_whose_start_is_still_under_way_is_kept_from_starting(said: str) -> None:
    # By the service, which has no record of it, or by the session's keeper, which has not been handed it yet.
    unknown = problem(404, "not_found", said)
    other = problem(409, "conflict", "Exec e is another command.")
    told = Answer(200, b'{"exec_id": "e", "status": "running"}')
    with ScriptedServer(Answer(200), unknown, other, told) as server, OnMemOSClient(server.url, "omk_1") as client:
        # The fourth call of a socket receives the answer, after the connecting, the headers and the body.
        with pytest.raises(KeyboardInterrupt), InterruptedAt(4, late=True):
            client.execs.start("s", "deploy")
    bodies = [json.loads(seen.body) if seen.body else {} for seen in server.seen]
    ids = {body["exec_id"] for body in bodies[::2]} | {seen.path.split("/")[-2] for seen in server.seen[1::2]}
    assert [body.get("signal") for body in bodies] == [None, "PIPE", None, "PIPE"]
    assert [body.get("command") for body in bodies] == ["deploy", None, ":", None]
    assert len(ids) == 1
