"""A connection waits for no head and no rest of a body for ever, and who sends no HTTP is told so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api.http import connections
from api.http.connections import HEAD_BYTES_AT_MOST, BoundedConnection

SOON = 0.2
LIMIT = 5.0


async def answers_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads no body."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The port of a server with short times."""
    monkeypatch.setattr(connections, "HEAD_WITHIN_SECONDS", SOON)
    monkeypatch.setattr(connections, "REST_WITHIN_SECONDS", SOON)
    config = uvicorn.Config(
        answers_at_once, port=0, http=BoundedConnection, lifespan="off", log_level="critical"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield reader, writer
    writer.close()


async def answer_to(port: int, sent: bytes) -> bytes:
    """All that is answered until the server ends the connection."""
    async with asyncio.timeout(LIMIT), connected(port) as (reader, writer):
        writer.write(sent)
        return await reader.read()


def problem_in(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    problem: dict[str, Any] = json.loads(body)
    assert head.startswith(f"HTTP/1.1 {problem['status']} ".encode())
    assert problem["detail"].endswith(".")
    return problem


async def test_a_head_that_does_not_come_is_given_up(port: int) -> None:
    problem = problem_in(await answer_to(port, b"GET / HTTP/1.1\r\nHost: x\r\n"))
    assert (problem["status"], problem["code"]) == (408, "request_incomplete")


async def test_who_sends_nothing_is_left(port: int) -> None:
    assert await answer_to(port, b"") == b""


@pytest.mark.parametrize(
    ("rest", "pause"), [(b"GET / HTTP/1.1\r\n", 0), (b"GET / HTTP/1.1\r\n", SOON / 2), (b"\r\n", SOON / 2)]
)
async def test_the_next_request_of_a_connection_is_waited_for_no_longer(
    port: int, rest: bytes, pause: float
) -> None:
    async with asyncio.timeout(LIMIT), connected(port) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(pause)
        writer.write(rest)
        answer = await reader.read()
    first, _, second = answer.partition(b"\r\n\r\nok")
    assert first.startswith(b"HTTP/1.1 200")
    assert second == b"" or problem_in(second)["code"] == "request_incomplete"


async def test_a_body_that_nobody_waits_for_ends_the_connection(port: int) -> None:
    answer = await answer_to(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_connection_is_kept_where_the_body_comes_whole_after_its_answer(port: int) -> None:
    """A request that is refused before its body is in must not end the connection under the request after it."""
    async with asyncio.timeout(LIMIT), connected(port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
        writer.write(b"late")
        await asyncio.sleep(SOON * 2)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def test_a_connection_is_kept_after_a_whole_body(port: int) -> None:
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
    async with asyncio.timeout(LIMIT), connected(port) as (reader, writer):
        for _ in range(2):
            writer.write(request)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(2 * SOON)


@pytest.mark.parametrize("length", [HEAD_BYTES_AT_MOST - 100, HEAD_BYTES_AT_MOST + 1, 4 * HEAD_BYTES_AT_MOST])
async def test_a_head_has_a_limit(port: int, length: int) -> None:
    sent = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: " + b"a" * length + b"\r\n\r\n"
    answer = await answer_to(port, sent)
    if length < HEAD_BYTES_AT_MOST:
        assert answer.startswith(b"HTTP/1.1 200")
    else:
        assert problem_in(answer)["code"] == "headers_too_large"


async def test_many_small_headers_are_counted_together(port: int) -> None:
    headers = b"".join(b"X-%d: a\r\n" % number for number in range(20_000))
    assert problem_in(await answer_to(port, b"GET / HTTP/1.1\r\n" + headers + b"\r\n"))["status"] == 431


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"get / HTTP/1.1\r\n\r\n",
        b"GET /\xc3\xa9 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nX Y: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 15\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_in_words(port: int, sent: bytes) -> None:
    problem = problem_in(await answer_to(port, sent))
    assert (problem["status"], problem["code"]) == (400, "unreadable_request")
