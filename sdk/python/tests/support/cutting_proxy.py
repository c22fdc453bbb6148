"""A TCP proxy that cuts connections: what a bad network does, on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Callable, List, Optional, Type
from urllib.parse import urlsplit

Cut = Callable[[int], Optional[int]]
"""For the n-th connection (from 0): after how many bytes of the answer it is cut; None never, -1 holds all back."""


class CuttingProxy:
    """Listens on a port of its own before `url`."""

    def __init__(self, url: str, cut: Cut) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname or "", parts.port or 80)
        self._cut = cut
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: List[socket.socket] = []
        self.connections = 0
        self.cuts = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> CuttingProxy:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: Optional[Type[BaseException]], _error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            _close(one)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._to)
            self._open += [near, far]
            limit = self._cut(self.connections)
            self.connections += 1
            threading.Thread(target=self._pass, args=(near, far, None), daemon=True).start()
            if limit != -1:
                threading.Thread(target=self._pass, args=(far, near, limit), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, limit: Optional[int]) -> None:
        left = limit
        with contextlib.suppress(OSError):
            while data := source.recv(65536 if left is None else max(1, min(65536, left))):
                target.sendall(data)
                if left is not None:
                    left -= len(data)
                    if left <= 0:
                        self.cuts += 1
                        break
        _close(source)
        _close(target)


def _close(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
