# Made by generate.sh from src/onmemos/aio/convenience.py: edit that instead.
"""Methods of the client itself, one for each common task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, List, Literal, Mapping, Optional, Sequence, Union, overload

from onmemos.core import presets
from onmemos.core.paths import path
from onmemos.core.specs import session_body
from onmemos.enums import CPUSize, MemorySize
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
    """Methods of the client itself, one for each common task."""

    sessions: Sessions
    execs: Execs
    workspaces: Workspaces
    users: Users

    def set_api_key(self, api_key: str) -> None:
        """Uses another API key for all further calls, also those of sessions and commands of this client.

        Raises:
            InvalidOption: it is not a key.
        """
        self._transport.use_key(api_key)

    def create_workspace(
        self, user_id: str, workspace_id: str, name: str, resource_package: str, description: Optional[str] = None
    ) -> types.Workspace:
        """Creates a workspace. Raises: Conflict if it exists, EntitlementDenied, QuotaExceeded, Invalid."""
        return self.workspaces.create(user_id, workspace_id, name, resource_package, description)

    def list_workspaces(self, user_id: str) -> List[types.Workspace]:
        """Workspaces of a user, including those that others share with the user."""
        found = self._transport.json("GET", path("workspaces", user_id))
        return [types.Workspace(item) for item in found]

    def get_workspace(self, user_id: str, workspace_id: str) -> types.Workspace:
        """One workspace. Raises: WorkspaceNotFound."""
        return self.workspaces.get(user_id, workspace_id)

    def delete_workspace(self, user_id: str, workspace_id: str, force: bool = False) -> bool:
        """Deletes a workspace and returns True. Its data is kept for 7 days.

        `force` ends its sessions, deletes its data and waits until it is gone.

        Raises:
            Conflict: it has live sessions and `force` is False. WorkspaceNotFound.
        """
        self.workspaces.delete(user_id, workspace_id, force=force)
        return True

    def create_session(self, session_spec: Mapping[str, Any]) -> Session:
        """Creates a session from a dictionary of fields. Raises: what `sessions.create` raises."""
        return create_session(self._transport, session_body(session_spec))

    def create_session_in_workspace(
        self, workspace_id: str, template: str, namespace: str, user: str, **options: Unpack[SessionOptions]
    ) -> Session:
        """Creates a session in a workspace. Its size is the workspace's package unless another size is given."""
        return create_session(self._transport, presets.plain(workspace_id, template, namespace, user, options))

    def create_development_session(
        self, workspace_id: str, namespace: str, user: str, **options: Unpack[SessionOptions]
    ) -> Session:
        """Creates a session for development: by default Ubuntu, with the workspace's volume."""
        return create_session(self._transport, presets.development(workspace_id, namespace, user, options))

    def create_python_session(
        self,
        workspace_id: str,
        namespace: str,
        user: str,
        python_version: Optional[str] = None,
        **options: Unpack[SessionOptions],
    ) -> Session:
        """Creates a session with Python.

        Args:
            python_version: tag of the Python image, such as 3.11-slim; by default the service chooses.
        """
        return create_session(self._transport, presets.python(workspace_id, namespace, user, python_version, options))

    def create_ml_session(
        self,
        workspace_id: str,
        namespace: str,
        user: str,
        *,
        python_version: Optional[str] = None,
        **options: Unpack[SessionOptions],
    ) -> Session:
        """Creates a session for machine learning: image and GPU of its package, with the workspace's volume.

        Args:
            python_version: tag of a Python image that is used in place of the package's, such as 3.11-slim.
        """
        return create_session(self._transport, presets.ml(workspace_id, namespace, user, python_version, options))

    def create_custom_session(
        self, workspace_id: str, namespace: str, user: str, image_url: str, **options: Unpack[SessionOptions]
    ) -> Session:
        """Creates a session from an image of your own, such as gcr.io/my-project/my-image:latest."""
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
        """Runs a command and returns its result. With `async_execution` it returns a job at once.

        Args:
            command: a line for `/bin/sh -c`, or words that are quoted into one.
            timeout: seconds after which the command is ended, 1 to 3000; then `timed_out` is true and returncode 124.
            async_execution: do not wait; `get_job_status` has the result.

        Raises:
            SessionNotRunning, SessionNotFound, Invalid.
        """
        if async_execution:
            return self.execs.start_job(session_id, command, timeout)
        return self.execs.execute(session_id, command, timeout)

    def get_job_status(self, session_id: str, job_id: str) -> types.Job:
        """State of a background command: running, completed or failed; with its result once it has ended.

        Raises:
            NotFound.
        """
        return self.execs.job(session_id, job_id)

    def get_session(self, session_id: str) -> Session:
        """One session. Raises: SessionNotFound."""
        return self.sessions.get(session_id)

    def list_sessions(self, namespace: Optional[str] = None, user: Optional[str] = None) -> List[Session]:
        """Sessions that have not ended or ended in the last 24 hours, newest first; at most 1,000."""
        found = self._transport.json("GET", "/v1/sessions", params={"namespace": namespace, "user": user})
        return [Session(self._transport, item) for item in found]

    def delete_session(self, session_id: str) -> Session:
        """Ends a session and waits up to 20 s until its resources are gone. Raises: SessionNotFound."""
        return self.sessions.delete(session_id)

    def cleanup_expired_sessions(self, user: Optional[str] = None, namespace: Optional[str] = None) -> int:
        """Ends expired sessions and returns how many. The service also does this by itself."""
        return self.sessions.cleanup(user, namespace)

    def force_cleanup_session(self, session_id: str) -> bool:
        """Ends a session without the grace period after TERM.

        Returns:
            True if its resources are gone. False if the session does not exist or has not ended within 20 s.
        """
        try:
            session = self.sessions.force_delete(session_id)
        except NotFound:
            return False
        return session.status in ("terminated", "failed")

    def get_session_cost_estimate(self, session_spec: Mapping[str, Any]) -> types.Estimate:
        """Estimates the cost of a session: per hour, and for its time to live. Raises: Invalid."""
        return self.sessions.estimate(session_spec)

    def monitor_session_usage(self, session_id: str, interval: float = 30) -> types.Usage:
        """Current use: CPU in percent of one CPU, memory and disk in MiB, number of processes.

        Args:
            interval: accepted for the third version; the answer is always of this moment.

        Raises:
            SessionNotRunning.
        """
        return self.sessions.usage(session_id)

    def health_check(self) -> types.Health:
        """Checks that the service answers. Needs no key. Raises: ConnectionFailed."""
        return self._transport.record(types.Health, "GET", "/health")

    def get_server_info(self) -> types.Info:
        """Name, version, region and mode of the service. Raises: Unauthenticated."""
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
        """Calls any route and returns its answer as JSON. The debug log of `onmemos` shows request and answer.

        Args:
            timeout: seconds that the answer may take, in addition to the client's timeout.
        """
        return self._transport.json(method.upper(), path, body=json, params=params, held=timeout)

    @staticmethod
    def resource_spec(
        cpu_size: Optional[str] = CPUSize.SMALL,
        memory_size: Optional[str] = MemorySize.SMALL,
        custom_cpu_request: Optional[str] = None,
        custom_cpu_limit: Optional[str] = None,
        custom_memory_request: Optional[str] = None,
        custom_memory_limit: Optional[str] = None,
    ) -> ResourceSpec:
        """CPU and memory for `resource_spec=`. Quantities such as "1.5" or "6Gi" override sizes.

        A size that is None is that of the package.
        """
        return presets.resource_spec(
            cpu_size, memory_size, custom_cpu_request, custom_cpu_limit, custom_memory_request, custom_memory_limit
        )

    @staticmethod
    def image_spec(
        image_type: Optional[str] = None, image_url: Optional[str] = None, image_tag: Optional[str] = "latest"
    ) -> ImageSpec:
        """An image for `image_spec=`: a type and its tag, or the reference of an image of your own.

        With `image_tag=None` the service chooses the tag.
        """
        return presets.image_spec(image_type, image_url, image_tag)

    @staticmethod
    def gpu_spec(gpu_type: Optional[str] = None, gpu_count: Optional[int] = 1) -> GPUSpec:
        """GPUs for `gpu_spec=`: the type and the number (1 to 8)."""
        return presets.gpu_spec(gpu_type, gpu_count)
