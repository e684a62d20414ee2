"""One HTTP exchange with a provider. Transport faults are told apart by whether money may have moved."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Any, NoReturn, Self

import httpx

from jalon.integrations.payments.port import (
    KeyVoid,
    PaymentFault,
    ProviderRefusedRequest,
    ProviderTimeout,
    ProviderUnreachable,
)

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_DECLINED = 402
_IN_PROGRESS = 409
_TOO_MANY = 429
# A charge must never use a connection that the provider is about to close, so idle connections are dropped well before.
_KEEP_ALIVE_SECONDS = 20.0


@cache
def _certificates() -> ssl.SSLContext:
    """The authorities that every provider's certificate is checked with; reading them takes 25 ms."""
    return httpx.create_ssl_context()


class Exchange:
    """A pool of connections to one provider. Answers of 2xx and 402 are returned; every other answer is a fault."""

    def __init__(self, base_url: str, connect_timeout: float, read_timeout: float) -> None:
        self._client = httpx.AsyncClient(
            base_url=base_url,
            verify=_certificates(),
            timeout=httpx.Timeout(read_timeout, connect=connect_timeout),
            limits=httpx.Limits(
                max_connections=100, max_keepalive_connections=50, keepalive_expiry=_KEEP_ALIVE_SECONDS
            ),
        )

    async def write(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """Sends a POST. Raises ProviderTimeout if a byte may have left and no readable answer came, KeyVoid for a replayed failure."""
        try:
            response = await self._client.post(path, json=body, headers=headers)
        except _NOTHING_SENT as error:
            raise ProviderUnreachable(f"POST {path}: {type(error).__name__}") from error
        except httpx.RequestError as error:
            raise ProviderTimeout(f"POST {path}: {type(error).__name__}") from error
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR and _replayed(response):
            raise KeyVoid(f"POST {path}: answered {response.status_code}, as before", _status(response))
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or response.status_code == _IN_PROGRESS:
            raise ProviderTimeout(f"POST {path}: answered {response.status_code}", _status(response))
        return _answer(response, ProviderTimeout)

    async def read(self, path: str, query: Mapping[str, str]) -> Answer:
        """Sends a GET. A GET changes nothing, so every transport fault raises ProviderUnreachable."""
        try:
            response = await self._client.get(path, params=query)
        except httpx.RequestError as error:
            raise ProviderUnreachable(f"GET {path}: {type(error).__name__}") from error
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderUnreachable(f"GET {path}: answered {response.status_code}", _status(response))
        return _answer(response, ProviderUnreachable)

    async def aclose(self) -> None:
        await self._client.aclose()


class Answer:
    """A readable answer. Inside its `with` block a missing or malformed field raises a fault."""

    def __init__(self, body: Mapping[str, Any], replayed: bool, unreadable: type[PaymentFault]) -> None:
        self.body = body
        self.replayed = replayed
        self._unreadable = unreadable

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyError | TypeError | ValueError):
            raise self._unreadable(f"the answer can't be read: {type(error).__name__} {error}") from error


def _answer(response: httpx.Response, unreadable: type[PaymentFault]) -> Answer:
    status = response.status_code
    if status == _TOO_MANY:
        raise ProviderUnreachable("the provider asks us to slow down", _status(response))
    if not response.is_success and status != _DECLINED:
        _refused(response)
    try:
        body = response.json()
    except ValueError as error:
        raise unreadable(f"answered {status} with what is not JSON") from error
    if not isinstance(body, dict):
        raise unreadable(f"answered {status} with what is not an object")
    return Answer(body, _replayed(response), unreadable)


def _status(response: httpx.Response) -> str:
    return f"http_{response.status_code}"


def _replayed(response: httpx.Response) -> bool:
    said: str | None = response.headers.get("idempotent-replayed")
    return said == "true"


def _refused(response: httpx.Response) -> NoReturn:
    try:
        error = response.json()["error"]
        code, message = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        code, message = _status(response), "the provider gave no reason"
    raise ProviderRefusedRequest(code, message)
