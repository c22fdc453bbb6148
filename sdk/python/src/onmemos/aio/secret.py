"""Keys and webhooks: their caller gets them with their secret, or nothing of them stays."""

from __future__ import annotations

import warnings
from typing import Any, Mapping

from onmemos.aio.making import AsyncCreation
from onmemos.aio.transport import AsyncTransport
from onmemos.core.secret import MOST_MADE, Secret, is_refused
from onmemos.errors import NotFound, OnMemOSError, SecretLost


async def make_with_secret(transport: AsyncTransport, secret: Secret, body: Mapping[str, Any]) -> Any:
    """Makes one, and another in its place where the answer with its secret was lost.

    Raises:
        SecretLost: the answer was lost each time, or one is left whose secret is unknown.
    """
    for _ in range(MOST_MADE):
        record = await AsyncSecretCreation(transport, secret, body).send()
        if record.get("secret") is not None:
            return record
    raise secret.always_lost()


class AsyncSecretCreation(AsyncCreation):
    """The create of a thing whose secret has not reached its caller yet."""

    def __init__(self, transport: AsyncTransport, secret: Secret, body: Mapping[str, Any]) -> None:
        super().__init__(transport, f"/v1/{secret.route}", body)
        self._secret = secret

    def is_to_be_deleted(self, error: BaseException) -> bool:
        """Without its secret it is of no use, so it is looked for wherever it may be there."""
        return not isinstance(error, SecretLost) and self.sending.may_be_done(error)

    async def completed(self, record: Mapping[str, Any]) -> Any:
        """It; where its secret was lost on its way, it is removed: the repeated call can't have the secret."""
        if record.get("secret") is None:
            await self.delete(self._transport, record)
        return record

    async def delete(self, transport: AsyncTransport, record: Mapping[str, Any]) -> None:
        """Removes it.

        Raises:
            SecretLost: it is left.
        """
        try:
            await transport.json("DELETE", self._secret.where(record))
        except NotFound:
            return
        except OnMemOSError as error:
            raise self._secret.left(record, error) from error

    def not_found_out(self, error: BaseException, failure: OnMemOSError) -> None:
        """Says how to find it."""
        if isinstance(error, OnMemOSError) and not is_refused(failure):
            error._say_also(self._secret.unclear())

    def not_deleted(self, error: BaseException, failure: OnMemOSError) -> None:
        """Raises what names it; a warning where its caller has left."""
        if isinstance(error, OnMemOSError):
            raise failure
        if isinstance(failure, SecretLost):
            warnings.warn(failure, stacklevel=2)
