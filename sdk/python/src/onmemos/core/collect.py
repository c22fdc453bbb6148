"""A command's output put together into one result."""

from __future__ import annotations

import base64
import codecs
from typing import Callable, Dict, List, Optional

from onmemos.core.output import Chunk
from onmemos.errors import CommandFailed, CommandTimeout
from onmemos.generated import types

MOST_BYTES = 8 * 1024 * 1024
"""Of each stream in a result; the rest stays in the exec's output."""

LONGEST_LINE = 1024 * 1024
"""Characters of a line after which it is handed on in pieces: output need not have lines at all."""

_SIGNALS = {
    "HUP": 1,
    "INT": 2,
    "QUIT": 3,
    "ILL": 4,
    "TRAP": 5,
    "ABRT": 6,
    "BUS": 7,
    "FPE": 8,
    "KILL": 9,
    "USR1": 10,
    "SEGV": 11,
    "USR2": 12,
    "PIPE": 13,
    "ALRM": 14,
    "TERM": 15,
    "STKFLT": 16,
    "CHLD": 17,
    "CONT": 18,
    "STOP": 19,
    "TSTP": 20,
    "TTIN": 21,
    "TTOU": 22,
    "URG": 23,
    "XCPU": 24,
    "XFSZ": 25,
    "VTALRM": 26,
    "PROF": 27,
    "WINCH": 28,
    "IO": 29,
    "PWR": 30,
    "SYS": 31,
}
"""Signals of Linux, for a server that does not tell the number; this program's system may count otherwise."""

LineCallback = Callable[[str], object]


def returncode_of(exec_record: types.Exec) -> Optional[int]:
    """One number for how a command ended, as a shell gives it: 124 at a timeout, 128 + n by a signal."""
    if exec_record.status == "running":
        return None
    if exec_record.status == "timed_out":
        return 124
    if exec_record.signal_number:
        return 128 + exec_record.signal_number
    if exec_record.signal is not None:
        name = exec_record.signal[3:] if exec_record.signal.startswith("SIG") else exec_record.signal
        # A signal without a name is given by its number.
        return 128 + (int(name) if name.isdigit() else _SIGNALS.get(name, 0))
    return -1 if exec_record.exit_code is None else exec_record.exit_code


class Collector:
    """Keeps what was printed, and hands on each line as it becomes whole."""

    def __init__(self, on_stdout: Optional[LineCallback] = None, on_stderr: Optional[LineCallback] = None) -> None:
        self._streams: Dict[str, _Stream] = {"stdout": _Stream(on_stdout), "stderr": _Stream(on_stderr)}

    def add(self, chunk: Chunk) -> None:
        """Takes the next chunk."""
        self._streams[chunk.stream].add(chunk.data)

    def result(self, exec_record: types.Exec) -> types.ExecuteResult:
        """The whole result, once the command has ended."""
        returncode = returncode_of(exec_record)
        fields: Dict[str, object] = {
            "returncode": -1 if returncode is None else returncode,
            "success": returncode == 0,
            "exec_id": exec_record.exec_id,
            "timed_out": exec_record.status == "timed_out",
            "truncated": any(stream.truncated for stream in self._streams.values()),
        }
        for name, stream in self._streams.items():
            data = stream.finish()
            fields[name] = data.decode("utf-8", "replace")
            if not _is_text(data):
                fields[f"{name}_base64"] = base64.b64encode(data).decode("ascii")
        return types.ExecuteResult(fields)


class _Stream:
    def __init__(self, callback: Optional[LineCallback]) -> None:
        self.truncated = False
        self._callback = callback
        self._parts: List[bytes] = []
        self._size = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._line = ""

    def add(self, data: bytes) -> None:
        room = MOST_BYTES - self._size
        self.truncated = self.truncated or len(data) > room
        self._parts.append(data[:room])
        self._size += min(len(data), room)
        if self._callback is not None:
            self._lines(self._decoder.decode(data))

    def finish(self) -> bytes:
        self._lines(self._decoder.decode(b"", final=True))
        if self._callback and self._line:
            self._callback(self._line)
        self._line = ""
        return b"".join(self._parts)

    def _lines(self, text: str) -> None:
        if self._callback is None:
            return
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._callback(line[:-1] if line.endswith("\r") else line)
        if len(self._line) > LONGEST_LINE:
            self._callback(self._line)
            self._line = ""


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def checked(result: types.ExecuteResult, command: object, timeout: Optional[float]) -> types.ExecuteResult:
    """The result of a command that succeeded.

    Raises:
        CommandTimeout: its timeout ended it.
        CommandFailed: its exit code is not 0.
    """
    if result.timed_out:
        limit = f" of {timeout:g} s" if timeout else ""
        raise CommandTimeout(f"{command!r} was ended by its timeout{limit}", result)
    if not result.success:
        last = result.stderr.strip().splitlines()[-1:]
        said = f": {last[0][:500]}" if last else ""
        raise CommandFailed(f"{command!r} ended with {result.returncode}{said}", result)
    return result
