"""Repairs in bulk: a plan is read, started by its version, and counted from what became of each order."""

from __future__ import annotations

from typing import Any

from jalon.client import operations
from tests.support.machines import Serving
from tests.support.repairs import REPAIRS, moved, planned, read, start, stopped_orders, until
from tests.support.shop import Answer, OpenShop, Shop, eventually
from tests.support.stores import SandboxStore


def giving_up_takes_a_second_person(shop: Shop) -> str:
    """Starts to give ten orders up, which the starter cannot approve. Returns the aborted repair."""
    giving_up = planned(shop, action="compensate").ok
    assert (giving_up["count"], giving_up["needs_second_person"]) == (11, True)
    waiting = start(shop, giving_up).ok
    assert waiting["state"] == "awaiting_approval"
    assert moved(shop, waiting["id"], "approve").refused[:2] == (409, "second_person_needed")
    assert moved(shop, waiting["id"], "pause").refused[:2] == (409, "repair_not_open")
    assert planned(shop).ok["refused"][0]["code"] == "in_another_repair"
    assert moved(shop, waiting["id"], "abort").ok["state"] == "aborted"
    return str(waiting["id"])


def a_second_person_approves(shop: Shop, repair: dict[str, Any]) -> None:
    """Ten steps take two people on this machine, and whoever started cannot be both."""
    assert (repair["state"], repair["approved_by"]) == ("awaiting_approval", None)
    assert moved(shop, repair["id"], "approve").refused[:2] == (409, "second_person_needed")
    approved = moved(shop, repair["id"], "approve", role="admin").ok
    assert (approved["state"], approved["approved_by"]) == ("canary", "Alix Admin")


def test_a_repair_heals_what_it_can_and_names_what_parked_again(
    open_shop: OpenShop, machine: Serving
) -> None:
    shop, stranger = open_shop("drafting", "2026-03-02 10:00"), open_shop("drafting")
    orders = stopped_orders(shop, 11, stubborn=1)

    aborted = giving_up_takes_a_second_person(shop)
    plan = planned(shop).ok
    assert (plan["count"], plan["refused"], plan["needs_second_person"]) == (11, [], True)
    assert [each["count"] for each in plan["will"]] == [11]
    assert plan["might"][0]["what"] == "charge"
    assert plan["money"] == [{"amount": "6160.00", "currency": "EUR"}]

    # What the plan found changes before it is started.
    assert shop.operate(orders[0].id, "retry", "payment").ok
    eventually(lambda: orders[0].status == "completed", "one order goes on by itself")
    changed = start(shop, plan)
    assert changed.refused[:2] == (409, "plan_changed")
    fresh = Answer.of(shop.store.get(f"{REPAIRS}/plans/{changed.body['plan']}", role="ops")).ok
    assert (fresh["count"], [each["code"] for each in fresh["refused"]]) == (10, ["not_parked"])

    # Another store's key finds neither plan nor repair.
    outsider = SandboxStore(shop.id, machine.urls["api"], {"ops": key_for(stranger, "ops")})
    body = {"plan": fresh["plan"], "version": fresh["version"]}
    assert outsider.post(REPAIRS, body, role="ops").status_code == 404
    repair = start(shop, fresh).ok
    a_second_person_approves(shop, repair)
    assert outsider.get(f"{REPAIRS}/{repair['id']}", role="ops").status_code == 404
    assert outsider.get(REPAIRS, role="ops").json()["data"] == []
    outsider.close()
    assert start(shop, fresh).refused[:2] == (409, "plan_started")

    done = until(shop, repair["id"], "done", "stopped")
    assert (done["state"], done["counts"]) == ("done", {
        "total": 11, "pending": 0, "healed": 9, "parked_again": 1, "parked_other": 0, "refused": 1,
    })  # fmt: skip
    assert [each["entity"] for each in done["parked_again"]] == [orders[-1].id]
    assert {each["entity"] for each in done["healed"]} == {each.id for each in orders[1:-1]}
    assert "| healed | 9 |" in done["report"]
    assert "started by Octave Ops" in done["report"]
    assert "approved by Alix Admin" in done["report"]
    shop.settle()
    assert [order.status for order in orders[:-1]] == ["completed"] * 10
    assert all(order.charged == [56000] for order in orders[:-1])
    told = [each for each in orders[1].timeline()["timeline"] if each.get("event") == "step_retry"]
    assert [each["actor"] for each in told] == ["Octave Ops"]
    page = shop.store.get(f"{REPAIRS}/{repair['id']}/items", role="admin", outcome="healed", limit=5).json()
    assert (len(page["data"]), page["has_more"]) == (5, True)
    listed = shop.store.get(REPAIRS, role="admin").json()["data"]
    assert [each["id"] for each in listed if each["id"] in (repair["id"], aborted)] == [repair["id"], aborted]


