"""The server under test as the harness itself speaks to it, past the SDK."""

from __future__ import annotations

import json
import pathlib
import time
import urllib.error
import urllib.request
from typing import Any


class Server:
    def __init__(self, url: str, key: str, journal: pathlib.Path) -> None:
        self.url = url
        self.key = key
        self._journal = journal
        self._read = 0

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-API-Key": self.key, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = self.call(method, path, body)
        assert status == 200, f"{method} {path}: {status} {answer}"
        return answer

    def session(self, session_id: str) -> Any:
        return self.ok("GET", f"/v1/sessions/{session_id}")

    def settled(self, session_id: str) -> Any:
        """A session that is not on its way to an end: on a busy machine that may take longer than an answer is held."""
        for _ in range(600):
            session = self.session(session_id)
            if session["status"] != "terminating":
                break
            time.sleep(0.1)
        return session

    def shell(self, session_id: str, command: str) -> str:
        """What a command prints that must succeed."""
        result = self.ok("POST", f"/v1/sessions/{session_id}/execute", {"command": command})
        assert result["success"], result
        return str(result["stdout"])

    def live_sessions(self, user: str) -> list[str]:
        listed = self.ok("GET", f"/v1/sessions?user={user}")
        return [session["id"] for session in listed if session["ended_at"] is None]

    def happened(self) -> list[Any]:
        """The requests that reached the server since this was last asked, in order."""
        lines = self._journal.read_text(encoding="utf-8").splitlines()
        new, self._read = lines[self._read :], len(lines)
        return [json.loads(line) for line in new]


def presume(server: Server, step: dict[str, Any]) -> dict[str, str]:
    """Makes or removes what the next snippet presumes. Answers what placeholders stand for from now on."""
    user = step["user"]
    if step["do"] == "make workspace":
        body = {
            "user_id": user,
            "workspace_id": step["workspace"],
            "name": step["workspace"],
            "resource_package": step["package"],
        }
        server.ok("POST", "/v1/workspaces", body)
    elif step["do"] == "delete workspace":
        server.ok("DELETE", f"/v1/workspaces/{user}/{step['workspace']}")
    elif step["do"] == "force-delete sessions":
        for session_id in server.live_sessions(user):
            server.ok("POST", f"/v1/sessions/{session_id}/force-delete")
    elif step["do"] == "make session":
        body = {
            "user": user,
            "workspace_id": step["workspace"],
            "namespace": step["namespace"],
            "template": "python",
        }
        return {step["as"]: server.ok("POST", "/v1/sessions?wait=120", body)["id"]}
    else:
        raise AssertionError(f"{step['do']} is nothing that can be presumed")
    return {}
