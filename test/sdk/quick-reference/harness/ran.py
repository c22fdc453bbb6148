"""What one snippet left behind, and the register of what is asserted of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict

from under_test import Server


@dataclass
class Ran:
    server: Server
    names: dict[str, Any]
    """All names defined so far, by this snippet and those before it."""
    known: dict[str, str]
    """What placeholders stand for."""
    printed: str
    logged: str
    """Standard error."""
    happened: list[Any]
    """The requests that reached the server, in order: `request`, `status`, `body` and `answer` each."""

    @property
    def created(self) -> list[Any]:
        """The sessions that it made, as the server answered them."""
        made = (entry for entry in self.happened if entry["request"].split("?")[0] == "POST /v1/sessions")
        return [entry["answer"] for entry in made if entry["status"] == 200]

    @property
    def commands(self) -> list[Any]:
        """The commands that it ran, each with its result."""
        return [
            {**entry["body"], **entry["answer"]} for entry in self.happened if entry["request"].endswith("/execute")
        ]

    def requests(self, method: str) -> list[str]:
        """The paths asked for by this method."""
        asked = (entry["request"].split(" ", 1) for entry in self.happened)
        return [path for verb, path in asked if verb == method]

    def __getitem__(self, name: str) -> Any:
        return self.names[name]

    def all_succeed(self, *commands: str) -> None:
        """These commands and no others ran, and each ended with 0."""
        assert [ran["command"] for ran in self.commands] == list(commands), self.commands
        for ran in self.commands:
            assert (ran["success"], ran["returncode"]) == (True, 0), ran

    def made(self, count: int = 1) -> list[Any]:
        assert len(self.created) == count, self.created
        return self.created

    def ended(self, count: int = 1) -> list[Any]:
        """It made so many sessions, and each has ended."""
        now = [self.server.settled(session["id"]) for session in self.made(count)]
        assert [session["status"] for session in now] == ["terminated"] * count, now
        return now


Check = Callable[[Ran], None]
CHECKS: Dict[int, Check] = {}


def check(number: int) -> Callable[[Check], Check]:
    """Marks what is asserted after the python block of this number."""

    def register(function: Check) -> Check:
        assert number not in CHECKS, f"two checks of snippet {number}"
        CHECKS[number] = function
        return function

    return register


def has(answer: Any, **fields: Any) -> None:
    for name, value in fields.items():
        assert answer[name] == value, f"{name} is {answer[name]!r}, not {value!r}"


def warns(session: Any, *parts: str) -> None:
    """The session says in so many words what it was not given."""
    said = session["details"]["warnings"]
    for part in parts:
        assert any(part in warning for warning in said), f"nothing of {part!r} in {said}"
