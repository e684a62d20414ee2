"""A request counts once it is whole, has its turn or is refused in time, and nothing of a refused one is done."""

from __future__ import annotations

import asyncio
import socket
import time
import uuid
from typing import Any

import httpx
import pytest
from fastapi import HTTPException
from starlette.types import Message, Receive, Scope, Send

from api.http import admission
from api.http.admission import AdmissionMiddleware
from api.http.request_context import RequestContext, context_of
from tests.support.shop import OpenShop

BODY = {"type": "http.request", "body": b"{}", "more_body": False}
PART = {"type": "http.request", "body": b"{", "more_body": True}


class Behind:
    """The application behind the middleware: it holds each request until `go`, and notes what it was given."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.bodies: list[bytes] = []
        self.spent: list[float] = []

    async def __call__(self, scope: Scope, receive: Receive, _: Send) -> None:
        self.spent.append(context_of(scope).spent)
        self.bodies.append((await receive())["body"])
        await self.go.wait()


async def ask(
    middleware: AdmissionMiddleware, *messages: Message, path: str = "/v1/orders", key: bool = True
) -> None:
    """Sends a request whose body comes in these messages, and then nothing more."""
    coming: asyncio.Queue[Message] = asyncio.Queue()
    for message in messages:
        coming.put_nowait(message)
    headers = [(b"authorization", b"Bearer jln_x")] if key else []
    scope: dict[str, Any] = {"type": "http", "path": path, "headers": headers}
    scope["state"] = {"context": RequestContext()}

    async def send(_: Message) -> None: ...

    await middleware(scope, coming.get, send)


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "BODY_WITHIN_SECONDS", 0.05)
    behind = Behind()
    with pytest.raises(HTTPException) as given_up:
        await ask(AdmissionMiddleware(behind), PART)
    assert (given_up.value.status_code, behind.bodies) == (408, [])


async def test_a_client_that_leaves_in_the_middle_has_asked_for_nothing() -> None:
    behind = Behind()
    with pytest.raises(HTTPException):
        await ask(AdmissionMiddleware(behind), PART, {"type": "http.disconnect"})
    assert behind.bodies == []


async def test_without_a_key_nobody_waits_for_the_body() -> None:
    behind = Behind()
    behind.go.set()
    await ask(AdmissionMiddleware(behind), key=False)
    assert behind.bodies == [b""]


async def test_who_gets_no_turn_is_refused_in_time_and_a_free_turn_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "AT_ONCE", 2)
    monkeypatch.setattr(admission, "QUEUED_SECONDS", 0.05)
    behind = Behind()
    middleware = AdmissionMiddleware(behind)
    working = [asyncio.create_task(ask(middleware, BODY)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(HTTPException) as refused:
        await ask(middleware, BODY)
    assert refused.value.status_code == 503
    assert refused.value.headers == {"Retry-After": "1"}
    probe = asyncio.create_task(ask(middleware, BODY, path="/healthz"))
    await asyncio.sleep(0.01)
    assert len(behind.bodies) == 3
    behind.go.set()
    await asyncio.gather(*working, probe)
    await ask(middleware, BODY)
    assert behind.bodies == [b"{}"] * 4


async def test_who_waits_for_long_holds_nobody_up_and_gives_its_turn_back_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "AT_ONCE", 1)
    monkeypatch.setattr(admission, "HELD_SECONDS", 0.05)
    behind = Behind()
    middleware = AdmissionMiddleware(behind)
    waiting = [asyncio.create_task(ask(middleware, BODY)) for _ in range(3)]
    await asyncio.sleep(0.5)
    assert len(behind.bodies) == len(waiting)
    behind.go.set()
    await asyncio.gather(*waiting)
    behind.go.clear()
    monkeypatch.setattr(admission, "HELD_SECONDS", 60)
    monkeypatch.setattr(admission, "QUEUED_SECONDS", 0.05)
    working = asyncio.create_task(ask(middleware, BODY))
    await asyncio.sleep(0.01)
    with pytest.raises(HTTPException):
        await ask(middleware, BODY)
    behind.go.set()
    await working


def test_a_slow_line_orders_too_and_counts_from_when_it_was_whole(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium")
    body = b'{"reason": "changed our mind"}'
    url = httpx.URL(shop.machine.urls["api"])
    head = (
        f"POST {order.url}/cancel HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {shop.machine.keys['storefront']}\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port or 80), timeout=30) as line:
        line.sendall(head.encode() + body[:5])
        time.sleep(3.5)
        line.sendall(body[5:])
        answer = line.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    assert order.read()["status"] == "cancelled"
