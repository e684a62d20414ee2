"""Hostile input where no body is taken, where no JSON is announced, and in the headers that name a site."""

from __future__ import annotations

import uuid

import pytest

from tests.api.http.test_hostile import JSON, NO_JSON
from tests.support.shop import Order, Shop
from tests.support.wire import Wire, WireAnswer


def post(wire: Wire, path: str, body: bytes, *headers: bytes) -> WireAnswer:
    return wire.ask("POST", path, f"Idempotency-Key: {uuid.uuid4()}".encode(), *headers, body=body)


@pytest.mark.parametrize("name", NO_JSON)
def test_a_route_without_a_body_refuses_what_is_no_json(wire: Wire, name: str) -> None:
    answer = post(wire, "/v1/subscriptions/sub_none/seats/1/revoke", NO_JSON[name], JSON)
    assert (answer.status, answer.problem["code"]) == (400, "malformed_json")


@pytest.mark.parametrize(
    "body",
    [b'{"\\ud800": 1}', b'{"\\u0000": 1}', b'{"a": 1, "\\udfff": 2}', b'{"a": 1}', b"[]", b"null", b"0"],
)
def test_a_route_without_a_body_refuses_every_value(wire: Wire, body: bytes) -> None:
    answer = post(wire, "/v1/subscriptions/sub_none/seats/1/revoke", body, JSON)
    assert (answer.status, answer.problem["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "path", ["/v1/keys/accept", "/v1/keys/link", "/v1/subscriptions/sub_x/seats/1/revoke"]
)
@pytest.mark.parametrize("body", [b"[" * 2_000, b'{"\\ud800": 1}'])
def test_a_body_without_a_key_is_no_failure(wire: Wire, path: str, body: bytes) -> None:
    answer = post(Wire(wire.url), path, body, b"Authorization: Bearer jln_none")
    assert 400 <= answer.status < 500, answer.body


@pytest.mark.parametrize(
    "name", ["an exponent of twenty digits", "980 objects", "UTF-16", "a NUL at the end"]
)
def test_what_is_announced_as_text_is_not_read(wire: Wire, cart: Order, name: str) -> None:
    answer = post(wire, f"{cart.url}/cancel", NO_JSON[name], b"Content-Type: text/plain")
    assert (answer.status, answer.problem["code"]) == (415, "not_json")


@pytest.mark.parametrize(
    "origin", [b"http://[", b"http://[::1", b"http://]", b"//[x", b"\xff", b"http://a\xbd/[", b""]
)
def test_an_origin_that_is_no_address_is_of_another_site(
    shared_shop: Shop, wire: Wire, origin: bytes
) -> None:
    form = b"Content-Type: application/x-www-form-urlencoded"
    path = f"/portal/{shared_shop.id}/FR/code"
    answer = Wire(wire.url).ask("POST", path, form, b"Origin: " + origin, body=b"email=ada%40example.com")
    assert answer.status == 400, answer.body
    assert b"<h1>" in answer.body


@pytest.mark.parametrize(
    "host", [b"[", b"[::1", b"]", b"a:b:c", b"a:99999999", b"\xff", b"a\xbd", b"a@b", b"/", b"?", b"#", b""]
)
def test_a_host_that_is_no_address_is_no_failure(wire: Wire, cart: Order, host: bytes) -> None:
    lines = [
        f"POST {cart.url}/cancel HTTP/1.1".encode(),
        b"Host: " + host,
        b"Connection: close",
        JSON,
        f"Authorization: Bearer {wire.key}".encode(),
        f"Idempotency-Key: {uuid.uuid4()}".encode(),
        b"Content-Length: 2",
    ]
    answer = wire.send(b"\r\n".join(lines) + b"\r\n\r\n{}")
    assert 400 <= answer.status < 500, answer.body
    assert cart.status == "cart"


@pytest.mark.parametrize("query", [b"?\xff", b"?a=\xed\xa0\x80", b"?%ff=%fe"])
def test_a_write_whose_query_is_no_text_is_no_failure(wire: Wire, cart: Order, query: bytes) -> None:
    key = f"Idempotency-Key: {uuid.uuid4()}".encode()
    answer = wire.ask("POST", f"{cart.url}/cancel".encode() + query, JSON, key, body=b'{"reason": "x"}')
    assert 400 <= answer.status < 500, answer.body
    assert cart.status == "cart"


@pytest.mark.parametrize(
    "after", ["2026-01-01/ord_%00", "2026-01-01/ord_%ed%a0%80", "2026-W01-1/sub_%ff", "%00/ord_1"]
)
def test_a_cursor_of_two_parts_that_is_none_is_no_failure(shared_shop: Shop, wire: Wire, after: str) -> None:
    support = Wire(wire.url, shared_shop.machine.keys["support"])
    assert support.ask("GET", f"/v1/support/tasks?after={after}").status in {200, 422}
