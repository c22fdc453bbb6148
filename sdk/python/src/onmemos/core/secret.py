"""What has a secret, which only the answer to its create has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping

from onmemos.core.paths import path
from onmemos.errors import OnMemOSError, SecretLost

MOST_MADE = 6
"""How many are made at most, one after another, where the answer with the secret is lost each time."""
_UNCLEAR_STATUS = (401, 429)


@dataclass(frozen=True)
class Secret:
    """A kind of thing with a secret."""

    noun: str
    route: str
    id_field: str
    removed: str
    """What was done to one that is removed."""

    def where(self, record: Mapping[str, Any]) -> str:
        """The path under which it is removed."""
        return path(self.route, str(record[self.id_field]))

    def left(self, record: Mapping[str, Any], error: OnMemOSError) -> SecretLost:
        """For one whose secret is unknown, and that could not be removed."""
        id_ = str(record[self.id_field])
        why = error.message.rstrip(".")
        return SecretLost(
            f"The answer with the secret of {self.noun} {id_} was lost, and the {self.noun} could not be "
            f"{self.removed}: {why}. `onmemos {self.route} rm {id_}` removes it.",
            left=id_,
        )

    def always_lost(self) -> SecretLost:
        """For several that were made and removed again."""
        return SecretLost(
            f"{MOST_MADE} times a {self.noun} was made and the answer with its secret was lost. Each is "
            f"{self.removed}. Look at what is between this program and the server, such as a proxy.",
            retryable=True,
        )

    def unclear(self) -> str:
        """What is said in addition where it is not known whether one was made."""
        return (
            f"If the {self.noun} was made, its secret is lost: `onmemos {self.route} ls` lists it, and "
            f"`onmemos {self.route} rm ID` removes it."
        )


KEY = Secret("key", "keys", "key_id", "revoked")
WEBHOOK = Secret("webhook", "webhooks", "webhook_id", "deleted")


def is_refused(error: OnMemOSError) -> bool:
    """Whether this says that nothing was made, now or by an earlier attempt."""
    return error.status is not None and error.status < 500 and error.status not in _UNCLEAR_STATUS
