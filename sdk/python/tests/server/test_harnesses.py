"""What agent harnesses ask of a sandbox: commands with limits, files through pipes, and programs that talk."""

from __future__ import annotations

import base64
import os
import threading
import time
from typing import List

import pytest

from onmemos import CommandTimeout, Invalid, Process, Session

WAIT_S = 300


class Typist:
    """Types into a program on a terminal, and waits for what it shows."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._shown = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for chunk in self._process:
            self._shown += chunk.data

    def type(self, text: str, wanted: bytes) -> None:
        """Types, and waits for bytes that come after that."""
        seen = len(self._shown)
        self._process.write(text)
        end = time.monotonic() + WAIT_S
        while wanted not in self._shown[seen:]:
            assert time.monotonic() < end, f"{text!r} gave {self._shown[seen:]!r}, not {wanted!r}"
            time.sleep(0.02)


def test_a_timeout_tells_what_was_printed_until_then(session: Session) -> None:
    with pytest.raises(CommandTimeout) as ended:
        session.run(["sleep", "1000"], timeout=0.1, check=True)
    assert "0.1 s" in str(ended.value)
    result = session.run("echo partial; sleep 1000", timeout=0.5)
    assert (result.stdout, result.timed_out, result.returncode) == ("partial\n", True, 124)


def test_reading_to_the_end_tells_of_a_timeout(session: Session) -> None:
    process = session.start("echo begun; sleep 1000", timeout=0.5)
    assert b"".join(chunk.data for chunk in process) == b"begun\n"
    assert (process.exec.status, process.returncode) == ("timed_out", 124)


def test_a_killed_command_is_waited_for(session: Session) -> None:
    process = session.start("sleep 1000")
    process.kill()
    assert process.wait() == 137


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"line\n#second\nno end", id="text"),
        pytest.param("\u2728\u263d\ufe0e\U0001f680".encode(), id="letters beyond the usual"),
        pytest.param(b"\xc3\x28\x00\xff", id="bytes that are no text"),
        pytest.param(b"", id="nothing"),
        pytest.param(os.urandom(5_000_000), id="five megabytes"),
    ],
)
def test_a_file_is_written_and_read_as_it_was(session: Session, name: str, content: bytes) -> None:
    written = session.run(["tee", f"/tmp/{name} with blanks"], input=content, check=True)
    read = session.run(["cat", f"/tmp/{name} with blanks"], check=True)
    for result in (written, read):
        encoded = result.get("stdout_base64")
        assert (base64.b64decode(encoded) if encoded else result.stdout.encode()) == content


def test_more_output_than_is_kept_is_cut_and_marked(session: Session) -> None:
    result = session.run("yes | head -c 12000000")
    assert (len(result.stdout), result.truncated, result.returncode) == (8 * 1024 * 1024, True, 0)


def test_what_can_not_be_run_is_refused(session: Session) -> None:
    with pytest.raises(Invalid, match="Permission denied"):
        session.run(["/etc/passwd"])
    with pytest.raises(Invalid, match="command"):
        session.run("")


def test_a_terminal_ends_with_the_code_of_its_program(session: Session) -> None:
    process = session.start(["sh"], tty=(100, 30))
    typist = Typist(process)
    typist.type("stty size\n", b"30 100\r")
    typist.type("X=4; echo $((X*3))\n", b"12\r")
    process.write("exit 6\n")
    assert process.wait() == 6


def test_python_is_talked_to_line_by_line(session: Session) -> None:
    process = session.start(["python3", "-q"], tty=True)
    typist = Typist(process)
    typist.type("", b">>> ")
    typist.type("value = [n * n for n in range(4)]\n", b">>> ")
    typist.type("print(value, 'en' + 'd')\n", b"[0, 1, 4, 9] end\r")
    typist.type("1 / 0\n", b"ZeroDivisionError: division by zero")
    typist.type("import time; time.sleep(1000)\n", b"\r\n")
    time.sleep(0.2)
    typist.type("\x03", b"KeyboardInterrupt")
    process.write("raise SystemExit(5)\n")
    assert process.wait() == 5


def test_commands_of_many_threads_have_their_own_answers(session: Session) -> None:
    wrong: List[str] = []

    def ask(number: int) -> None:
        said = session.run(f"echo {number}; exit {number}")
        if (said.stdout, said.returncode) != (f"{number}\n", number):
            wrong.append(f"{number}: {said!r}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
