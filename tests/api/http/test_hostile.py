"""Hostile input at every interface is refused in words, or read as what it is; nothing of it is a failure of the server."""

from __future__ import annotations

import gzip
import uuid

import pytest

from tests.support.shop import Order, Shop
from tests.support.wire import Wire, WireAnswer

JSON = b"Content-Type: application/json"
REASON = b'{"reason": "changed our mind"}'


@pytest.fixture
def own_cart(shared_shop: Shop) -> Order:
    """A cart that the test may cancel."""
    return shared_shop.order("anchor-design-premium")


def cancel(wire: Wire, cart: Order, body: bytes, *headers: bytes) -> WireAnswer:
    key = f"Idempotency-Key: {uuid.uuid4()}".encode()
    return wire.ask("POST", f"{cart.url}/cancel", key, *(headers or (JSON,)), body=body)


NO_JSON = {
    "a byte order mark": b"\xef\xbb\xbf" + REASON,
    "UTF-16": REASON.decode().encode("utf-16"),
    "UTF-32": REASON.decode().encode("utf-32"),
    "Latin-1": b'{"reason": "caf\xe9"}',
    "an overlong slash": b'{"reason": "\xc0\xaf"}',
    "an overlong NUL": b'{"reason": "\xc0\x80"}',
    "half a pair in UTF-8": b'{"reason": "\xed\xa0\x80"}',
    "a NUL in a text": b'{"reason": "a\x00b"}',
    "a NUL at the end": REASON + b"\x00",
    "two values": REASON + REASON,
    "a comment": b"/* why */" + REASON,
    "single quotes": b"{'reason': 'x'}",
    "a comma at the end": b'{"reason": "x",}',
    "a key twice, once escaped": b'{"reason": "x", "re\\u0061son": "y"}',
    "60,000 digits": b'{"reason": ' + b"9" * 60_000 + b"}",
    "an exponent": b'{"reason": 1e999}',
    "minus infinity": b'{"reason": -Infinity}',
    "an exponent of twenty digits": b'{"reason": 0e99999999999999999999}',
    "an exponent of twenty digits, below zero": b'{"reason": 1e-99999999999999999999}',
    "300 levels": b'{"reason": ' + b"[" * 300 + b"]" * 300 + b"}",
    "980 objects": b'{"a": ' * 980 + b"1" + b"}" * 980,
    "20,000 levels": b'{"reason": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "9,000 objects": b'{"a": ' * 9_000 + b"1" + b"}" * 9_000,
}


@pytest.mark.parametrize("name", NO_JSON)
def test_a_body_that_is_no_json_of_one_value_is_refused(wire: Wire, cart: Order, name: str) -> None:
    answer = cancel(wire, cart, NO_JSON[name])
    assert (answer.status, answer.problem["code"]) == (400, "malformed_json")
    assert cart.status == "cart"


UNFIT = {
    "half a pair": b'{"reason": "\\ud800"}',
    "NUL": b'{"reason": "a\\u0000b"}',
    "a key of NUL": b'{"reason": "x", "\\u0000": 1}',
    "a key of half a pair": b'{"reason": "x", "\\udfff": 1}',
    "13 levels": b'{"reason": ' + b"[" * 13 + b"]" * 13 + b"}",
    "a name of an object's own": b'{"reason": "x", "__proto__": {}}',
    "a zero-width space": b'{"reason": "\\u200b"}',
    "a mark that reverses": b'{"reason": "a\\u202eb"}',
    "a line separator": b'{"reason": "a\\u2028b"}',
    "1,001 letters": b'{"reason": "' + b"a" * 1001 + b'"}',
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_text_that_nobody_may_send_is_refused(wire: Wire, cart: Order, name: str) -> None:
    answer = cancel(wire, cart, UNFIT[name])
    assert (answer.status, answer.problem["code"]) == (422, "invalid_request")
    assert cart.status == "cart"


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Type: text/plain",),
        (b"Content-Type:",),
        (b"Content-Type: \xff\xfe",),
        (b"Content-Type: multipart/form-data; boundary=x",),
        (b"Content-Type: application/x-www-form-urlencoded",),
        (JSON, b"Content-Encoding: gzip"),
        (JSON, b"Content-Encoding: br, zstd"),
    ],
)
def test_a_body_that_is_announced_as_something_else_is_refused(
    wire: Wire, cart: Order, headers: tuple[bytes, ...]
) -> None:
    body = gzip.compress(REASON) if b"Content-Encoding: gzip" in headers else REASON
    answer = cancel(wire, cart, body, *headers)
    assert (answer.status, answer.problem["code"]) == (415, "not_json")
    assert cart.status == "cart"


@pytest.mark.parametrize(
    "headers",
    [
        (b"Content-Type: APPLICATION/JSON; charset=utf-16",),
        (b"Content-Type: application/merge-patch+json",),
        (JSON, b"Content-Encoding: identity"),
        (JSON, b"Expect: 100-continue"),
        (JSON, b"Range: bytes=0-3"),
        (JSON, b"X-HTTP-Method-Override: DELETE"),
        (JSON, b'If-Match: "none"'),
        (JSON, b"Upgrade: websocket"),
        (JSON, b"X: \xff\xfe"),
    ],
)
def test_headers_that_mean_nothing_here_change_nothing(
    wire: Wire, own_cart: Order, headers: tuple[bytes, ...]
) -> None:
    assert cancel(wire, own_cart, REASON, *headers).status == 200
    assert own_cart.status == "cancelled"


