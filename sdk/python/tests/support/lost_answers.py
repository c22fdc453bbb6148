"""Clients whose first answer to a POST is lost: the service has done what it was asked."""

from __future__ import annotations

from typing import Any, List

from onmemos import AsyncOnMemOSClient, ConnectionFailed, OnMemOSClient


def _lost() -> ConnectionFailed:
    return ConnectionFailed("the answer was lost", retryable=True)


def losing(client: OnMemOSClient) -> OnMemOSClient:
    """The same client; it loses one answer from now on."""
    transport: Any = client._transport
    once = transport._once
    lost: List[str] = []

    def lossy(method: str, *args: Any) -> Any:
        answer = once(method, *args)
        if method == "POST" and not lost:
            lost.append(method)
            raise _lost()
        return answer

    transport._once = lossy
    return client


def async_losing(client: AsyncOnMemOSClient) -> AsyncOnMemOSClient:
    """The same client; it loses one answer from now on."""
    transport: Any = client._transport
    once = transport._once
    lost: List[str] = []

    async def lossy(method: str, *args: Any) -> Any:
        answer = await once(method, *args)
        if method == "POST" and not lost:
            lost.append(method)
            raise _lost()
        return answer

    transport._once = lossy
    return client
