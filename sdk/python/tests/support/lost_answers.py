"""Clients whose first answer to a POST is lost: the service has done what it was asked."""

from __future__ import annotations

from typing import Any

from onmemos import AsyncOnMemOSClient, ConnectionFailed, OnMemOSClient


class _Loss:
    """The loss of one answer."""

    def __init__(self) -> None:
        self._is_over = False

    def meet(self, method: str) -> None:
        """An answer to this method has come; it is the one that is lost, if it is the first to a POST."""
        if method == "POST" and not self._is_over:
            self._is_over = True
            raise ConnectionFailed("the answer was lost", retryable=True)


def losing(client: OnMemOSClient) -> OnMemOSClient:
    """The same client; it loses one answer from now on."""
    transport: Any = client._transport
    once = transport._once
    loss = _Loss()

    def lossy(method: str, *args: Any) -> Any:
        answer = once(method, *args)
        loss.meet(method)
        return answer

    transport._once = lossy
    return client


def async_losing(client: AsyncOnMemOSClient) -> AsyncOnMemOSClient:
    """The same client; it loses one answer from now on."""
    transport: Any = client._transport
    once = transport._once
    loss = _Loss()

    async def lossy(method: str, *args: Any) -> Any:
        answer = await once(method, *args)
        loss.meet(method)
        return answer

    transport._once = lossy
    return client
