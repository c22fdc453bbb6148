# Made by generate.sh from src/onmemos/aio/accounts.py: edit that instead.
"""Users, keys, packages, providers, costs and the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Optional, Sequence, Union

from onmemos.core.paths import given, path
from onmemos.core.secret import KEY, WEBHOOK
from onmemos.core.specs import compact, wire
from onmemos.fields import Unpack, UserFields
from onmemos.generated import types
from onmemos.generated.sync.secret import make_with_secret
from onmemos.generated.sync.transport import Transport
from onmemos.pages.synchronous import Page


class Users:
    """`client.users`: users, their types and budgets. All calls but `entitlements` need the scope `admin`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> Page[types.User]:
        """All users, read page by page while iterating. Raises: Forbidden."""
        return self._transport.page(types.User, "/v1/users")

    def get(self, user_id: str) -> types.User:
        """One user. Raises: NotFound, Forbidden."""
        return self._transport.record(types.User, "GET", path("users", user_id))

    def put(self, user_id: str, **fields: Unpack[UserFields]) -> types.User:
        """Creates a user, or changes the given fields (`UserFields`). Raises: Invalid, Forbidden."""
        body = {name: wire(value) for name, value in fields.items()}
        return self._transport.record(types.User, "PUT", path("users", user_id), body=body)

    def delete(self, user_id: str) -> types.Deleted:
        """Deletes a user and revokes the user's keys. Raises: Conflict if the user has live sessions or workspaces."""
        return self._transport.record(types.Deleted, "DELETE", path("users", user_id))

    def entitlements(self, user_id: str) -> types.Entitlements:
        """The limits of a user and the use of each, the allowed packages and GPUs, and the budget. Raises: NotFound."""
        return self._transport.record(types.Entitlements, "GET", path("users", user_id, "entitlements"))


class Keys:
    """`client.keys`: API keys."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        name: str,
        *,
        user_id: Optional[str] = None,
        scopes: Optional[Sequence[str]] = None,
        workspace_id: Optional[str] = None,
        workspace_owner: Optional[str] = None,
        session_id: Optional[str] = None,
        expires_at: Union[str, datetime, None] = None,
    ) -> types.Key:
        """Creates a key. A key can't create a key with more permissions than its own. Only this answer has `secret`.

        Args:
            name: a name for people.
            user_id: the user that the key acts for; by default the user of the calling key.
            scopes: operations that the key may call: sessions:read, sessions:write, exec, workspaces:read,
                workspaces:write, keys, costs:read, admin. By default all that the calling key may give.
            workspace_id: restricts the key to this workspace.
            workspace_owner: the owner of that workspace; by default the user of the key.
            session_id: restricts the key to this session.
            expires_at: when the key stops working, an instant with its time zone, or a text in ISO 8601; by default
                never.

        Raises:
            Forbidden: the new key would have more permissions. Invalid: a field is wrong. SecretLost: no answer with
            a secret came; the message says whether a key is left.
        """
        body = compact(
            name=name,
            user_id=user_id,
            scopes=None if scopes is None else list(scopes),
            workspace_id=workspace_id,
            workspace_owner=workspace_owner,
            session_id=session_id,
            expires_at=expires_at,
        )
        return types.Key(make_with_secret(self._transport, KEY, body))

    def list(self) -> Page[types.Key]:
        """All keys that the calling key can see, without their secrets. Raises: Forbidden."""
        return self._transport.page(types.Key, "/v1/keys")

    def revoke(self, key_id: str) -> types.Key:
        """Revokes a key: it is refused from the next request on. Raises: NotFound."""
        return self._transport.record(types.Key, "DELETE", path("keys", key_id))


class Webhooks:
    """`client.webhooks`: addresses to which the service sends the notices of a user."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        url: str,
        *,
        user_id: Optional[str] = None,
        events: Optional[Sequence[str]] = None,
        description: Optional[str] = None,
    ) -> types.Webhook:
        """Creates a webhook. Only this answer has `secret`, by which `verify_webhook` knows the messages.

        Args:
            url: the address that receives the notices.
            user_id: whose notices are sent; by default those of the key's user.
            events: budget.threshold, session.ending, session.reclaiming; by default all.
            description: a text for people.

        Raises:
            Forbidden: the key is bound to a workspace or session. Invalid: a field is wrong. QuotaExceeded: the user
            has 10 webhooks. SecretLost: no answer with a secret came; the message says whether a webhook is left.
        """
        body = compact(
            url=url, user_id=user_id, events=None if events is None else list(events), description=description
        )
        return types.Webhook(make_with_secret(self._transport, WEBHOOK, body))

    def list(self, *, user: Optional[str] = None) -> Page[types.Webhook]:
        """The webhooks of the key's user; of any user for a key of any user. Raises: Forbidden."""
        return self._transport.page(types.Webhook, "/v1/webhooks", given(user=user))

    def get(self, webhook_id: str) -> types.Webhook:
        """One webhook with its last delivery. Raises: NotFound."""
        return self._transport.record(types.Webhook, "GET", path("webhooks", webhook_id))

    def delete(self, webhook_id: str) -> types.Deleted:
        """Deletes a webhook. Raises: NotFound."""
        return self._transport.record(types.Deleted, "DELETE", path("webhooks", webhook_id))

    def test(self, webhook_id: str) -> types.WebhookDelivery:
        """Sends a test message once, and returns what came of it. A success resumes a paused webhook.

        Raises:
            NotFound.
        """
        return self._transport.record(types.WebhookDelivery, "POST", path("webhooks", webhook_id, "test"), held=10.0)

    def rotate_secret(self, webhook_id: str) -> types.Webhook:
        """Makes a new secret, which only this answer has. For 24 hours the earlier one signs as well.

        Raises:
            NotFound.
        """
        return self._transport.record(types.Webhook, "POST", path("webhooks", webhook_id, "rotate-secret"))