def test_a_body_in_chunks_is_read_and_a_broken_chunk_is_not(wire: Wire, own_cart: Order) -> None:
    key = f"Idempotency-Key: {uuid.uuid4()}".encode()
    head = b"\r\n".join(
        [
            f"POST {own_cart.url}/cancel HTTP/1.1".encode(),
            b"Host: jalon",
            b"Connection: close",
            JSON,
            key,
            b"Transfer-Encoding: chunked",
            f"Authorization: Bearer {wire.key}".encode(),
            b"",
            b"",
        ]
    )
    for size in (b"zz", b"f" * 20):
        assert wire.send(head + size + b"\r\n" + REASON).problem["code"] == "unreadable_request"
    assert own_cart.status == "cart"
    chunk = f"{len(REASON):x}\r\n".encode() + REASON + b"\r\n0\r\n\r\n"
    assert wire.send(head + chunk).status == 200


def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(wire: Wire, cart: Order) -> None:
    answer = wire.ask("POST", f"{cart.url}/cancel", JSON, b"Idempotency-Key: k", b"Content-Length: 65537")
    assert (answer.status, answer.problem["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/orders/%ff%fe",
        "/v1/orders/%c0%af",
        "/v1/orders/%ed%a0%80",
        "/v1/orders/%EF%BB%BF",
        "/v1/orders/..%2f..%2fetc%2fpasswd",
        "/v1/orders/../keys",
        "/v1/orders/%2e%2e/keys",
        "/v1/orders/a%2Fb",
        "/v1/orders/a%5cb",
        "//v1/orders",
        "/v1/orders;a=b",
        "/v1/orders/%zz",
        "/v1/orders/" + "a" * 60_000,
        "/static/../pyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/static/" + "a" * 5000,
        "/static/",
        "/metrics",
        "/problems/..%2f",
        "/problems/" + "x" * 3000,
        "/h/contract/%ff",
        "/h/contract/" + "a." * 3000,
        "/h/portal/..%2f",
        "/h/nothing/x",
    ],
)
def test_an_address_where_nothing_is_says_so(wire: Wire, path: str) -> None:
    answer = wire.ask("GET", path)
    assert answer.status == 404
    if path.startswith(("/h/", "/problems/")):
        assert b"<h1>" in answer.body
    else:
        assert answer.problem["code"] in {"not_found", "unknown_path"}


@pytest.mark.parametrize(
    "query",
    [
        "limit=%ff",
        "limit=" + "9" * 5000,
        "limit=1e5",
        "limit=%D9%A1",
        "limit=",
        "limit=-1",
        "limit=NaN",
        "store=%ed%a0%80",
        "store=%u0000",
        "%zz=%",
        "a;b",
        "&&&=",
        "&".join(f"a{number}=1" for number in range(5000)),
        "limit=1&limit=1",
        "placed_after=9999-12-31T23:59:59-14:00",
        "placed_after=0001-01-01T00:00:00%2B14:00",
        "placed_after=2026-01-01T00:00:00%2B99:99",
        "placed_after=" + "9" * 5000,
        "after=%F0%9F%98%80",
    ],
)
def test_a_query_that_cannot_be_is_refused(wire: Wire, query: str) -> None:
    answer = wire.ask("GET", f"/v1/orders?{query}")
    assert (answer.status, answer.problem["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization:",
        b"Authorization: Basic YTpi",
        b"Authorization: jln_x",
        b"Authorization: Bearer \xc3\xa9\xff",
        b"Authorization: Bearer " + b"a" * 30_000,
        b"Authorization: Bearer a, b",
        b"Authorization: Bearer jln_x\r\nAuthorization: Bearer jln_y",
    ],
)
def test_an_authorization_that_is_none_is_401(wire: Wire, header: bytes) -> None:
    answer = Wire(wire.url).ask("GET", "/v1/orders", header)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.problem["code"] in {"key_missing", "key_invalid"}


def test_of_two_keys_none_counts(wire: Wire) -> None:
    assert wire.ask("GET", "/v1/orders", b"Authorization: Bearer jln_x").problem["code"] == "key_invalid"


@pytest.mark.parametrize("key", [b"\xc3\xa9", b"\xff", b"a b", b"a\tb", b"", b"a" * 256, b"a" * 60_000])
def test_an_idempotency_key_that_is_none_is_refused(wire: Wire, cart: Order, key: bytes) -> None:
    answer = wire.ask("POST", f"{cart.url}/cancel", JSON, b"Idempotency-Key: " + key, body=REASON)
    assert (answer.status, answer.problem["code"]) == (400, "idempotency_key_invalid")


def test_http_of_yesterday_and_an_address_with_a_host_are_answered(wire: Wire) -> None:
    assert wire.ask("GET", "/v1/orders?limit=1", version="1.0").status == 200
    foreign = wire.ask("GET", "http://evil.example/v1/orders?limit=1", b"Host: other.example")
    assert (foreign.status, foreign.headers.get("location")) == (200, None)
    assert b"evil.example" not in foreign.body


@pytest.mark.parametrize(
    "header", [b"Range: bytes=0-3", b"Range: bytes=999999-", b"Range: lines=a-b", b"If-None-Match: \xff"]
)
def test_a_file_is_answered_whole(wire: Wire, header: bytes) -> None:
    plain, asked = wire.ask("GET", "/static/jalon.css"), wire.ask("GET", "/static/jalon.css", header)
    assert (asked.status, asked.body) == (200, plain.body)
