"""A key or webhook whose answer with the secret was lost: another comes in its place, or nothing of it stays."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass
from typing import Any, Callable, List

import pytest
from support.scripted_server import BREAK, Answer, ScriptedServer, problem

from onmemos import AsyncOnMemOSClient, ConnectionFailed, Internal, OnMemOSClient, RateLimited, SecretLost, ServerAway


@dataclass
class Kind:
    route: str
    removal: str
    create: Callable[[Any], Any]
    bare: Answer
    whole: Answer

    def __str__(self) -> str:
        return self.route


KEY = Kind(
    "keys",
    "onmemos keys rm key-1",
    lambda client: client.keys.create("ci"),
    Answer(200, b'{"key_id": "key-1"}'),
    Answer(201, b'{"key_id": "key-2", "secret": "omk_a_b"}'),
)
WEBHOOK = Kind(
    "webhooks",
    "onmemos webhooks rm key-1",
    lambda client: client.webhooks.create("https://example.com/hook"),
    Answer(200, b'{"webhook_id": "key-1"}'),
    Answer(201, b'{"webhook_id": "key-2", "secret": "omk_a_b"}'),
)
GONE = Answer(200, b"{}")
BROKEN = problem(500, "internal", "Something broke.")
NOT_NOW = problem(503, "unavailable", "The store did not answer.")
both = pytest.mark.parametrize("kind", [KEY, WEBHOOK], ids=str)


def calls(server: ScriptedServer) -> List[str]:
    return [f"{seen.method} {seen.path.split('/', 2)[2]}" for seen in server.seen]


def failed(kind: Kind, kind_of_error: Any, *answers: Answer, max_retries: int = 1) -> Any:
    """How both clients fail by these answers, which are to be the same; with the calls that they made."""
    with ScriptedServer(*answers) as server, OnMemOSClient(server.url, "omk_1", max_retries=max_retries) as client:
        with pytest.raises(kind_of_error) as raised:
            kind.create(client)
        made = calls(server)

    async def work(url: str) -> Any:
        async with AsyncOnMemOSClient(url, "omk_1", max_retries=max_retries) as asynchronous:
            with pytest.raises(kind_of_error) as again:
                await kind.create(asynchronous)
            return again.value

    with ScriptedServer(*answers) as server:
        again = asyncio.run(work(server.url))
        assert calls(server) == made
    assert type(again) is type(raised.value)
    raised.value.made = made
    return raised.value


@both
def test_another_is_made_as_often_as_it_is_lost(kind: Kind) -> None:
    answers = (kind.bare, GONE, kind.bare, GONE, kind.whole)
    with ScriptedServer(*answers) as server, OnMemOSClient(server.url, "omk_1") as client:
        assert kind.create(client).secret == "omk_a_b"
    post, delete = f"POST {kind.route}", f"DELETE {kind.route}/key-1"
    assert calls(server) == [post, delete, post, delete, post]
    keys = {seen.headers["idempotency-key"] for seen in server.seen if seen.method == "POST"}
    assert len(keys) == 3, "each is another call"


@both
def test_after_six_nothing_is_left(kind: Kind) -> None:
    error = failed(kind, SecretLost, *[kind.bare, GONE] * 6)
    assert error.made == [f"POST {kind.route}", f"DELETE {kind.route}/key-1"] * 6
    assert error.left is None
    assert error.retryable


@both
@pytest.mark.parametrize("refusal", [BROKEN, problem(403, "forbidden", "This key may not do this.")])
def test_one_that_can_t_be_removed_is_named(kind: Kind, refusal: Answer) -> None:
    error = failed(kind, SecretLost, kind.bare, refusal)
    assert error.left == "key-1"
    assert f"`{kind.removal}`" in str(error)
    assert not error.retryable
    assert str(error.__cause__) in str(error) + "."


@both
def test_one_that_is_gone_already_is_not_left(kind: Kind) -> None:
    nothing = problem(404, "not_found", "It does not exist.")
    with ScriptedServer(kind.bare, nothing, kind.whole) as server, OnMemOSClient(server.url, "omk_1") as client:
        assert kind.create(client).secret == "omk_a_b"


@both
def test_one_whose_answers_were_all_lost_is_removed(kind: Kind) -> None:
    error = failed(kind, ConnectionFailed, BREAK, BREAK, kind.bare, GONE)
    assert error.made == [f"POST {kind.route}"] * 3 + [f"DELETE {kind.route}/key-1"]
    assert "rm" not in str(error)
    assert "rm" not in str(failed(kind, Internal, BROKEN, kind.whole, GONE))
    limited = problem(429, "rate_limited", "Too many requests.", retryable=True, retry_after=0)
    assert failed(kind, RateLimited, BREAK, limited, kind.bare, GONE).made == error.made


@both
def test_one_whose_answers_were_all_lost_is_named_if_it_can_t_be_removed(kind: Kind) -> None:
    error = failed(kind, SecretLost, BREAK, BREAK, kind.bare, BROKEN)
    assert error.left == "key-1"
    assert f"`{kind.removal}`" in str(error)


@both
def test_where_it_is_not_known_the_error_says_how_to_look(kind: Kind) -> None:
    for answer, kind_of_error in ((BREAK, (ConnectionFailed, ServerAway)), (NOT_NOW, None), (BROKEN, Internal)):
        error = failed(kind, kind_of_error or Exception, answer, max_retries=0)
        assert f"`onmemos {kind.route} ls`" in str(error), answer
        assert error.message == str(error)


@both
def test_what_was_refused_is_not_looked_for(kind: Kind) -> None:
    refusal = problem(422, "invalid", "A field is wrong.")
    assert failed(kind, Exception, refusal).made == [f"POST {kind.route}"]
    # Nor is it said of one that was refused in the end that it may be there.
    assert "ls" not in str(failed(kind, ConnectionFailed, BREAK, BREAK, refusal))


def test_where_no_server_is_there_is_nothing_to_look_for() -> None:
    with ScriptedServer(GONE) as server:
        url = server.url
    with OnMemOSClient(url, "omk_1", max_retries=0) as client, pytest.raises(ConnectionFailed) as raised:
        client.keys.create("ci")
    assert "onmemos keys" not in str(raised.value)


@both
def test_a_caller_that_has_left_is_warned_of_one_that_stays(kind: Kind) -> None:
    async def work(url: str) -> None:
        async with AsyncOnMemOSClient(url, "omk_1", max_retries=0) as client:
            send = client._transport._once

            async def cancelled(method: str, *args: Any) -> Any:
                answer = await send(method, *args)
                if len(server.seen) == 1:
                    raise asyncio.CancelledError
                return answer

            transport: Any = client._transport
            transport._once = cancelled
            with pytest.raises(asyncio.CancelledError):
                await kind.create(client)

    with ScriptedServer(kind.whole, kind.bare, BROKEN) as server, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asyncio.run(work(server.url))
    texts = [str(one.message) for one in warned if isinstance(one.message, SecretLost)]
    assert [kind.removal in text for text in texts] == [True]
