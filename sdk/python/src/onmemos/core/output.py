"""The position of a reader in a command's output, and how it continues after a broken connection."""

from __future__ import annotations

import base64
import json
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Deque, Dict, Optional, Union

from onmemos.core.instants import instant_of
from onmemos.core.sse import EventDecoder, ServerEvent
from onmemos.generated import types


@dataclass(frozen=True)
class Chunk:
    """A piece of output, of one stream."""

    stream: str
    """stdout or stderr. A terminal has only stdout."""
    data: bytes
    seq: int
    """Offset of the first byte in the log of both streams."""
    time: Optional[datetime] = None
    """When the first byte was read from the command, to 50 ms, in UTC. It never goes back. None if the session's
    keeper is of an earlier version, which keeps no times."""

    @property
    def text(self) -> str:
        """The bytes as text. Bytes that are not UTF-8 become U+FFFD; a chunk may end inside a character."""
        return self.data.decode("utf-8", "replace")

    @property
    def end(self) -> int:
        """Offset after the last byte."""
        return self.seq + len(self.data)


@dataclass(frozen=True)
class Gap:
    """Bytes that were dropped before they were read."""

    start: int
    end: int


OutputEvent = Union[Chunk, Gap]


LONGEST_PAUSE_S = 60.0


class OutputCursor:
    """Reads events in their order, each byte once, over any number of connections."""

    def __init__(self, offset: int = 0, hold: Optional[str] = None, since: Optional[str] = None) -> None:
        self.hold = hold
        """The reader's own name, where a command that holds its output is to wait for it."""
        self.offset = offset
        """Offset of the next byte that is not seen yet."""
        self.exit: Optional[types.Exec] = None
        """The exec as the end of its output has it."""
        self.ended = False
        """No more output will come."""
        self._since = since
        self._anywhere = since is not None
        """The first event may begin behind the offset, which is no gap: the server finds where the instant is."""
        self._waiting: Deque[OutputEvent] = deque()
        self._decoder = EventDecoder()
        self._received = offset
        self.pause_s = 0.0
        """Seconds that the server asks to wait before the next connection."""

    @property
    def since(self) -> Optional[str]:
        """The instant at which reading begins, where nothing was received yet; otherwise the offset says where."""
        return self._since if self._anywhere else None

    def connect(self) -> Dict[str, str]:
        """The query of the next connection. What an earlier one left unfinished is forgotten: it comes again."""
        self._decoder = EventDecoder()
        query = {"from": str(self._received), "hold": self.hold, "since": self._since}
        return {name: value for name, value in query.items() if value is not None}

    def feed(self, data: bytes) -> bool:
        """Takes bytes of the present connection; says whether they brought anything new."""
        before = (self._received, self.ended)
        for event in self._decoder.feed(data):
            self._take(event)
        if self._decoder.retry_ms is not None:
            self.pause_s = min(self._decoder.retry_ms / 1000, LONGEST_PAUSE_S)
        return before != (self._received, self.ended)

    def nothing_more(self) -> None:
        """The server has said that there is no more to come."""
        self.ended = True

    def take(self) -> Optional[OutputEvent]:
        """The next event; None where more has to be received first, or all was read."""
        if not self._waiting:
            return None
        event = self._waiting.popleft()
        self.offset = event.end
        return event

    def _take(self, event: ServerEvent) -> None:
        if event.event == "chunk":
            self._take_chunk(types.OutputChunk(json.loads(event.data)))
        elif event.event == "gap":
            gap = types.OutputGap(json.loads(event.data))
            self._begin_at(gap.from_)
            self._take_gap(gap.to)
        elif event.event == "exit":
            self.exit = types.Exec(json.loads(event.data))
            self.ended = True

    def _take_chunk(self, chunk: types.OutputChunk) -> None:
        data = base64.b64decode(chunk.data) if chunk.encoding == "base64" else chunk.data.encode("utf-8")
        self._begin_at(chunk.seq)
        if chunk.seq > self._received:
            self._take_gap(chunk.seq)
        known = self._received - chunk.seq
        if known < len(data):
            # An earlier server sends no time.
            time = instant_of(chunk.get("time"))
            self._waiting.append(Chunk(chunk.stream, data[known:], self._received, time))
            self._received = chunk.seq + len(data)

    def _begin_at(self, offset: int) -> None:
        if self._anywhere:
            self._anywhere = False
            self._received = max(self._received, offset)

    def _take_gap(self, to: int) -> None:
        if to > self._received:
            self._waiting.append(Gap(self._received, to))
            self._received = to
