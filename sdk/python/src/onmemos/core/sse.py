"""Server-Sent Events out of bytes that come in any pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, List, Optional


@dataclass(frozen=True)
class ServerEvent:
    """One event of a stream."""

    event: str
    data: str
    id: Optional[str]


class EventDecoder:
    """Takes bytes, gives whole events. What is cut off in the middle at the end is no event."""

    def __init__(self) -> None:
        self._rest = b""
        self._event = "message"
        self._data: List[str] = []
        self._id: Optional[str] = None

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """The events that end within these bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            done = self._line(line.rstrip(b"\r").decode("utf-8", "replace"))
            if done is not None:
                yield done

    def _line(self, line: str) -> Optional[ServerEvent]:
        if line == "":
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "id":
            self._id = value
        return None

    def _dispatch(self) -> Optional[ServerEvent]:
        event, data = self._event, self._data
        self._event, self._data = "message", []
        return ServerEvent(event, "\n".join(data), self._id) if data else None
