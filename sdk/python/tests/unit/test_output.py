"""Output put together from events, cut anywhere."""

from __future__ import annotations

import base64
import json
import random
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import List, Optional

import pytest

from onmemos import CommandFailed, CommandTimeout, ConnectionFailed, OnMemOSClient, types
from onmemos.core.collect import Collector, checked, returncode_of
from onmemos.core.output import Chunk, Gap, OutputCursor

EXEC = {"exec_id": "e", "session_id": "s", "status": "exited", "exit_code": 0, "signal": None}


def event(kind: str, fields: object, ident: str = "0") -> bytes:
    return f"id: {ident}\nevent: {kind}\ndata: {json.dumps(fields)}\n\n".encode()


def chunk(seq: int, data: bytes, stream: str = "stdout") -> bytes:
    coded = base64.b64encode(data).decode()
    return event("chunk", {"seq": seq, "stream": stream, "data": coded, "encoding": "base64"}, str(seq + len(data)))


def read(cursor: OutputCursor) -> List[object]:
    found: List[object] = []
    while (one := cursor.take()) is not None:
        found.append(one)
    return found


def test_reads_events_cut_at_every_byte() -> None:
    stream = b":\n\n" + event("chunk", {"seq": 0, "stream": "stdout", "data": "grüße\n", "encoding": "utf8"})
    stream += chunk(8, b"\xff", "stderr") + event("exit", EXEC)
    cursor = OutputCursor()
    for place in range(len(stream)):
        cursor.feed(stream[place : place + 1])
    assert read(cursor) == [Chunk("stdout", "grüße\n".encode(), 0), Chunk("stderr", b"\xff", 8)]
    assert cursor.ended
    assert cursor.exit is not None
    assert cursor.exit.exec_id == "e"


def test_forgets_half_an_event_when_the_connection_was_cut() -> None:
    cursor = OutputCursor()
    cursor.feed(chunk(0, b"abc") + chunk(3, b"def")[:20])
    assert cursor.connect() == {"from": "3"}
    cursor.feed(chunk(3, b"def"))
    assert b"".join(one.data for one in read(cursor) if isinstance(one, Chunk)) == b"abcdef"


def test_no_byte_twice_however_the_service_cuts_its_chunks() -> None:
    cursor = OutputCursor()
    cursor.feed(chunk(0, b"abcd") + chunk(2, b"cdef") + chunk(0, b"ab"))
    assert read(cursor) == [Chunk("stdout", b"abcd", 0), Chunk("stdout", b"ef", 4)]


def test_a_gap_is_never_joined_over() -> None:
    cursor = OutputCursor()
    cursor.feed(chunk(0, b"ab") + event("gap", {"from": 2, "to": 10}) + chunk(10, b"c") + chunk(20, b"d"))
    assert read(cursor) == [
        Chunk("stdout", b"ab", 0),
        Gap(2, 10),
        Chunk("stdout", b"c", 10),
        Gap(11, 20),
        Chunk("stdout", b"d", 20),
    ]


def test_begins_where_the_instant_is_and_joins_over_nothing_behind_it() -> None:
    cursor = OutputCursor(0, since="2026-11-27T10:00:00Z")
    assert cursor.connect() == {"from": "0", "since": "2026-11-27T10:00:00Z"}
    cursor.feed(chunk(5, b"ab") + chunk(9, b"c"))
    assert read(cursor) == [Chunk("stdout", b"ab", 5), Gap(7, 9), Chunk("stdout", b"c", 9)]
    assert cursor.connect() == {"from": "10", "since": "2026-11-27T10:00:00Z"}
    dropped = OutputCursor(0, since="2026-11-27T10:00:00Z")
    dropped.feed(event("gap", {"from": 0, "to": 5}) + chunk(5, b"ab"))
    assert read(dropped) == [Gap(0, 5), Chunk("stdout", b"ab", 5)]


def test_a_chunk_has_its_time_where_the_server_sends_one() -> None:
    cursor = OutputCursor()
    fields = {"seq": 0, "stream": "stdout", "data": "a", "encoding": "utf8"}
    cursor.feed(event("chunk", {**fields, "time": "2026-11-27T10:00:00.123Z"}))
    cursor.feed(event("chunk", {**fields, "seq": 1, "time": None}) + event("chunk", {**fields, "seq": 2}))
    times = [one.time for one in read(cursor) if isinstance(one, Chunk)]
    assert times == [datetime(2026, 11, 27, 10, 0, 0, 123_000, timezone.utc), None, None]


