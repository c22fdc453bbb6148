"""Times one command in three ways by turns: through the SDK, by httpx, by the standard library's HTTP client.

Prints the milliseconds of each. Another way is first each round, so that all meet the same machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import time
from typing import Callable, Dict, List
from urllib.parse import urlsplit

import httpx
from onmemos import OnMemOSClient

COMMAND = "echo first output"
PRINTED = "first output\n"
WARM_UP = 30


def by_turns(ways: Dict[str, Callable[[], str]], count: int) -> Dict[str, List[float]]:
    samples: Dict[str, List[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(WARM_UP + count):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            started = time.perf_counter()
            printed = ways[name]()
            ms = (time.perf_counter() - started) * 1000
            if printed != PRINTED:
                raise SystemExit(f"{name} printed {printed!r}")
            if turn >= WARM_UP:
                samples[name].append(ms)
    return samples


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--url", required=True)
    asked.add_argument("--session", required=True)
    asked.add_argument("--count", type=int, required=True)
    given = asked.parse_args()
    key = os.environ["ONMEMOS_API_KEY"]
    path = f"/v1/sessions/{given.session}/execute"
    headers = {"X-API-Key": key}
    sdk = OnMemOSClient(given.url)
    plain = httpx.Client(base_url=given.url, headers=headers, timeout=60)
    raw = http.client.HTTPConnection(urlsplit(given.url).netloc)
    body = json.dumps({"command": COMMAND})

    def by_raw() -> str:
        raw.request("POST", path, body, {**headers, "Content-Type": "application/json"})
        return str(json.loads(raw.getresponse().read())["stdout"])

    ways: Dict[str, Callable[[], str]] = {
        "sdk": lambda: sdk.execs.execute(given.session, COMMAND).stdout,
        "plain": lambda: str(plain.post(path, json={"command": COMMAND}).json()["stdout"]),
        "raw": by_raw,
    }
    print(json.dumps(by_turns(ways, given.count)))


if __name__ == "__main__":
    main()
