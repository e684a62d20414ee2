"""Transport faults between Jalon and a provider are told apart by whether money may have moved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jalon.domain.money import Money
from jalon.integrations.payments.port import (
    PaymentProvider,
    ProviderRefusedRequest,
    ProviderTimeout,
    ProviderUnreachable,
)
from jalon.local.ports import free_port

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PRICE = Money(Decimal("49.00"), "EUR")
Opener = Callable[[str], PaymentProvider]


@asynccontextmanager
async def _answering(raw: bytes) -> AsyncIterator[str]:
    """A server that reads a request, sends these bytes and closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    port = free_port()
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        yield f"http://127.0.0.1:{port}"


def _http(status: str, body: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return (head + body).encode()


UNKNOWN = {
    "hung up": b"",
    "half an answer": b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{",
    "not HTTP": b"220 smtp.example.com ready\r\n",
    "500": _http("500 Internal Server Error"),
    "503": _http("503 Service Unavailable"),
    "not JSON": _http("201 Created", "<html>"),
    "not an object": _http("201 Created", "[]"),
    "no status": _http("201 Created", '{"id": "ch_1"}'),
    "strange status": _http("201 Created", '{"id": "ch_1", "status": "maybe"}'),
    "bad instant": _http("201 Created", '{"id": "ch_1", "status": "succeeded", "at": "noon"}'),
}


@pytest.mark.parametrize("raw", UNKNOWN.values(), ids=UNKNOWN)
async def test_a_charge_without_a_readable_answer_is_unknown(raw: bytes, open_at: Opener) -> None:
    async with _answering(raw) as url:
        with pytest.raises(ProviderTimeout):
            await open_at(url).charge("key", PRICE, "card_ok", {}, AT)


async def test_a_charge_whose_first_request_is_still_open_is_unknown(open_at: Opener) -> None:
    async with _answering(_http("409 Conflict")) as url:
        with pytest.raises(ProviderTimeout, match="409"):
            await open_at(url).charge("key", PRICE, "card_ok", {}, AT)


@pytest.mark.parametrize("raw", UNKNOWN.values(), ids=UNKNOWN)
async def test_a_look_up_without_a_readable_answer_is_asked_again(raw: bytes, open_at: Opener) -> None:
    async with _answering(raw) as url:
        with pytest.raises(ProviderUnreachable):
            await open_at(url).find("key")


async def test_too_many_requests_were_not_performed(open_at: Opener) -> None:
    async with _answering(_http("429 Too Many Requests")) as url:
        with pytest.raises(ProviderUnreachable):
            await open_at(url).charge("key", PRICE, "card_ok", {}, AT)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (
            _http("400 Bad Request", '{"error": {"code": "invalid_request", "message": "no"}}'),
            "invalid_request",
        ),
        (_http("401 Unauthorized"), "http_401"),
        (_http("404 Not Found", '{"detail": "Not Found"}'), "http_404"),
        (_http("301 Moved Permanently"), "http_301"),
    ],
    ids=["reason", "no body", "other body", "moved"],
)
async def test_a_refused_request_has_a_code(raw: bytes, code: str, open_at: Opener) -> None:
    async with _answering(raw) as url:
        with pytest.raises(ProviderRefusedRequest) as refused:
            await open_at(url).charge("key", PRICE, "card_ok", {}, AT)
        assert refused.value.code == code


async def test_nobody_listening_is_unreachable_within_the_connect_timeout(open_at: Opener) -> None:
    provider = open_at(f"http://127.0.0.1:{free_port()}")
    async with asyncio.timeout(1.5):
        with pytest.raises(ProviderUnreachable):
            await provider.charge("key", PRICE, "card_ok", {}, AT)