def test_goes_on_where_the_reader_is_and_not_where_the_network_is() -> None:
    cursor = OutputCursor(5)
    assert cursor.connect() == {"from": "5"}
    cursor.feed(chunk(5, b"ab") + chunk(7, b"cd"))
    cursor.take()
    assert cursor.offset == 7
    assert cursor.connect() == {"from": "9"}
    assert [one.seq for one in read(cursor) if isinstance(one, Chunk)] == [7]


@pytest.mark.parametrize("seed", range(20))
def test_any_cuts_give_the_same_bytes(seed: int) -> None:
    rng = random.Random(seed)
    log = bytes(rng.randrange(256) for _ in range(2000))
    cursor, got = OutputCursor(), b""
    while not cursor.ended:
        start = int(cursor.connect()["from"])
        sent = b""
        while start < len(log):
            size = rng.randint(1, 300)
            sent += chunk(start, log[start : start + size])
            start += size
        sent = (sent + event("exit", EXEC))[: rng.randint(0, len(sent) + 200)]
        while sent:
            size = rng.randint(1, 500)
            cursor.feed(sent[:size])
            sent = sent[size:]
            got += b"".join(one.data for one in read(cursor) if isinstance(one, Chunk))
    assert got == log


def test_hands_on_whole_lines() -> None:
    lines: List[str] = []
    collector = Collector(lines.append)
    for data in (b"a\nb", b"c\r\n\xc3", b"\xa4\n", b"end"):
        collector.add(Chunk("stdout", data, 0))
    assert lines == ["a", "bc", "ä"]
    result = collector.result(types.Exec(EXEC))
    assert lines == ["a", "bc", "ä", "end"]
    assert result.stdout == "a\nbc\r\nä\nend"
    assert result.stderr == ""
    assert result["success"] is True


def test_hands_on_output_without_lines_in_pieces() -> None:
    pieces: List[str] = []
    collector = Collector(pieces.append)
    for _ in range(12):
        collector.add(Chunk("stdout", b"x" * 1_000_000, 0))
    result = collector.result(types.Exec(EXEC))
    assert sum(map(len, pieces)) == 12_000_000
    assert max(map(len, pieces)) <= 2_100_000
    assert (len(result.stdout), result.truncated) == (8 * 1024 * 1024, True)


def test_keeps_bytes_that_are_no_text() -> None:
    collector = Collector()
    collector.add(Chunk("stderr", b"\xffx", 0))
    result = collector.result(types.Exec(EXEC))
    assert result.stderr == "\ufffdx"
    assert base64.b64decode(result["stderr_base64"] or "") == b"\xffx"
    assert "stdout_base64" not in result


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "running"}, None),
        ({"status": "lost"}, -1),
    ],
)
def test_has_one_number_for_what_has_not_ended(fields: object, code: Optional[int]) -> None:
    assert isinstance(fields, dict)
    assert returncode_of(types.Exec({"exit_code": None, "signal": None, **fields})) == code


def test_has_the_return_codes_of_the_vectors(repository: Path) -> None:
    vectors = json.loads((repository / "test" / "vectors" / "signals.json").read_text("utf-8"))
    assert len(vectors["numbers"]) == 31
    for name, number in vectors["numbers"].items():
        ended = {"status": "killed", "exit_code": None, "signal": name}
        assert returncode_of(types.Exec(ended)) == 128 + number, name
    for vector in vectors["returncodes"]:
        assert returncode_of(types.Exec(vector)) == vector["returncode"], vector


def test_raises_where_a_check_was_asked_for() -> None:
    failed = types.ExecuteResult({"returncode": 2, "success": False, "timed_out": False, "stderr": "a\nno such file\n"})
    with pytest.raises(CommandFailed, match="'ls x' ended with 2: no such file") as raised:
        checked(failed, "ls x", None)
    assert raised.value.result is failed
    assert raised.value.returncode == 2
    late = types.ExecuteResult({"returncode": 124, "success": False, "timed_out": True, "stderr": ""})
    with pytest.raises(CommandTimeout, match="its timeout of 5 s"):
        checked(late, "sleep 9", 5)


class Empty(BaseHTTPRequestHandler):
    """Answers every call with a stream that ends before it has said anything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        pass


def test_takes_a_stream_that_ends_without_the_end_for_cut_and_does_not_ask_for_ever() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with OnMemOSClient(url, "omk_key", max_retries=0) as client, pytest.raises(ConnectionFailed):
            list(client.execs.output("ses-1", "exe-1"))
        server.shutdown()