def test_a_repair_stops_at_its_canary_is_paused_and_aborted(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    orders = stopped_orders(shop, 5, stubborn=5)
    plan = planned(shop, canary=2, per_minute=1).ok
    repair = start(shop, plan).ok["id"]
    stopped = until(shop, repair, "stopped")
    assert stopped["counts"]["parked_again"] == 2
    assert stopped["why"] == "2 of the canary did not heal"
    assert moved(shop, repair, "resume").ok["state"] == "canary"
    eventually(lambda: read(shop, repair)["counts"]["parked_again"] == 3 or None, "one more has its turn")
    assert moved(shop, repair, "pause").ok["state"] == "paused"
    assert moved(shop, repair, "abort").ok["state"] == "aborted"
    ended = eventually(
        lambda: found if (found := read(shop, repair))["ended_at"] else None, "the repair ends"
    )
    assert (ended["counts"]["pending"], ended["counts"]["healed"]) == (2, 0)
    assert "| not sent | 2 |" in ended["report"]
    assert [order.charged for order in orders] == [[]] * 5


def test_a_repair_under_an_emergency_stop_waits_and_says_so(open_shop: OpenShop) -> None:
    shop = open_shop("drafting", "2026-03-02 10:00")
    orders = stopped_orders(shop, 2)

    def charges(*, stopped: bool) -> Answer:
        call = operations.change_stop(shop.id, "charges", "an incident", stopped=stopped)
        return Answer.of(shop.store.api("ops").try_once(call))

    assert planned(shop).ok["held"] == []
    assert charges(stopped=True).ok
    plan = planned(shop).ok
    assert [each.partition(":")[0] for each in plan["held"]] == [f"Charges of {shop.id} are stopped"]
    repair = start(shop, plan).ok["id"]
    sent = f"/v1/ops/repairs/{repair}/items"
    eventually(
        lambda: all(each["sent_at"] for each in shop.store.get(sent, role="ops").json()["data"]) or None,
        "the canary has its command",
    )
    shop.settle()
    held = read(shop, repair)
    assert (held["state"], held["why"]) == ("canary", plan["held"][0])
    assert (held["counts"]["pending"], held["counts"]["healed"]) == (2, 0)
    assert plan["held"][0] in held["report"]
    assert [order.charged for order in orders] == [[], []]

    assert charges(stopped=False).ok
    done = until(shop, repair, "done")
    assert (done["counts"]["healed"], done["why"]) == (2, None)
    assert [order.charged for order in orders] == [[56000]] * 2


def test_a_plan_that_matches_nothing_or_contradicts_itself_is_refused(shared_shop: Shop) -> None:
    body = {"name": "none", "action": "retry", "reason": "because", "selection": {"cause": "0123456789ab"}}

    def refused(**changes: Any) -> tuple[int, str, str]:
        answer = Answer.of(shared_shop.store.post(f"{REPAIRS}/plan", body | changes, role="ops"))
        return answer.status, answer.body["code"], answer.body["violations"][0]["pointer"]

    assert refused() == (422, "nothing_to_repair", "/selection/cause")
    unseen = {"entities": [{"id": "ord_x", "step": "payment"}]}
    assert refused(selection=unseen) == (422, "nothing_to_repair", "/selection/entities")
    assert refused(action="skip")[0] == 422
    elsewhere = body | {"selection": {"cause": "x", "store": "no-such-store"}}
    assert shared_shop.store.post(f"{REPAIRS}/plan", elsewhere, role="ops").status_code == 404
    answer = shared_shop.store.post(f"{REPAIRS}/plan", body, role="support")
    assert Answer.of(answer).refused[:2] == (403, "role_not_allowed")


def key_for(shop: Shop, role: str) -> str:
    body = {"person": "A stranger", "role": role, "stores": [shop.id], "reason": "a test"}
    return str(Answer.of(shop.store.post("/v1/keys", body, role="admin")).ok["token"])
