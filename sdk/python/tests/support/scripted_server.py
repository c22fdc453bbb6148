"""A small HTTP server that gives the answers it is told, for what a real service gives only when it is unwell."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Dict, List


@dataclass
class Answer:
    status: int
    body: bytes = b"{}"
    headers: Dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})


BREAK = Answer(0)
"""No answer: the connection ends after the request."""


@dataclass
class Seen:
    method: str
    path: str
    headers: Dict[str, str]
    body: bytes


def problem(status: int, code: str, detail: str, retryable: bool = False, **more: object) -> Answer:
    """An answer as the service gives it."""
    fields = {"type": "about:blank", "title": code, "status": status, "detail": detail, "code": code}
    fields.update(request_id="req-1", retryable=retryable, **more)
    return Answer(status, json.dumps(fields).encode(), {"Content-Type": "application/problem+json"})


class ScriptedServer:
    """Gives its answers one after another, the last of them again and again."""

    def __init__(self, *answers: Answer, port: int = 0) -> None:
        self._answers = list(answers)
        self.seen: List[Seen] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.seen.append(Seen(self.command, self.path, headers, self.rfile.read(length)))
                answer = outer._answers.pop(0) if len(outer._answers) > 1 else outer._answers[0]
                if answer is BREAK:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _answer

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ScriptedServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
