"""Fixtures. Tests in tests/server need a real service, named by ONMEMOS_TEST_URL and ONMEMOS_TEST_KEY."""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path
from typing import Iterator

import pytest

from onmemos import OnMemOSClient, Session

sys.path.insert(0, str(Path(__file__).parent))

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def server_url() -> str:
    return os.environ["ONMEMOS_TEST_URL"]


@pytest.fixture(scope="session")
def server_key() -> str:
    return os.environ["ONMEMOS_TEST_KEY"]


@pytest.fixture(scope="session")
def client(server_url: str, server_key: str) -> Iterator[OnMemOSClient]:
    with OnMemOSClient(server_url, server_key) as made:
        yield made


@pytest.fixture(scope="session")
def session(client: OnMemOSClient) -> Iterator[Session]:
    """One session for all tests that leave none of it behind."""
    with client.session(user="tester", namespace="tests", template="alpine", ttl_minutes=30) as made:
        yield made


@pytest.fixture
def name() -> str:
    """A name that nothing else has."""
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY
