# Made by generate.sh from src/onmemos/aio/convenience.py: edit that instead.
"""The client's flat methods: one call for each thing one does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Literal, Mapping, Optional, Sequence, Union, overload

from onmemos.core import presets
from onmemos.core.paths import path
from onmemos.core.specs import session_body
from onmemos.errors import NotFound
from onmemos.fields import GPUSpec, ImageSpec, ResourceSpec, SessionOptions, Unpack
from onmemos.generated import types
from onmemos.generated.sync.block import create_session
from onmemos.generated.sync.contexts import Contexts
from onmemos.generated.sync.session import Session

if TYPE_CHECKING:
    from onmemos.generated.sync.accounts import Users
    from onmemos.generated.sync.sessions import Execs, Sessions
    from onmemos.generated.sync.workspaces import Workspaces


class Convenience(Contexts):
    """What a client can do in one call."""

    sessions: Sessions
    execs: Execs
    workspaces: Workspaces
    users: Users

    def create_workspace(
        self, user_id: str, workspace_id: str, name: str, resource_package: str, description: Optional[str] = None
    ) -> types.Workspace:
        """Makes a workspace. Raises: Conflict where the owner has it, EntitlementDenied, QuotaExceeded, Invalid."""
        return self.workspaces.create(user_id, workspace_id, name, resource_package, description)

    def list_workspaces(self, user_id: str) -> List[types.Workspace]:
        """The user's workspaces, and those shared with them."""
        found = self._transport.json("GET", path("workspaces", user_id))
        return [types.Workspace(item) for item in found]

    def get_workspace(self, user_id: str, workspace_id: str) -> types.Workspace:
        """One workspace. Raises: WorkspaceNotFound."""
        return self.workspaces.get(user_id, workspace_id)

    def delete_workspace(self, user_id: str, workspace_id: str, force: bool = False) -> bool:
        """Deletes a workspace; True once it is. Its data are kept for 7 days unless `force`. Raises: Conflict."""
        self.workspaces.delete(user_id, workspace_id, force=force)
        return True

    def create_session(self, session_spec: Mapping[str, Any]) -> Session:
        """Makes a session from a dictionary of fields."""
        return create_session(self._transport, session_body(session_spec))

    def create_session_in_workspace(
        self, workspace_id: str, template: str, namespace: str, user: str, **options: Unpack[SessionOptions]
    ) -> Session:
        """Makes a session in a workspace, of whose package it is unless another size is asked for."""
        return create_session(self._transport, presets.plain(workspace_id, template, namespace, user, options))

    def create_development_session(
        self, workspace_id: str, namespace: str, user: str, **options: Unpack[SessionOptions]
    ) -> Session:
        """Makes a session for development: Ubuntu, with the workspace's volume, unless told otherwise."""
        return create_session(self._transport, presets.development(workspace_id, namespace, user, options))

    def create_python_session(
        self,
        workspace_id: str,
        namespace: str,
        user: str,
        python_version: Optional[str] = None,
        **options: Unpack[SessionOptions],
    ) -> Session:
        """Makes a session with Python.

        Args:
            python_version: tag of the Python image, such as 3.11-slim; the service's own by default.
        """
        return create_session(self._transport, presets.python(workspace_id, namespace, user, python_version, options))

    def create_ml_session(
        self, workspace_id: str, namespace: str, user: str, **options: Unpack[SessionOptions]
    ) -> Session:
        """Makes a session for machine learning: image and GPU of its package, with the workspace's volume."""
        return create_session(self._transport, presets.ml(workspace_id, namespace, user, options))

    def create_custom_session(
        self, workspace_id: str, namespace: str, user: str, image_url: str, **options: Unpack[SessionOptions]
    ) -> Session:
        """Makes a session from an image of your own, such as gcr.io/my-project/my-image:latest."""
        return create_session(self._transport, presets.custom(workspace_id, namespace, user, image_url, options))

    @overload
    def execute_session(
        self,
        session_id: str,
        command: Union[str, Sequence[str]],
        timeout: float = 120,
        async_execution: Literal[False] = False,
    ) -> types.ExecuteResult: ...

    @overload
    def execute_session(
        self,
        session_id: str,
        command: Union[str, Sequence[str]],
        timeout: float = 120,
        *,
        async_execution: Literal[True],
    ) -> types.Job: ...

    def execute_session(
        self,
        session_id: str,
        command: Union[str, Sequence[str]],
        timeout: float = 120,
        async_execution: bool = False,
    ) -> Union[types.ExecuteResult, types.Job]:
        """Runs a command to its end, or with `async_execution` starts it and answers a job.

        Args:
            timeout: seconds after which it is ended, 1 to 3000; then `timed_out` is true and returncode 124.

        Raises:
            SessionNotRunning, SessionNotFound.
        """
        if async_execution:
            return self.execs.start_job(session_id, command, timeout)
        return self.execs.execute(session_id, command, timeout)

    def get_job_status(self, session_id: str, job_id: str) -> types.Job:
        """How a command in the background stands: running, completed or failed, and then with its result."""
        return self.execs.job(session_id, job_id)

    def get_session(self, session_id: str) -> Session:
        """One session. Raises: SessionNotFound."""
        return self.sessions.get(session_id)

    def list_sessions(self, namespace: Optional[str] = None, user: Optional[str] = None) -> List[Session]:
        """Sessions that have not ended, or have in the last 24 hours, newest first, at most 1,000."""
        found = self._transport.json("GET", "/v1/sessions", params={"namespace": namespace, "user": user})
        return [Session(self._transport, item) for item in found]

    def delete_session(self, session_id: str) -> Session:
        """Ends a session, and waits up to 20 s until its resources are gone."""
        return self.sessions.delete(session_id)

    def cleanup_expired_sessions(self, user: Optional[str] = None) -> int:
        """Ends sessions whose time is over, and says how many."""
        return self.sessions.cleanup(user)

    def force_cleanup_session(self, session_id: str) -> bool:
        """Ends a session without the time that its commands have after TERM.

        Returns:
            True where its resources are gone; False where there is no such session, or it is still going.
        """
        try:
            session = self.sessions.force_delete(session_id)
        except NotFound:
            return False
        return session.status in ("terminated", "failed")

    def get_session_cost_estimate(self, session_spec: Mapping[str, Any]) -> types.Estimate:
        """What such a session would cost: per hour, and over its time to live."""
        return self.sessions.estimate(session_spec)

    def monitor_session_usage(self, session_id: str) -> types.Usage:
        """What a session uses at this moment: CPU in percent of one, memory and disk in MB, processes."""
        return self.sessions.usage(session_id)

    def health_check(self) -> types.Health:
        """Whether the service is there; needs no key."""
        return self._transport.record(types.Health, "GET", "/health")

    def get_server_info(self) -> types.Info:
        """Name, version, region and mode of the service."""
        return self._transport.record(types.Info, "GET", "/")

    def _make_request(
        self,
        method: str,
        path: str,
        json: Any = None,
        params: Optional[Mapping[str, Any]] = None,
        *,
        timeout: float = 0.0,
    ) -> Any:
        """One call of any route, and its answer as JSON. The debug log of `onmemos` shows request and answer.

        Args:
            timeout: seconds for which the service may hold its answer, beyond the client's timeout.
        """
        return self._transport.json(method.upper(), path, body=json, params=params, held=timeout)

    @staticmethod
    def resource_spec(
        cpu_size: Optional[str] = None,
        memory_size: Optional[str] = None,
        custom_cpu_request: Optional[str] = None,
        custom_cpu_limit: Optional[str] = None,
        custom_memory_request: Optional[str] = None,
        custom_memory_limit: Optional[str] = None,
    ) -> ResourceSpec:
        """CPU and memory for `resource_spec=`; quantities such as "1.5" or "6Gi" win over sizes."""
        return presets.resource_spec(
            cpu_size, memory_size, custom_cpu_request, custom_cpu_limit, custom_memory_request, custom_memory_limit
        )

    @staticmethod
    def image_spec(
        image_type: Optional[str] = None, image_url: Optional[str] = None, image_tag: Optional[str] = None
    ) -> ImageSpec:
        """An image for `image_spec=`: a type and its tag, or the address of your own."""
        return presets.image_spec(image_type, image_url, image_tag)

    @staticmethod
    def gpu_spec(gpu_type: Optional[str] = None, gpu_count: Optional[int] = None) -> GPUSpec:
        """GPUs for `gpu_spec=`."""
        return presets.gpu_spec(gpu_type, gpu_count)
