"""The frames of docs/protocol.md, by the vectors that every implementation runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from onmemos.core.frames import NUMBERS, Frame, FrameDecoder, FrameError, encode

NAMES = {number: name for name, number in NUMBERS.items()}


@pytest.fixture(scope="module")
def vectors(repository: Path) -> Dict[str, List[Dict[str, Any]]]:
    found: Dict[str, List[Dict[str, Any]]] = json.loads(
        (repository / "test" / "vectors" / "protocol.json").read_text("utf-8")
    )
    return found


def test_encodes_and_decodes_every_vector(vectors: Dict[str, List[Dict[str, Any]]]) -> None:
    assert vectors["frames"]
    for vector in vectors["frames"]:
        described = vector["frame"]
        frame = Frame(NAMES[described["type"]], described["header"], bytes.fromhex(described["data"]))
        data = bytes.fromhex(vector["bytes"])
        assert list(FrameDecoder().feed(data)) == [frame], vector["name"]
        assert list(FrameDecoder().feed(encode(frame))) == [frame], vector["name"]


def test_takes_frames_cut_anywhere(vectors: Dict[str, List[Dict[str, Any]]]) -> None:
    stream = b"".join(bytes.fromhex(vector["bytes"]) for vector in vectors["frames"])
    decoder = FrameDecoder()
    found = [frame for place in range(len(stream)) for frame in decoder.feed(stream[place : place + 1])]
    assert len(found) == len(vectors["frames"])


def test_passes_over_what_it_does_not_know(vectors: Dict[str, List[Dict[str, Any]]]) -> None:
    for vector in vectors["skipped"]:
        assert list(FrameDecoder().feed(bytes.fromhex(vector["bytes"]))) == [], vector["name"]


def test_refuses_what_is_no_frame(vectors: Dict[str, List[Dict[str, Any]]]) -> None:
    for vector in vectors["refused"]:
        with pytest.raises(FrameError):
            list(FrameDecoder().feed(bytes.fromhex(vector["bytes"])))