class Packages:
    """`client.packages`: the packages that workspaces and sessions can have."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> Page[types.Package]:
        """All packages, with size, GPU, the user types that may use each, and the price per hour at each provider."""
        return self._transport.page(types.Package, "/v1/packages")


class Providers:
    """`client.providers`: where sessions can run."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> Page[types.Provider]:
        """All providers, with their abilities, or why one is not available."""
        return self._transport.page(types.Provider, "/v1/providers")


class Costs:
    """`client.costs`: what was billed."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def report(
        self,
        *,
        user: Optional[str] = None,
        workspace_id: Optional[str] = None,
        workspace_owner: Optional[str] = None,
        from_: Union[str, datetime, None] = None,
        to: Union[str, datetime, None] = None,
        group_by: Optional[str] = None,
    ) -> types.Costs:
        """Sums the costs in the ledger.

        Args:
            user: only costs of this user.
            workspace_id: only costs of this workspace.
            workspace_owner: the owner of that workspace.
            from_: the begin, an instant with its time zone or a text in ISO 8601 (default: begin of the UTC month). It
                is moved back to the full hour.
            to: the end (default: now); moved on to the full hour.
            group_by: day, month, user, workspace, session (31 days at most), provider or kind; by default no groups.

        Raises:
            Invalid: a field is wrong. Forbidden: the key lacks the scope costs:read.
        """
        params = given(
            user=user,
            workspace_id=workspace_id,
            workspace_owner=workspace_owner,
            from_=wire(from_),
            to=wire(to),
            group_by=group_by,
        )
        return self._transport.record(types.Costs, "GET", "/v1/costs", params=params)


class Audit:
    """`client.audit`: the audit log."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(
        self, *, user: Optional[str] = None, session_id: Optional[str] = None, action: Optional[str] = None
    ) -> Page[types.AuditEvent]:
        """Entries of the audit log, newest first. A key that is not an admin key gets those of its own user."""
        params = given(user=user, session_id=session_id, action=action)
        return self._transport.page(types.AuditEvent, "/v1/audit", params)
