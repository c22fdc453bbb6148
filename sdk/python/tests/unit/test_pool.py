"""How many connections a client may have."""

from __future__ import annotations

import asyncio
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Iterator, List

import pytest
from support.programs import output_of

from onmemos import AsyncOnMemOSClient, OnMemOSClient

HELD = 200


class HoldingServer(ThreadingHTTPServer):
    """Holds the answer to every command until it is told to let go."""

    request_queue_size = HELD
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.holding = threading.Semaphore(0)
        self.let_go = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: HoldingServer

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.holding.release()
        self.server.let_go.wait()
        self._answer(b'{"stdout": "", "returncode": 0, "success": true}')

    def do_GET(self) -> None:
        self._answer(b'{"status": "healthy"}')

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def holding() -> Iterator[HoldingServer]:
    server = HoldingServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.let_go.set()
    server.shutdown()
    server.server_close()


def test_a_short_call_has_its_turn_among_held_ones(holding: HoldingServer) -> None:
    with OnMemOSClient(holding.url, "k", timeout=20, max_retries=0) as client:
        done: List[int] = []
        work = [
            threading.Thread(target=lambda: done.append(client.execs.execute("s", "sleep 300").returncode))
            for _ in range(HELD)
        ]
        for thread in work:
            thread.start()
        assert all(holding.holding.acquire(timeout=20) for _ in range(HELD))
        assert (client.health().status, done) == ("healthy", [])
        holding.let_go.set()
        for thread in work:
            thread.join()
        assert done == [0] * HELD


def test_a_short_call_has_its_turn_in_an_event_loop(holding: HoldingServer) -> None:
    async def work() -> None:
        async with AsyncOnMemOSClient(holding.url, "k", timeout=20, max_retries=0) as client:
            held = [asyncio.ensure_future(client.execs.execute("s", "sleep 300")) for _ in range(HELD)]
            loop = asyncio.get_running_loop()
            for _ in range(HELD):
                assert await loop.run_in_executor(None, lambda: holding.holding.acquire(timeout=20))
            assert (await client.health()).status == "healthy"
            assert not any(one.done() for one in held)
            holding.let_go.set()
            assert [one.returncode for one in await asyncio.gather(*held)] == [0] * HELD

    asyncio.run(work())


def test_says_that_the_limit_of_open_files_is_reached(holding: HoldingServer) -> None:
    pytest.importorskip("resource")
    program = """
import os, resource
from onmemos import ConnectionFailed, OnMemOSClient
client = OnMemOSClient(max_retries=0)
client._transport._pool.client()
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
files = []
try:
    while True:
        files.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
try:
    client.health()
except ConnectionFailed as error:
    print(str(error).split(";")[0])
"""
    said = "This program has as many open files and connections as it may\n"
    assert output_of(program, holding.url, "k") == said


def test_certificates_are_read_for_https_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    read: List[ssl.SSLContext] = []
    load = ssl.SSLContext.load_verify_locations

    def noted(context: ssl.SSLContext, *args: Any, **options: Any) -> None:
        read.append(context)
        load(context, *args, **options)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", noted)
    OnMemOSClient("http://127.0.0.1:1", "omk_1").close()
    assert read == []
    OnMemOSClient("https://127.0.0.1:1", "omk_1").close()
    assert [one.verify_mode for one in read] == [ssl.CERT_REQUIRED]


def test_plain_http_accepts_no_certificate_at_all() -> None:
    client = OnMemOSClient("http://127.0.0.1:1", "omk_1")
    transport: Any = client._transport._pool.client()._transport
    context: ssl.SSLContext = transport._pool._ssl_context
    assert (context.verify_mode, context.check_hostname, context.get_ca_certs()) == (ssl.CERT_REQUIRED, True, [])
    client.close()
