"""Sessions that a `with` block ends, by purpose."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from onmemos.aio.block import AsyncSessionBlock
from onmemos.aio.transport import AsyncTransport
from onmemos.core import presets
from onmemos.core.specs import session_body
from onmemos.fields import SessionOptions, Unpack


class AsyncContexts:
    """Use each as `async with client.…_session_context(…) as session:`. The block ends its session.

    With `auto_cleanup=False` the session runs until its time to live ends, or until `delete_session`.
    """

    _transport: AsyncTransport

    def session_context(self, session_spec: Mapping[str, Any], auto_cleanup: bool = True) -> AsyncSessionBlock:
        """A session with the fields of a dictionary."""
        return AsyncSessionBlock(self._transport, session_body(session_spec), None, auto_cleanup)

    def workspace_session_context(
        self,
        workspace_id: str,
        template: str,
        namespace: str,
        user: str,
        *,
        auto_cleanup: bool = True,
        **options: Unpack[SessionOptions],
    ) -> AsyncSessionBlock:
        """As `create_session_in_workspace`."""
        body = presets.plain(workspace_id, template, namespace, user, options)
        return AsyncSessionBlock(self._transport, body, None, auto_cleanup)

    def development_session_context(
        self,
        workspace_id: str,
        namespace: str,
        user: str,
        *,
        auto_cleanup: bool = True,
        **options: Unpack[SessionOptions],
    ) -> AsyncSessionBlock:
        """As `create_development_session`: Ubuntu, with the workspace's volume."""
        body = presets.development(workspace_id, namespace, user, options)
        return AsyncSessionBlock(self._transport, body, None, auto_cleanup)

    def python_session_context(
        self,
        workspace_id: str,
        namespace: str,
        user: str,
        python_version: Optional[str] = None,
        *,
        auto_cleanup: bool = True,
        **options: Unpack[SessionOptions],
    ) -> AsyncSessionBlock:
        """As `create_python_session`."""
        body = presets.python(workspace_id, namespace, user, python_version, options)
        return AsyncSessionBlock(self._transport, body, None, auto_cleanup)

    def ml_session_context(
        self,
        workspace_id: str,
        namespace: str,
        user: str,
        *,
        auto_cleanup: bool = True,
        python_version: Optional[str] = None,
        **options: Unpack[SessionOptions],
    ) -> AsyncSessionBlock:
        """As `create_ml_session`: image and GPU of the package, with the workspace's volume."""
        body = presets.ml(workspace_id, namespace, user, python_version, options)
        return AsyncSessionBlock(self._transport, body, None, auto_cleanup)

    def custom_session_context(
        self,
        workspace_id: str,
        namespace: str,
        user: str,
        image_url: str,
        *,
        auto_cleanup: bool = True,
        **options: Unpack[SessionOptions],
    ) -> AsyncSessionBlock:
        """As `create_custom_session`."""
        body = presets.custom(workspace_id, namespace, user, image_url, options)
        return AsyncSessionBlock(self._transport, body, None, auto_cleanup)
