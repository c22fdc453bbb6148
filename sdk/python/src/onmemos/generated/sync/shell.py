# Made by generate.sh from src/onmemos/aio/shell.py: edit that instead.
"""A terminal in a session."""

from __future__ import annotations

import json
from collections import deque
from typing import Any, Deque, Dict, Optional

from websockets.exceptions import ConnectionClosed

from onmemos.errors import BY_CODE, ConnectionFailed, OnMemOSError
from onmemos.pools.owner import leave_to_parent
from onmemos.record import CommandResult
from onmemos.runtime import synchronous as runtime


class Shell(runtime.BothNames):
    """A terminal: `write` types, and iterating returns what the terminal shows. Closing it sends SIGHUP to the shell.

    `command` runs commands beside the terminal, one after another. Each is a separate exec.

    It belongs to the process and the event loop that opened it. Elsewhere it can't be used, and closing it there does
    nothing.
    """

    def __init__(self, socket: runtime.Socket) -> None:
        self._socket = socket
        self._output: Deque[str] = deque()
        self._closed = False
        self._place = runtime.here()

    def __repr__(self) -> str:
        return f"<Shell {'closed' if self._closed else 'open'}>"

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def write(self, data: str) -> None:
        """Types text. The terminal starts at the first input. A line runs once it ends with a newline.

        Raises:
            ConnectionFailed: the connection is broken.
        """
        self._send({"type": "input", "data": data})

    def resize(self, cols: int, rows: int) -> None:
        """Sets the size of the terminal, in characters (1 to 1000). Raises: ConnectionFailed."""
        self._send({"type": "resize", "cols": cols, "rows": rows})

    def command(self, command: str) -> CommandResult:
        """Runs a command and returns its result: stdout, stderr, returncode and success.

        Raises:
            OnMemOSError: the service refused the command.
            ConnectionFailed: the connection broke; it is not known whether the command ran.
        """
        with runtime.new_block():
            try:
                return self._result_of(command)
            except (OnMemOSError, GeneratorExit):
                raise
            except BaseException:
                # The caller no longer waits: the close ends the command.
                runtime.finish(self._leave)
                raise

    def _leave(self) -> bool:
        """Closes the shell for a caller that has gone. The result is only there because the blocking form needs one."""
        self.close()
        return True

    def _result_of(self, command: str) -> CommandResult:
        self._send({"type": "command", "command": command})
        while True:
            message = self._receive()
            if message is None:
                raise ConnectionFailed("The shell was closed before the command had ended")
            if message["type"] == "command_result":
                return CommandResult({name: value for name, value in message.items() if name != "type"})
            if message["type"] == "output":
                self._output.append(message["data"])

    def __iter__(self) -> Shell:
        return self

    def __next__(self) -> str:
        """The next text that the terminal shows, including control sequences."""
        while not self._output:
            message = self._receive()
            if message is None:
                raise StopIteration
            if message["type"] == "output":
                self._output.append(message["data"])
        return self._output.popleft()

    def close(self) -> None:
        """Closes the terminal, which sends SIGHUP to the shell."""
        self._closed = True
        if self._place == runtime.here():
            self._socket.close()
        elif not self._place.is_in_this_process:
            leave_to_parent(self._socket)

    def _check_place(self) -> None:
        if self._place != runtime.here():
            raise OnMemOSError(
                "This shell belongs to another process or event loop", hint="Open one here with session.shell()."
            )

    def _send(self, message: Dict[str, Any]) -> None:
        self._check_place()
        try:
            self._socket.send(json.dumps(message))
        except ConnectionClosed as error:
            raise self._broken(error) from error

    def _receive(self) -> Optional[Dict[str, Any]]:
        """The next message; None once the shell has ended."""
        self._check_place()
        try:
            message: Dict[str, Any] = json.loads(self._socket.recv())
        except ConnectionClosed as error:
            if self._closed or (error.rcvd is not None and error.rcvd.code == 1000):
                return None
            raise self._broken(error) from error
        if message["type"] == "error":
            raise BY_CODE.get(message["code"], OnMemOSError)(message["detail"], code=message["code"])
        return message

    def _broken(self, error: ConnectionClosed) -> ConnectionFailed:
        reason = error.rcvd.reason if error.rcvd is not None and error.rcvd.reason else "the connection broke"
        return ConnectionFailed(f"The shell has ended: {reason}")
