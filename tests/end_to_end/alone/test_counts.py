"""The metrics of the running processes, to the last one: nothing else is asked of this machine meanwhile."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import httpx

from jalon.local.machine import Machine
from jalon.metrics import KEPT_SECONDS
from tests.support.metrics import served_by, value
from tests.support.plain import PLAIN
from tests.support.shop import OpenShop, eventually

REQUESTS = "jalon_http_request_duration_seconds_count"


def test_a_request_is_counted_on_a_port_of_its_own(open_shop: OpenShop, machine: Machine) -> None:
    shop, asked = open_shop("fastening"), {"route": "/v1/orders/{order_id}", "method": "GET", "status": "2xx"}
    before = value(served_by(machine, "api"), REQUESTS, **asked)
    order = shop.order("anchor-design-premium")
    assert order.status == "cart"
    assert value(served_by(machine, "api"), REQUESTS, **asked) == before + 1
    assert httpx.get(machine.urls["api"] + "/metrics", verify=PLAIN).status_code == 404


def test_commands_are_counted_by_what_became_of_them(open_shop: OpenShop, machine: Machine) -> None:
    shop = open_shop("fastening")

    def counts() -> list[float]:
        samples = served_by(machine, "api")
        wanted = (("place", "applied"), ("place", "repeated"), ("cancel", "applied"), ("cancel", "refused"))
        return [
            value(samples, "jalon_commands_total", command=command, outcome=outcome)
            for command, outcome in wanted
        ]

    before = counts()
    order, key = shop.order("anchor-design-premium"), str(uuid.uuid4())
    assert order.place(key=key).ok
    assert order.place(key=key).ok
    shop.settle()
    order.cancel()
    order.cancel()
    after = counts()
    rises = [now - then for now, then in zip(after, before, strict=True)]
    assert rises[:2] == [1, 1]
    assert sum(rises[2:]) == 2


def at_rest(figure: Callable[[], float]) -> float:
    """A figure once it stays the same for longer than the process keeps what it has read."""

    def same() -> float | None:
        first = figure()
        time.sleep(KEPT_SECONDS + 1)
        return first if figure() == first else None

    return eventually(same, "the figure stays the same")


def test_what_the_relay_cannot_deliver_grows_old_where_the_api_shows_it(
    open_shop: OpenShop, machine: Machine
) -> None:
    def undelivered() -> float:
        return value(served_by(machine, "api"), "jalon_relay_undelivered")

    shop = open_shop("drafting")
    machine.stop("relay")
    # What earlier tests left under way is settled, or stays, as a message to a stopped entity does.
    before = at_rest(undelivered)
    assert shop.order("drafting-light").place().ok
    eventually(lambda: undelivered() > before, "the message waits")
    assert value(served_by(machine, "api"), "jalon_relay_undelivered_oldest_seconds") > 0
    machine.start("relay")
    eventually(lambda: undelivered() <= before, "the relay caught up")
    assert time.time() - value(served_by(machine, "relay"), "jalon_relay_last_sweep_timestamp_seconds") < 10
