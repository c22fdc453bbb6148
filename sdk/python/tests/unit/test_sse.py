"""Server-Sent Events, by the vectors that the TypeScript SDK tests, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from onmemos.core.output import OutputCursor
from onmemos.core.sse import EventDecoder

VECTORS = Path(__file__).resolve().parents[4] / "test" / "vectors" / "sse.json"
STREAMS: List[Dict[str, Any]] = json.loads(VECTORS.read_text("utf-8"))["streams"]


@pytest.mark.parametrize("stream", STREAMS, ids=[one["name"] for one in STREAMS])
def test_finds_the_same_events_however_the_bytes_are_cut(stream: Dict[str, Any]) -> None:
    data = stream["text"].encode("utf-8")
    for step in range(1, len(data) + 1):
        decoder = EventDecoder()
        found = [event for at in range(0, len(data), step) for event in decoder.feed(data[at : at + step])]
        assert [[one.event, one.data] for one in found] == stream["events"]
        assert decoder.retry_ms == stream["retry"]


def test_the_pause_that_a_server_asks_for_holds_for_later_connections_and_has_a_bound() -> None:
    cursor = OutputCursor()
    assert cursor.pause_s == 0
    cursor.feed(b"retry: 2500\n\n")
    cursor.connect()
    assert cursor.pause_s == 2.5
    cursor.feed(b"retry: 999999999\n\n")
    assert cursor.pause_s == 60
