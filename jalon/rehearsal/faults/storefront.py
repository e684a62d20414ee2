"""An honest caller: it repeats a request under the same key until it is answered, and remembers every answer that promised something."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self

import httpx

from jalon.domain.error_codes import ErrorCode
from jalon.rehearsal.faults.observations import Acknowledgement

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
POLL_SECONDS = 0.4
REPEATED = {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS}
REPEATED_CODES = {ErrorCode.REQUEST_IN_PROGRESS, ErrorCode.NOT_YET_OPEN, ErrorCode.CLOCK_ADVANCING}


class NotAnswered(Exception):
    """The caller's patience ran out before the request was answered."""


class RefusedByShop(Exception):
    """The request was answered, with a refusal; `body` is the problem."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body.get('code')}: {body.get('detail')}")
        self.status = status
        self.body = body


@dataclass(frozen=True, slots=True)
class Wait:
    """One stretch of monotonic time in which somebody waited for the shop."""

    since: float
    until: float
    what: str


@dataclass
class Storefront:
    """Many callers with one key. `move_to` says where the shop is; `patience` is how many seconds a caller keeps trying."""

    patience: float
    acknowledgements: list[Acknowledgement] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    repeated: int = 0

    async def __aenter__(self) -> Self:
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(20, connect=2),
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=50),
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._http.aclose()

    def move_to(self, api: str, key: str) -> None:
        """Calls another address with another key from now on."""
        self._http.base_url = httpx.URL(api)
        self._http.headers["Authorization"] = f"Bearer {key}"

    async def write(
        self, move: str, path: str, body: Mapping[str, Any], *, entity: str = "", key: str | None = None
    ) -> dict[str, Any]:
        """Posts, and follows a 202 to its end. Returns the entity, or for a followed 202 its request.

        Raises RefusedByShop, NotAnswered.
        """
        since = time.monotonic()
        answer = await self.post(move, path, body, entity=entity, key=key)
        if "status_url" in answer:
            answer = await self.follow(answer)
        self.waited(since, f"{move} {path}")
        return answer

    def waited(self, since: float, what: str) -> None:
        """Notes that somebody waited for the shop from `since` (monotonic) until now."""
        self.waits.append(Wait(since, time.monotonic(), what))

    async def post(
        self, move: str, path: str, body: Mapping[str, Any], *, entity: str = "", key: str | None = None
    ) -> dict[str, Any]:
        """POSTs the same request until it is answered, and remembers what was promised. Raises RefusedByShop, NotAnswered."""
        key = key or str(uuid.uuid4())
        response = await self._insist("POST", path, body, key)
        answer: dict[str, Any] = response.json()
        known = entity or str(answer.get("order") or answer.get("id"))
        self.acknowledgements.append(Acknowledgement(key, move, known, response.status_code))
        return answer

    async def follow(self, promise: Mapping[str, Any]) -> dict[str, Any]:
        """Polls a 202 until it is settled. Raises RefusedByShop, NotAnswered."""
        since = time.monotonic()
        while time.monotonic() - since < self.patience:
            request = await self.read(str(promise["status_url"]))
            if request is None:
                raise NotAnswered(f"{promise['status_url']} was promised and is not there")
            if request["state"] == "refused":
                raise RefusedByShop(HTTPStatus.CONFLICT, request["violations"][0])
            if request["state"] == "applied":
                return request | {"id": str(promise.get("order") or promise.get("subscription"))}
            await asyncio.sleep(POLL_SECONDS)
        raise NotAnswered(f"{promise['status_url']} is still pending after {self.patience:g} s")

    async def read(self, path: str) -> dict[str, Any] | None:
        """GETs until answered; None while there is nothing."""
        response = await self._insist("GET", path, None, None)
        return None if response.status_code == HTTPStatus.NOT_FOUND else dict(response.json())

    async def until(self, path: str, field_name: str, *values: str) -> dict[str, Any]:
        """Reads until the field has one of the values. Raises NotAnswered."""
        since = time.monotonic()
        while time.monotonic() - since < self.patience:
            view = await self.read(path)
            if view is not None and view[field_name] in values:
                self.waited(since, f"{values[0]} {path}")
                return view
            await asyncio.sleep(POLL_SECONDS)
        raise NotAnswered(f"{path} did not become {' or '.join(values)} within {self.patience:g} s")

    async def _insist(
        self, method: str, path: str, body: Mapping[str, Any] | None, key: str | None
    ) -> httpx.Response:
        since, pause = time.monotonic(), FIRST_PAUSE
        headers = {"Idempotency-Key": key} if key else {}
        last = "nothing"
        while time.monotonic() - since < self.patience:
            try:
                response = await self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                last = type(error).__name__
            else:
                if not _to_be_repeated(response):
                    return _accepted(response, method)
                last = str(response.status_code)
            self.repeated += 1
            await asyncio.sleep(pause)
            pause = min(pause * 1.6, LONGEST_PAUSE)
        raise NotAnswered(f"{method} {path}: {last} for {self.patience:g} s")


def _to_be_repeated(response: httpx.Response) -> bool:
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return True
    return response.status_code in REPEATED and response.json().get("code") in REPEATED_CODES


def _accepted(response: httpx.Response, method: str) -> httpx.Response:
    if response.is_success or (method == "GET" and response.status_code == HTTPStatus.NOT_FOUND):
        return response
    raise RefusedByShop(response.status_code, response.json())
