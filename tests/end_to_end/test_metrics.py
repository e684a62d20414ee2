"""The metrics of the running processes answer: did it work, what waits, and does the worker reach Temporal."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

from jalon.persistence.operations.invariants import INVARIANTS
from tests.support.machines import Serving
from tests.support.metrics import served_by, value
from tests.support.shop import Answer, OpenShop, Shop, at, eventually


def is_parked(shop: Shop, name: str) -> bool:
    """Whether that process shows a parked step of the store."""
    return value(served_by(shop.machine, name), "jalon_parked_steps", store=shop.id) == 1


def worker_lines(shop: Shop, entity: str) -> list[dict[str, Any]]:
    log = (shop.machine.data_dir / "logs" / "worker.log").read_text()
    return [json.loads(line) for line in log.splitlines() if entity in line]


def test_an_order_is_counted_by_worker_and_relay(open_shop: OpenShop, machine: Serving) -> None:
    shop = open_shop("drafting")

    def counts() -> list[float]:
        worker, relay = served_by(machine, "worker"), served_by(machine, "relay")
        return [
            value(worker, "jalon_payments_total", purpose="charge", outcome="captured"),
            value(worker, "jalon_emails_total", outcome="accepted"),
            value(
                worker,
                "jalon_activity_duration_seconds_count",
                activity="record_transition",
                outcome="completed",
            ),
            value(relay, "jalon_relay_deliveries_total", outcome="delivered"),
        ]

    before = counts()
    assert shop.order("drafting-light").buy().status == "completed"
    rises = [now - then for now, then in zip(counts(), before, strict=True)]
    assert min(rises) >= 1
    invariants_hold(shop)


def invariants_hold(shop: Shop) -> None:
    """The relay has checked the book, and nothing of the order violates anything."""

    def checked() -> dict[str, Any] | None:
        told = Answer.of(shop.store.get("/v1/ops/invariants", role="support", store=shop.id)).ok
        return told if told["checked_at"] else None

    told = eventually(checked, "the relay checks the invariants", within=90)
    assert {each["name"]: each["count"] for each in told["data"]} == {each.name: 0 for each in INVARIANTS}
    found = served_by(shop.machine, "relay")
    assert time.time() - value(found, "jalon_invariants_checked_timestamp_seconds") < 150


def parked_is_a_stage(shop: Shop) -> None:
    """The order stands in two stages, and its next deadline is that of its news, two business days away (T10)."""
    told = shop.store.get("/v1/ops/stages", role="support", store=shop.id).json()
    stages = {each["name"]: each for each in told["data"]}
    assert [name for name, each in stages.items() if each["waiting"]] == ["payment", "parked"]
    parked, news = stages["parked"], stages["payment"]["stores"][0]["next_at"]
    assert (parked["waiting"], parked["late"], stages["payment"]["rule"]) == (1, 0, "T10")
    assert told["parked_deadline"] == {"store": shop.id, "at": news, "seconds": parked["next_seconds"]}
    assert at(news) == at("2026-03-05 00:00")


def test_a_parked_step_is_a_gauge_and_two_lines_of_the_log(open_shop: OpenShop, machine: Serving) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    order = shop.order("drafting-light")
    shop.bank.fault("refuse_400", match={"entity": order.id}, count=1, code="merchant_suspended")
    assert order.place().ok
    shop.settle()
    (cause,) = shop.parked()
    parked_is_a_stage(shop)
    for name in ("api", "relay"):
        eventually(partial(is_parked, shop, name), "the parked step is a figure")
    assert value(served_by(shop.machine, "relay"), "jalon_stages_readable") == 1
    assert shop.operate(order.id, "retry", "payment").ok
    shop.settle()
    assert order.status == "completed"
    eventually(lambda: not is_parked(shop, "api"), "the figure falls again")
    lines = [line for line in worker_lines(shop, order.id) if line["event"].startswith("step_")]
    assert [line["event"] for line in lines] == ["step_parked", "step_goes_on"]
    for line in lines:
        assert (line["step"], line["fingerprint"]) == ("payment", cause["fingerprint"])
        assert line["last_error"] == cause["cause"]


def test_the_worker_tells_when_it_last_asked_for_work(machine: Serving) -> None:
    def ages() -> list[float]:
        name, queues = "jalon_worker_last_poll_timestamp_seconds", (
            ("main", "workflow"), ("main", "activity"), ("database", "activity"),
        )  # fmt: skip
        samples, now = served_by(machine, "worker"), time.time()
        return [now - value(samples, name, queue=queue, kind=kind) for queue, kind in queues]

    eventually(lambda: max(ages()) < 90, "the worker polls")
