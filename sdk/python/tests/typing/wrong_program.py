"""A user's program with one mistake on each marked line, all of which mypy --strict finds."""

from __future__ import annotations

from onmemos import OnMemOSClient

client = OnMemOSClient()
session = client.get_session("ses-1")
number: int = session["id"]  # wrong
another: int = session.id  # wrong
print(session.idd)  # wrong
when: str = session.expires_at  # wrong
client.create_session_in_workspace("w", "python", "n", "u", ttl_minuts=5)  # wrong
client.create_python_session("w", "n", "u", gpu_count="two")  # wrong
with client.session(template="python") as made:
    made.run("ls", timeouts=5)  # wrong
    print(client.execute_session(made.id, "ls").job_id)  # wrong
