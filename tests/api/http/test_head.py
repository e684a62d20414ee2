"""HEAD where GET is, and no redirect to an address that a caller made up."""

from __future__ import annotations

from http import HTTPStatus

import httpx
import pytest

from tests.api.v1.description import operations
from tests.support.shop import Shop


def headers_of(answer: httpx.Response) -> dict[str, str]:
    return {
        name: answer.headers[name]
        for name in ("content-type", "content-length", "cache-control")
        if name in answer.headers
    }


def test_head_has_the_status_and_the_headers_of_get_and_no_body(shared_shop: Shop) -> None:
    order = shared_shop.order("anchor-design-premium").buy()
    link = shared_shop.link("contract_ready", "contract")
    client, browser = shared_shop.store.client(), shared_shop.browser
    for asked, path in (
        (browser, link), (browser, "/"), (browser, "/healthz"), (browser, "/problems/not_found"), (browser, "/h/contract/forged"),
        (client, f"/v1/orders/{order.id}"), (client, "/v1/orders/ord_none"), (client, "/nowhere"),
    ):  # fmt: skip
        got, head = asked.get(path), asked.head(path)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert headers_of(head) == headers_of(got), path
    assert order.status == "processing"


@pytest.mark.parametrize("method", ["DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    ("path", "takes"),
    [
        ("/v1/orders", "GET, HEAD, POST"),
        ("/v1/orders/ord_none/cancel", "POST"),
        ("/v1/ops/repairs/plan", "POST"),
        ("/openapi.json", "GET, HEAD"),
        ("/static/jalon.css", "GET, HEAD"),
        ("/h/contract/forged", "GET, HEAD"),
        ("/healthz", "GET, HEAD"),
    ],
)
def test_a_method_that_an_address_does_not_take_names_those_it_takes(
    shared_shop: Shop, method: str, path: str, takes: str
) -> None:
    answer = shared_shop.store.client().request(method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, takes)


@pytest.mark.parametrize("path", ["/v1/orders/", "/healthz/", "/h/contract/forged/", "/v1//orders"])
def test_no_address_leads_to_the_host_of_its_request(shared_shop: Shop, path: str) -> None:
    answer = shared_shop.store.client().get(path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert (answer.status_code, answer.headers.get("Location")) == (404, None)


PATHS = [
    *sorted({path for _, path, _ in operations()}),
    "/",
    "/problems",
    "/problems/{code}",
    "/h/contract/{token}",
    "/openapi.json",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_address_takes_head_where_get_is_and_names_its_methods(shared_shop: Shop, path: str) -> None:
    client = shared_shop.store.client()
    asked = path.replace("{seat}", "1").replace("{code}", "not_found").replace("{", "").replace("}", "")
    options, got, head = (client.request(method, asked) for method in ("OPTIONS", "GET", "HEAD"))
    allowed = options.headers["allow"].split(", ")
    assert (options.status_code, ("HEAD" in allowed) == ("GET" in allowed)) == (405, True)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert (got.status_code == HTTPStatus.METHOD_NOT_ALLOWED) == ("GET" not in allowed)
