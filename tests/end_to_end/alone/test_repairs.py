"""Repairs in bulk while a worker is killed, and after a deploy that raises in a step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jalon.local.machine import Machine
from jalon.local.servers import ROOT
from tests.support.repairs import planned, read, start, stopped_orders, until
from tests.support.shop import OpenShop, Shop, eventually

SEEN_WITHIN_SECONDS = 90.0


@pytest.mark.timeout(180)
def test_a_kill_of_the_worker_in_the_middle_of_a_repair_repeats_nothing(
    open_shop: OpenShop, machine: Machine
) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    orders = stopped_orders(shop, 4)
    repair = start(shop, planned(shop, canary=1, per_minute=120).ok).ok["id"]
    eventually(lambda: read(shop, repair)["counts"]["healed"] >= 1, "the canary heals")
    machine.kill("worker")
    done = until(shop, repair, "done", within=90)
    assert (done["counts"]["healed"], done["counts"]["pending"]) == (4, 0)
    shop.settle()
    assert [order.charged for order in orders] == [[56000]] * 4
    retried = [
        [each["event"] for each in order.timeline()["timeline"] if each.get("event") == "step_retry"]
        for order in orders
    ]
    assert retried == [["step_retry"]] * 4


@contextmanager
def faulty_worker(machine: Machine, *options: str) -> Iterator[None]:
    """A worker of a bad release instead of the machine's own."""
    machine.stop("worker")
    command = (sys.executable, "-m", "jalon.rehearsal.faults.faulty_worker", *options)
    log = (machine.data_dir / "logs" / "faulty-worker.log").open("ab")
    worker = subprocess.Popen(
        command, cwd=ROOT, env={**machine.environment, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
    )
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()
        log.close()


@pytest.mark.timeout(300)
def test_entities_that_a_deploy_stopped_are_reset_and_counted_by_what_became_of_them(
    open_shop: OpenShop, machine: Machine, tmp_path: Path
) -> None:
    shop, fails = open_shop("drafting", "2026-03-02 10:00"), tmp_path / "fails.txt"
    orders = [shop.order("drafting-light") for _ in range(3)]
    stubborn = orders[-1]
    steps = [{"id": order.id, "step": "workflow_task"} for order in orders]
    fails.write_text("\n".join(order.id for order in orders))
    with faulty_worker(machine, "--raises", "--only", str(fails)):
        for order in orders:
            assert order.place().status in {200, 202}, "the worker may still be starting"
        cause = eventually(stuck(shop, 3), "every failing workflow task is seen", SEEN_WITHIN_SECONDS)
        assert cause["cause"] == "workflow_worker_unhandled_failure:DeployedFault"
        assert [order.charged for order in orders] == [[56000]] * 3

        plan = planned(shop, action="reset", selection={"entities": steps}, canary=0).ok
        assert (plan["count"], plan["refused"]) == (3, [])
        assert "reset the entity to the point before the fault" in plan["will"][0]["what"]
        fails.write_text(stubborn.id)
        done = until(shop, start(shop, plan).ok["id"], "done", within=120)
        assert [each["entity"] for each in done["parked_again"]] == [stubborn.id]
        assert done["counts"]["healed"] == 2

        again = planned(shop, action="reset", selection={"entities": steps[-1:]}, canary=0).ok
        assert again["count"] == 1
        fails.write_text("")
        assert until(shop, start(shop, again).ok["id"], "done", within=120)["counts"]["healed"] == 1
        eventually(
            lambda: {order.status for order in orders} == {"completed"}, "every order goes on", within=90
        )
        shop.settle()
    assert [order.charged for order in orders] == [[56000]] * 3


def stuck(shop: Shop, count: int) -> Callable[[], dict[str, object] | None]:
    def look() -> dict[str, object] | None:
        found = [each for each in shop.parked() if each["step"] == "workflow_task"]
        return found[0] if found and found[0]["count"] == count else None

    return look
