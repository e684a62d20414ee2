"""Both clients repeat, wait and follow by the same rules, against a real server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jalon.client import operations, orders, subscriptions
from jalon.client.calls import Call
from jalon.client.concurrent import AsyncClient
from jalon.client.conversation import Answer, Exchange, Manner
from jalon.client.errors import ApiError, NotAnswered
from jalon.client.stores import advance_clock
from jalon.client.sync import Client
from jalon.local.ports import free_port
from tests.jalon.client.server import HANG_UP, Script, Told, served

Send = Callable[..., Any]

ORDER = {"id": "ord_1", "status": "cart"}
DEFERRED = Told(
    202,
    {"request_id": "req_1", "state": "pending", "order": "ord_1", "status_url": "/v1/requests/req_1"},
    {"Location": "/v1/requests/req_1", "Retry-After": "0"},
)
PENDING = Told(200, {"id": "req_1", "state": "pending"}, {"Retry-After": "0"})
BUSY = Told(409, {"code": "request_in_progress", "detail": "still at it"}, {"Retry-After": "0"})
PROBLEM = {
    "type": "https://orders.example.com/problems/purchase_order_missing",
    "title": "The purchase-order number is missing",
    "status": 422,
    "code": "purchase_order_missing",
    "detail": "2 things are wrong",
    "rule": "H19",
    "violations": [{"code": "x", "pointer": "/purchase_order_number", "message": "name it", "rule": "H19"}],
    "support": "help@example.com",
    "reference": "req_9",
}


@pytest.fixture
def script() -> Iterator[Script]:
    with served() as script:
        yield script


@pytest.fixture(params=["sync", "async"])
def send(request: pytest.FixtureRequest) -> Send:
    """`send(url, call, …)`: the answer of one call by either client."""

    def by_sync(url: str, call: Call[Any], manner: Manner) -> Any:
        with Client(url, "secret", manner) as client:
            return client.send(call)

    def by_async(url: str, call: Call[Any], manner: Manner) -> Any:
        async def carry_out() -> Any:
            async with AsyncClient(url, "secret", manner) as client:
                return await client.send(call)

        return asyncio.run(carry_out())

    carry_out = by_sync if request.param == "sync" else by_async

    def one(
        url: str, call: Call[Any], *, patience: float = 5.0, observe: Callable[[Exchange], None] = print
    ) -> Any:
        return carry_out(url, call, Manner(patience, wait_at_most=0.05, observe=observe))

    return one


def test_a_write_goes_out_once_with_key_and_signature(script: Script, send: Send) -> None:
    script.tell(Told(201, ORDER))
    assert send(script.url, orders.cancel("ord_1", "no need")) == ORDER
    (asked,) = script.asked
    assert (asked.method, asked.path, asked.body) == (
        "POST",
        "/v1/orders/ord_1/cancel",
        {"reason": "no need"},
    )
    assert asked.authorization == "Bearer secret"
    assert asked.key


def test_every_sending_of_a_call_has_a_key_of_its_own_unless_one_is_given(script: Script, send: Send) -> None:
    script.tell(Told(201, ORDER))
    call = orders.cancel("ord_1", "no need")
    for each in (call, call, call.under("mine"), orders.read("ord_1")):
        send(script.url, each)
    first, second, third = script.keys
    assert len({first, second, third}) == 3
    assert third == "mine"
    assert script.asked[-1].key is None


@pytest.mark.parametrize(
    "passing",
    [
        HANG_UP,
        BUSY,
        Told(409, {"code": "clock_advancing"}, {"Retry-After": "0"}),
        Told(409, {"code": "not_yet_open"}, {"Retry-After": "0"}),
        Told(429, {}, {"Retry-After": "0"}),
        Told(503, {"code": "database_unreachable"}, {"Retry-After": "0"}),
        Told(502, "<html>"),
    ],
    ids=["hung up", "in progress", "advancing", "not yet open", "too many", "unavailable", "bad gateway"],
)
def test_what_passes_is_repeated_under_the_same_key(script: Script, send: Send, passing: Told | str) -> None:
    seen: list[Exchange] = []
    script.tell(passing, passing, Told(200, ORDER))
    assert send(script.url, orders.cancel("ord_1", "no need"), observe=seen.append) == ORDER
    assert len(script.keys) == 3
    assert len(set(script.keys)) == 1
    assert [each.again for each in seen] == [True, True, False]


def test_as_long_as_the_server_asks_is_waited(script: Script) -> None:
    script.tell(Told(429, {}, {"Retry-After": "1"}), Told(200, ORDER))
    began = time.monotonic()
    with Client(script.url, "secret") as client:
        client.send(orders.read("ord_1"))
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422])
def test_a_problem_is_raised_at_once_with_all_that_it_says(script: Script, send: Send, status: int) -> None:
    script.tell(Told(status, PROBLEM))
    with pytest.raises(ApiError) as refused:
        send(script.url, orders.cancel("ord_1", "no need"))
    error = refused.value
    assert len(script.asked) == 1
    assert (error.status, error.code, error.rule) == (status, "purchase_order_missing", "H19")
    assert (error.title, error.detail) == (PROBLEM["title"], PROBLEM["detail"])
    assert (error.type, error.support, error.reference) == (PROBLEM["type"], "help@example.com", "req_9")
    assert [each["pointer"] for each in error.violations] == ["/purchase_order_number"]
    assert str(error) == (
        f"POST /v1/orders/ord_1/cancel: {status} purchase_order_missing 2 things are wrong name it"
    )


def test_an_answer_that_is_no_problem_of_ours_is_an_error_too(script: Script, send: Send) -> None:
    script.tell(Told(404, "<html>"))
    with pytest.raises(ApiError) as refused:
        send(script.url, orders.read("ord_1"))
    assert (refused.value.status, refused.value.code) == (404, "")


def test_a_deferred_write_is_followed_to_the_entity_that_it_left(script: Script, send: Send) -> None:
    applied = {"id": "req_1", "state": "applied", "result": {"order": "ord_1"}, "url": "/v1/orders/ord_1"}
    script.tell(DEFERRED, PENDING, BUSY, HANG_UP, PENDING, Told(200, applied), Told(200, ORDER))
    assert send(script.url, orders.cancel("ord_1", "no need")) == ORDER | {"result": {"order": "ord_1"}}
    assert script.paths == ["/v1/orders/ord_1/cancel", *["/v1/requests/req_1"] * 5, "/v1/orders/ord_1"]
    assert len(script.keys) == 1


def test_a_deferred_write_that_is_refused_is_an_error(script: Script, send: Send) -> None:
    violations = [{"code": "window_closed", "pointer": "", "message": "too late", "rule": "P5"}]
    refused = {"id": "req_1", "state": "refused", "result": None, "violations": violations}
    script.tell(DEFERRED, PENDING, Told(200, refused))
    with pytest.raises(ApiError, match="409 window_closed too late") as raised:
        send(script.url, subscriptions.activate("sub_1"))
    assert (raised.value.code, raised.value.rule, raised.value.violations) == (
        "window_closed",
        "P5",
        tuple(violations),
    )


def test_a_clock_is_followed_until_it_stands(script: Script, send: Send) -> None:
    advancing = Told(202, {"now": "2026-01-15"}, {"Location": "/v1/test-clocks/s", "Retry-After": "0"})
    script.tell(advancing, advancing, Told(200, {"now": "2026-02-15"}))
    assert send(script.url, advance_clock("s", by="P1M")) == {"now": "2026-02-15"}
    assert script.paths == ["/v1/test-clocks/s/advance", *["/v1/test-clocks/s"] * 2]


def test_patience_ends_with_key_and_last_word(script: Script, send: Send) -> None:
    script.tell(BUSY)
    with pytest.raises(NotAnswered, match=r"409 request_in_progress still at it, for 0\.3 s") as tired:
        send(script.url, orders.cancel("ord_1", "no need").under("mine"), patience=0.3)
    assert tired.value.key == "mine"


def test_patience_with_a_deferred_write_ends_with_where_to_ask(script: Script, send: Send) -> None:
    script.tell(DEFERRED, PENDING)
    with pytest.raises(NotAnswered, match="ask for /v1/requests/req_1") as tired:
        send(script.url, orders.cancel("ord_1", "no need").under("mine"), patience=0.3)
    assert (tired.value.key, tired.value.status_url) == ("mine", "/v1/requests/req_1")


def test_nobody_there_is_said_when_patience_ends(send: Send) -> None:
    with pytest.raises(NotAnswered, match=r"GET /v1/orders/ord_1: Connect\w+ .*, for 0\.2 s"):
        send(f"http://127.0.0.1:{free_port()}", orders.read("ord_1"), patience=0.2)


def test_a_caller_may_follow_a_deferred_write_later(script: Script) -> None:
    applied = {"id": "req_1", "state": "applied", "result": None, "url": "/v1/orders/ord_1"}
    script.tell(DEFERRED, Told(200, applied), Told(200, ORDER))
    with Client(script.url, "secret") as client:
        answer: Answer = client.ask(orders.cancel("ord_1", "no need").under("mine"))
        assert (answer.is_deferred, answer.key) == (True, "mine")
        assert client.follow(answer)["id"] == "ord_1"


def test_one_attempt_gives_whatever_came(script: Script) -> None:
    script.tell(BUSY)
    with Client(script.url, "secret") as client:
        assert client.try_once(orders.cancel("ord_1", "no need")).status_code == 409
    assert len(script.keys) == 1


@pytest.mark.parametrize(
    ("entity", "path"),
    [
        ("ord_1", "/v1/orders/ord_1/timeline?include=subscriptions"),
        ("sub_1", "/v1/subscriptions/sub_1/timeline"),
    ],
)
def test_a_life_is_asked_for_by_its_id_alone(script: Script, send: Send, entity: str, path: str) -> None:
    script.tell(Told(200, {"id": entity}))
    assert send(script.url, operations.timeline(entity)) == {"id": entity}
    assert script.paths == [path]


def test_an_id_stays_one_part_of_the_path(script: Script, send: Send) -> None:
    script.tell(Told(200, ORDER))
    send(script.url, orders.read("../keys?x=1"))
    assert script.paths == ["/v1/orders/..%2Fkeys%3Fx%3D1"]
