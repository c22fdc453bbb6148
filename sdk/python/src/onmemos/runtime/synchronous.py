"""Waiting and connecting in the calling thread."""

from __future__ import annotations

import time
from typing import Any, Iterator, Optional, TypeVar

from websockets.sync.client import ClientConnection, connect

T = TypeVar("T")
Socket = ClientConnection


def sleep(seconds: float) -> None:
    """Waits."""
    time.sleep(seconds)


def next_piece(pieces: Iterator[bytes]) -> Optional[bytes]:
    """The next piece; None at the end."""
    return next(pieces, None)


def finish(done: T) -> T:
    """What must not be broken off by a cancellation; there is none here."""
    return done


def open_socket(url: str, **options: Any) -> Socket:
    """A WebSocket; whoever asks for it closes it."""
    # Entered and closed by hand: it may live longer than any one block.
    socket: ClientConnection = connect(url, **options).__enter__()
    return socket
