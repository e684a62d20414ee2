"""The metrics of an API process: their labels stay few, whatever requests arrive."""

from __future__ import annotations

import re

import httpx
from prometheus_client import CollectorRegistry

from api.http.metrics import Metrics
from tests.support.machines import Serving
from tests.support.metrics import samples_of, served_by
from tests.support.plain import PLAIN
from tests.support.shop import Shop

REQUESTS = "jalon_http_request_duration_seconds_count"
NEVER_A_LABEL = re.compile(r"(ord|sub|pty|req|key|rec|doc)_\w{20}|@|jln_")


def test_requests_are_counted_by_template_method_and_class_of_status() -> None:
    metrics = Metrics(CollectorRegistry())
    for status in (200, 201, 404, 0):
        metrics.request("GET", "/v1/orders/{order_id}", status, 0.2)
    metrics.request("BREW", "unknown", 405, 0.001)
    counts = {
        (s.labels["route"], s.labels["method"], s.labels["status"]): s.value
        for s in samples_of(metrics.registry)
        if s.name == REQUESTS
    }
    assert counts == {
        ("/v1/orders/{order_id}", "GET", "2xx"): 2,
        ("/v1/orders/{order_id}", "GET", "4xx"): 1,
        ("/v1/orders/{order_id}", "GET", "none"): 1,
        ("unknown", "OTHER", "4xx"): 1,
    }


def test_no_label_holds_an_id_an_address_or_a_path(shared_shop: Shop, machine: Serving) -> None:
    shared_shop.order("anchor-design-premium").buy()
    for path in ("/v1/orders/ada@example.com", "/h/contract/forged", "/nowhere/ada@example.com"):
        assert httpx.get(machine.urls["api"] + path, verify=PLAIN).status_code in (401, 404)
    for name in ("api", "worker", "relay"):
        for sample in served_by(machine, name):
            assert [text for text in sample.labels.values() if NEVER_A_LABEL.search(text)] == []
