"""The frames that an attached WebSocket carries (docs/protocol.md)."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, Optional

VERSION = 1
NUMBERS = {
    "hello": 1,
    "call": 2,
    "ok": 3,
    "error": 4,
    "cancel": 5,
    "credit": 6,
    "chunk": 7,
    "gap": 8,
    "exit": 9,
    "stdin": 10,
    "signal": 11,
    "resize": 12,
    "accepted": 13,
}
_NAMES = {number: name for name, number in NUMBERS.items()}
MOST_HEADER = 1024 * 1024
MOST_DATA = 1024 * 1024
MOST_CHUNK = 256 * 1024


class FrameError(Exception):
    """A frame that is out of the protocol's bounds: the connection is of no further use."""


@dataclass(frozen=True)
class Frame:
    """One frame: its type, its header, and its raw bytes."""

    type: str
    header: Dict[str, Any] = field(default_factory=dict)
    data: bytes = b""


def encode(frame: Frame) -> bytes:
    """The frame as bytes."""
    header = json.dumps(frame.header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    length = 5 + len(header) + len(frame.data)
    return struct.pack(">IBI", length, NUMBERS[frame.type], len(header)) + header + frame.data


class FrameDecoder:
    """Takes bytes cut anywhere, gives whole frames. Frames of an unknown type are passed over."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that end within these bytes.

        Raises:
            FrameError: what came is no frame.
        """
        self._rest += data
        while len(self._rest) >= 9:
            length, number, header_length = struct.unpack_from(">IBI", self._rest)
            data_length = length - 5 - header_length
            if header_length > MOST_HEADER or not 0 <= data_length <= MOST_DATA:
                raise FrameError("a frame is out of bounds")
            if number == NUMBERS["chunk"] and data_length > MOST_CHUNK:
                raise FrameError("a chunk is out of bounds")
            if len(self._rest) < 4 + length:
                return
            header, raw = self._rest[9 : 9 + header_length], self._rest[9 + header_length : 4 + length]
            self._rest = self._rest[4 + length :]
            frame = _frame(number, header, raw)
            if frame is not None:
                yield frame


def _frame(number: int, header: bytes, raw: bytes) -> Optional[Frame]:
    name = _NAMES.get(number)
    if name is None:
        return None
    try:
        value = json.loads(header.decode("utf-8"))
    except ValueError as error:
        raise FrameError("a header is no JSON") from error
    if not isinstance(value, dict):
        raise FrameError("a header is no object")
    return Frame(name, value, raw)
