"""Operations through the API: parked steps by cause, their repair, outages, keys and health."""

from __future__ import annotations

import asyncio
import uuid

import httpx
import pytest

from jalon.persistence.operations import stalled
from jalon.persistence.sessions import Sessions
from tests.support.machines import Serving
from tests.support.plain import PLAIN
from tests.support.shop import Answer, OpenShop, Shop, eventually
from tests.support.world import turns


def refused_charge(shop: Shop) -> str:
    """A subscription whose charge the provider refuses, so that the step parks."""
    subscription = shop.order("anchor-design-premium").buy().subscription
    shop.bank.fault("refuse_400", match={"entity": subscription.id})
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: shop.parked() or None, "the charge parks")
    return subscription.id


def test_parked_work_is_grouped_by_cause_and_tried_again(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = refused_charge(shop)
    (cause,) = shop.parked()
    assert (cause["step"], cause["count"]) == ("charge", 1)
    assert [each["id"] for each in cause["entities"]] == [subscription]
    storefront = shop.store.get(f"/v1/subscriptions/{subscription}").json()
    assert "parked" not in storefront
    wrong = shop.operate(subscription, "retry", "charge", edit={"store": "other"})
    assert wrong.refused[:2] == (409, "not_editable")
    assert (
        shop.operate(subscription, "skip", "nothing", evidence="seen at the bank").refused[1] == "not_parked"
    )
    assert shop.operate(subscription, "retry", "charge").ok["result"]["action"] == "retry"
    shop.settle()
    assert shop.parked() == []
    assert shop.bank.captures(entity=subscription)


def test_a_step_that_a_fault_of_ours_stops_is_seen_until_it_goes_on(
    open_shop: OpenShop, machine: Serving
) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription

    async def stall() -> None:
        sessions = Sessions.connect(machine.environment["JALON_DATABASE_URL"])
        async with sessions.of(shop.id) as tx:
            await stalled.note(tx, shop.id, subscription.id, "draw_up_contract", "KeyError")
        await sessions.close()

    asyncio.run(stall())
    (cause,) = shop.parked()
    assert (cause["step"], cause["cause"], cause["stalled"]) == ("draw_up_contract", "KeyError", True)
    assert [each["id"] for each in cause["entities"]] == [subscription.id]
    (seen,) = subscription.timeline()["parked"]
    assert (seen["fingerprint"], seen["stalled"]) == (cause["fingerprint"], True)
    assert subscription.activate().ok
    assert (shop.parked(), subscription.timeline()["parked"]) == ([], [])


def test_a_repair_needs_a_reason(shared_shop: Shop) -> None:
    answer = Answer.of(shared_shop.store.post("/v1/ops/entities/ord_x/park", {"step": "payment"}, role="ops"))
    assert answer.body["violations"][0]["pointer"] == "/reason"
    assert shared_shop.operate("req_x", "park", "payment").refused[:2] == (404, "not_found")
    assert shared_shop.operate("ord_x", "park", "payment").refused[:2] == (404, "not_found")


@pytest.mark.rule("G7")
def test_an_outage_is_declared_once_and_listed(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    key, body = str(uuid.uuid4()), {
        "store": shop.id, "from": "2026-04-15T20:00:00Z", "to": "2026-04-15T23:00:00Z", "reason": "a fire",
    }  # fmt: skip
    first, again = (
        Answer.of(shop.store.post("/v1/ops/outages", body, role="ops", key=key)) for _ in range(2)
    )
    assert first.ok == again.ok
    outages = Answer.of(shop.store.get("/v1/ops/outages", role="ops")).ok["data"]
    (found,) = [each for each in outages if each["store"] == shop.id]
    assert (found["source"], found["actor"], found["reason"]) == ("declared", "Octave Ops", "a fire")
    backwards = body | {"to": "2026-04-15T19:00:00Z"}
    assert Answer.of(shop.store.post("/v1/ops/outages", backwards, role="ops")).status == 422


@pytest.mark.rule("G7")
def test_every_outage_is_seen_page_by_page(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    declared = {shop.outage(f"2026-04-{day} 10:00", f"2026-04-{day} 11:00").ok["id"] for day in (15, 15, 16)}
    seen: list[int] = []
    after = None
    for _ in turns("the last page", 500):
        query = {"limit": 1} | ({"after": after} if after else {})
        page = Answer.of(shop.store.get("/v1/ops/outages", role="ops", **query)).ok
        (outage,) = page["data"]
        assert outage["id"] not in seen
        seen.append(outage["id"])
        after = page["next"]
        if not after:
            break
    assert set(seen) >= declared
    unknown = shop.store.get("/v1/ops/outages", role="ops", after=2**40)
    assert Answer.of(unknown).refused[:2] == (422, "cursor_unknown")


@pytest.mark.rule("G7")
def test_an_outage_covers_a_month_at_most_and_only_a_sandbox_rehearses_one_to_come(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("fastening")
    body = {
        "store": shop.id,
        "from": "2027-03-01T00:00:00Z",
        "to": "2027-04-01T00:00:00Z",
        "reason": "a fire",
    }

    def declared(**changes: str | None) -> Answer:
        return Answer.of(shop.store.post("/v1/ops/outages", body | changes, role="ops"))

    for end in ("2027-04-01T00:00:00.000001Z", "2062-01-01T00:00:00Z"):
        assert declared(to=end).refused == (422, "outage_too_long", "G7")
    assert declared(to="9999-12-31T23:59:59-14:00").body["violations"][0]["pointer"] == "/to"
    assert declared(store=None).refused == (422, "outage_to_come", "G7")
    assert declared().ok["ended_at"]


@pytest.mark.rule("G7")
def test_an_outage_is_withdrawn_once_with_a_reason_and_stays_on_record(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    declared = shop.outage("2026-04-15 23:50", "2026-04-16 00:10").ok
    assert shop.withdraw_outage(declared["id"], reason="").body["violations"][0]["pointer"] == "/reason"
    key = str(uuid.uuid4())
    first, again = (shop.withdraw_outage(declared["id"], key=key) for _ in range(2))
    assert first.ok == again.ok
    said = ("withdrawn_by", "withdrawal_reason")
    assert [first.ok[name] for name in said] == ["Octave Ops", "the wrong day"]
    assert shop.withdraw_outage(declared["id"]).refused == (409, "outage_withdrawn", "G7")
    outages = Answer.of(shop.store.get("/v1/ops/outages", role="ops")).ok["data"]
    assert [each for each in outages if each["store"] == shop.id] == [first.ok]
    assert first.ok["started_at"] == declared["started_at"]
    assert shop.withdraw_outage(2**62).refused[:2] == (404, "not_found")


def test_a_key_is_shown_once_and_its_token_never_again(shared_shop: Shop) -> None:
    key, body = (
        str(uuid.uuid4()),
        {"person": "Zoé", "role": "support", "stores": [shared_shop.id], "reason": "new"},
    )
    first, again = (
        Answer.of(shared_shop.store.post("/v1/keys", body, role="admin", key=key)) for _ in range(2)
    )
    assert first.ok["token"].startswith("jln_")
    assert again.ok | {"token": None} == first.ok | {"token": None}
    assert again.ok["token"] is None
    listed = shared_shop.store.get("/v1/keys", role="admin")
    assert first.ok["id"] in {each["id"] for each in listed.json()["data"]}
    assert first.ok["token"] not in listed.text
    unknown = shared_shop.store.post("/v1/keys", body | {"stores": ["no-such-store"]}, role="admin")
    assert unknown.status_code == 404


@pytest.mark.rule("T6")
@pytest.mark.parametrize("nobody", ["System", "command\u200b line", " entity ", "\u200b", "-", ""])
def test_a_key_belongs_to_somebody(shared_shop: Shop, nobody: str) -> None:
    body = {"person": nobody, "role": "compliance", "stores": [shared_shop.id], "reason": "new"}
    refused = Answer.of(shared_shop.store.post("/v1/keys", body, role="admin"))
    told = [each["pointer"] for each in refused.body.get("violations", ())]
    assert (refused.status, told) == (422, ["/person"])


def test_the_process_says_how_it_is(machine: Serving) -> None:
    url = machine.urls["api"]
    assert httpx.get(f"{url}/healthz", verify=PLAIN).json() == {"status": "ok"}
    assert httpx.get(f"{url}/readyz", verify=PLAIN).json() == {
        "ready": True,
        "database": "ok",
        "temporal": "ok",
    }
