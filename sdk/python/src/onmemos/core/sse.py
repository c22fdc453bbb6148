"""Server-Sent Events out of bytes that come in any pieces."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, List, Optional

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class ServerEvent:
    """One event of a stream."""

    event: str
    data: str


class EventDecoder:
    """Takes bytes, gives whole events. What is cut off in the middle at the end is no event."""

    def __init__(self) -> None:
        self.retry_ms: Optional[int] = None
        """Milliseconds that the server asks a client to wait before it connects again."""
        self._rest: List[bytes] = []
        self._after_cr = False
        self._first = True
        self._event = "message"
        self._data: List[str] = []

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """The events that end within these bytes."""
        if not data:
            return
        # The second half of a line end whose first half was the last byte before.
        half = self._after_cr and data.startswith(b"\n")
        self._after_cr = data.endswith(b"\r")
        *parts, last = _LINE_END.split(data[1:] if half else data)
        for part in parts:
            done = self._line(b"".join([*self._rest, part]))
            self._rest = []
            if done is not None:
                yield done
        self._rest.append(last)

    def _line(self, line: bytes) -> Optional[ServerEvent]:
        if self._first:
            line = line[len(_BYTE_ORDER_MARK) :] if line.startswith(_BYTE_ORDER_MARK) else line
            self._first = False
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_ms = int(value)
        return None

    def _dispatch(self) -> Optional[ServerEvent]:
        event, data = self._event, self._data
        self._event, self._data = "message", []
        return ServerEvent(event, "\n".join(data)) if data else None
