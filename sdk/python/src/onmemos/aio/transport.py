"""Requests over HTTP, made again where that is safe."""

from __future__ import annotations

import copy
import time
from dataclasses import replace
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, Type, TypeVar

import httpx

from onmemos.core import trace
from onmemos.core.connection import certificates, connection_errors, socket_errors
from onmemos.core.contact import Contact
from onmemos.core.paths import query
from onmemos.core.problems import error_of, unreadable
from onmemos.core.retries import WORKING_S, Retries
from onmemos.core.sending import Sending
from onmemos.core.target import Target
from onmemos.core.values import api_key as checked_key
from onmemos.errors import ConnectionFailed, OnMemOSError
from onmemos.pages.asynchronous import AsyncPage
from onmemos.pools.owner import LIMITS
from onmemos.record import Record
from onmemos.runtime import asynchronous as runtime
from onmemos.version import VERSION

R = TypeVar("R", bound=Record)
P = TypeVar("P")
BRIEF_TIMEOUT_S = 10.0
BRIEF_RETRIES = 2


class AsyncTransport:
    """Calls to one server."""

    def __init__(
        self, target: Target, *, timeout: float, max_retries: int, wait: float, reconnect: float = 0.0
    ) -> None:
        self.target = target
        self.timeout = timeout
        self.wait = wait
        self._retries = max_retries
        self._reconnect = reconnect
        self._contact = Contact()
        headers = {"User-Agent": f"onmemos-python/{VERSION}", "Accept": "application/json"}
        if target.api_key:
            headers["X-API-Key"] = target.api_key
        self._headers = headers
        self._pool = runtime.Pool(self._new_client)

    def _new_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=self.target.base_url,
            headers=self._headers,
            timeout=self.timeout,
            limits=LIMITS,
            verify=certificates(self.target.base_url),
            # A proxy of the environment is for other machines than this one.
            trust_env=not self.target.is_loopback,
        )

    def use_key(self, api_key: str) -> None:
        """Sends another key from now on."""
        key = checked_key("api_key", api_key)
        self.target = replace(self.target, api_key=key, refused_key=None)
        # The same dictionary as that of the copies that were made of this.
        if key is None:
            self._headers.pop("X-API-Key", None)
        else:
            self._headers["X-API-Key"] = key

    def brief(self) -> AsyncTransport:
        """The same connections, for calls that their caller does not wait for long."""
        made = copy.copy(self)
        made.timeout = min(self.timeout, BRIEF_TIMEOUT_S)
        made._retries = min(self._retries, BRIEF_RETRIES)
        made._reconnect = 0.0
        return made

    async def aclose(self) -> None:
        """Closes all connections."""
        await self._pool.aclose()

    async def json(
        self,
        method: str,
        path: str,
        *,
        params: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        sending: Optional[Sending] = None,
        held: float = 0.0,
        goes_on: bool = False,
    ) -> Any:
        """One call and its answer as JSON (None where there is none).

        Args:
            sending: the idempotency key of a POST, and what is known of it where the call is broken off.
            held: seconds for which the server may hold its answer, beyond the timeout.
            goes_on: it belongs to something that goes on at the server meanwhile, and does no harm when it is repeated.
        """
        response = await self.send(method, path, params=params, body=body, sending=sending, held=held, goes_on=goes_on)
        try:
            return response.json() if response.content else None
        except ValueError as error:
            raise unreadable(self.target.base_url, response.status_code, response.content) from error

    async def record(self, kind: Type[R], method: str, path: str, **options: Any) -> R:
        """One call whose answer is a record."""
        return kind(await self.json(method, path, **options))

    def page(self, kind: Type[R], path: str, params: Optional[Mapping[str, Any]] = None) -> AsyncPage[R]:
        """A list of records."""
        return self.page_of(kind, path, params)

    def page_of(
        self, make: Callable[[Mapping[str, Any]], P], path: str, params: Optional[Mapping[str, Any]] = None
    ) -> AsyncPage[P]:
        """A list, each of its items made of an answer's."""
        asked = {"limit": 100, **(params or {})}

        async def read(cursor: Optional[str]) -> Tuple[List[P], Optional[str]]:
            answer = await self.json("GET", path, params={**asked, "cursor": cursor})
            return [make(item) for item in answer["items"]], answer["next_cursor"]

        return AsyncPage(read)

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Optional[Mapping[str, Any]] = None,
        body: Any = None,
        sending: Optional[Sending] = None,
        held: float = 0.0,
        goes_on: bool = False,
        headers: Optional[Mapping[str, str]] = None,
    ) -> httpx.Response:
        """One call, made again where it may be.

        Raises:
            OnMemOSError: the answer is an error, or there was none.
        """
        self.target.check_key()
        asked = dict(headers or {})
        sending = sending or Sending()
        if method == "POST":
            asked["Idempotency-Key"] = sending.key
        retries = self.new_retries()
        if goes_on:
            retries.goes_on()
        held_until = time.monotonic() + held
        while True:
            begun = time.monotonic()
            try:
                return await self._once(method, path, params, body, asked, held, sending)
            except OnMemOSError as error:
                sending.failed(error)
                now = time.monotonic()
                if isinstance(error, ConnectionFailed) and now < held_until and now - begun > WORKING_S:
                    retries.goes_on()
                    retries.progressed()
                pause = retries.pause(error)
                if pause is None:
                    raise retries.reason(error) from error.__cause__
                trace.log_retry(error, pause)
            await runtime.sleep(pause)

    def new_retries(self) -> Retries:
        """The attempts of something that is made of several connections."""
        return Retries(self._retries, contact=self._contact, reconnect=self._reconnect, url=self.target.base_url)

    async def open_stream(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str], quiet: float
    ) -> Optional[runtime.Stream]:
        """An answer that is read piece by piece; who calls closes it. None where it has no content.

        Args:
            quiet: seconds without a byte after which the connection is taken for broken.
        """
        self.target.check_key()
        limits = httpx.Timeout(self.timeout, read=quiet)
        trace.log_request("GET", self.target.base_url + path, params, None)
        http = await self._pool.client()
        request = http.build_request(
            "GET", path, params=query(params), headers={**self._headers, **headers}, timeout=limits
        )
        with connection_errors(self.target.base_url, quiet):
            response = await http.send(request, stream=True)
            if response.is_success:
                self._contact.answered()
                if response.status_code != 204:
                    return self._pool.stream(response)
                await response.aclose()
                return None
            body = await response.aread()
            await response.aclose()
        raise error_of(response.status_code, response.headers, body)

    async def open_socket(self, path: str, params: Optional[Mapping[str, Any]] = None) -> runtime.Socket:
        """A WebSocket with the client's key; its opening is tried again like any call."""
        self.target.check_key()
        url = str(httpx.URL(self.target.websocket_url + path, params=query(params)))
        headers = {name: value for name, value in self._headers.items() if name != "Accept"}
        options: Dict[str, Any] = {
            "additional_headers": headers,
            "user_agent_header": None,
            "logger": trace.websocket_logger,
            "open_timeout": self.timeout,
            "max_size": None,
        }
        if self.target.is_loopback:
            options["proxy"] = None
        retries = self.new_retries()
        while True:
            try:
                with socket_errors(self.target.base_url):
                    socket = await runtime.open_socket(url, **options)
                self._contact.answered()
                return socket
            except OnMemOSError as error:
                pause = retries.pause(error)
                if pause is None:
                    raise retries.reason(error) from error.__cause__
                trace.log_retry(error, pause)
            await runtime.sleep(pause)

    async def _once(
        self,
        method: str,
        path: str,
        params: Optional[Mapping[str, Any]],
        body: Any,
        headers: Mapping[str, str],
        held: float,
        sending: Sending,
    ) -> httpx.Response:
        limit = self.timeout + held

        async def note(event: str, _info: object) -> None:
            sending.note(event)

        http = await self._pool.client()
        trace.log_request(method, self.target.base_url + path, params, body)
        with connection_errors(self.target.base_url, limit):
            response = await http.request(
                method,
                path,
                params=query(params),
                json=body,
                headers={**self._headers, **headers},
                timeout=httpx.Timeout(self.timeout, read=limit),
                extensions={"trace": note},
            )
        request_id = response.headers.get("x-request-id")
        trace.log_response(method, self.target.base_url + path, response.status_code, request_id, response.content)
        refusal = None if response.is_success else error_of(response.status_code, response.headers, response.content)
        if refusal is None or not refusal._is_away:
            self._contact.answered()
        if refusal is not None:
            raise refusal
        return response
