"""What is stuck by cause, through the API: read by support, ops and admin, noted by ops, each store for itself."""

from __future__ import annotations

import uuid

import pytest

from jalon.client import operations
from tests.support.shop import Answer, OpenShop, Shop

CAUSES = "/v1/ops/causes"


def stop(shop: Shop) -> str:
    """An order whose payment the provider refuses."""
    order = shop.order("drafting-light")
    shop.bank.fault("refuse_400", match={"entity": order.id}, count=1, code="merchant_suspended")
    assert order.place().ok
    return order.id


def test_a_cause_is_read_noted_ignored_and_minded_again_by_each_store_for_itself(open_shop: OpenShop) -> None:
    shop, other = open_shop("drafting", "2027-03-02 10:00"), open_shop("drafting")
    stopped = [stop(shop), stop(shop)]
    stop(other)
    for each in (shop, other):
        each.settle()
    page = Answer.of(shop.store.get(CAUSES, role="support", store=shop.id)).ok
    (cause,) = page["data"]
    for kinds, wanted in ((["parked", "stalled"], [cause]), (["undeliverable"], [])):
        some = shop.store.get(CAUSES, role="support", store=shop.id, kind=kinds)
        assert Answer.of(some).ok["data"] == wanted
    path = f"{CAUSES}/{cause['fingerprint']}"
    assert (cause["error"], cause["provider_code"]) == ("ProviderRefusedRequest", "merchant_suspended")
    assert (cause["kind"], cause["step"], cause["count"], cause["stores"]) == (
        "parked",
        "payment",
        2,
        [shop.id],
    )
    assert "merchant_suspended" in cause["words"]
    assert cause["money"] == [{"amount": "1120.00", "currency": "EUR"}]
    deadline = cause["nearest_deadline"]
    assert (deadline["rule"], deadline["entity"] in stopped, deadline["at"][:4]) == ("T10", True, "2027")
    assert cause["release"].startswith("0.")
    assert cause["first_seen_at"] < cause["last_seen_at"]
    assert cause["entities"][0]["recorded_at"] < "2027"
    first = Answer.of(shop.store.get(f"{path}/entities", role="admin", store=shop.id, limit=1)).ok
    last = Answer.of(shop.store.get(f"{path}/entities", role="ops", store=shop.id, after=first["next"])).ok
    assert [each["id"] for each in (*first["data"], *last["data"])] == [
        each["id"] for each in cause["entities"]
    ]

    def change(*, role: str = "ops", key: str | None = None, where: Shop = shop, **body: object) -> Answer:
        call = operations.change_cause(cause["fingerprint"], body, where.id).under(key)
        sent = where.store.api(role).try_once(call)
        return Answer.of(sent)

    assert change(note="x", role="support").refused[:2] == (403, "role_not_allowed")
    key = str(uuid.uuid4())
    ignore = {"more": 1, "reason": "INC-7"}
    said, again = (change(note="the bank", owner="Ada", ignore=ignore, key=key) for _ in range(2))
    assert said.ok == again.ok
    for seen, listed in (("open", 0), ("ignored", 1), ("all", 1)):
        found = Answer.of(shop.store.get(CAUSES, role="ops", store=shop.id, state=seen)).ok["data"]
        assert len(found) == listed, seen
    (theirs,) = Answer.of(other.store.get(CAUSES, role="ops", store=other.id)).ok["data"]
    assert (theirs["fingerprint"], theirs["note"], theirs["count"]) == (cause["fingerprint"], None, 1)
    assert change(ignore=None).ok["ignored"] is None
    read = Answer.of(shop.store.get(path, role="admin", store=shop.id)).ok
    assert (read["note"], read["owner"], read["times_seen"]) == ("the bank", "Ada", 2)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"ignore": {"reason": "x"}}, "/ignore"),
        ({"ignore": {"more": 0, "reason": "x"}}, "/ignore/more"),
        ({"ignore": {"more": 1}}, "/ignore/reason"),
    ],
)
def test_a_change_says_what_and_how_long(shared_shop: Shop, body: dict[str, object], pointer: str) -> None:
    answer = Answer.of(shared_shop.store.patch(f"{CAUSES}/0123456789ab", body, role="ops"))
    assert answer.status == 422
    assert pointer in [each["pointer"] for each in answer.body["violations"]]


def test_an_unknown_cause_and_an_unknown_cursor_are_refused(shared_shop: Shop) -> None:
    read = shared_shop.store.get
    unknown = f"{CAUSES}/0123456789ab"
    for path in (unknown, f"{unknown}/entities"):
        assert Answer.of(read(path, role="ops")).refused[:2] == (404, "not_found")
    assert Answer.of(read(CAUSES, role="ops", after="x")).refused[:2] == (422, "cursor_unknown")
    assert Answer.of(read(f"{unknown}/entities", role="ops", after="1/2/3")).refused[:2] == (
        422,
        "cursor_unknown",
    )
    assert Answer.of(read(CAUSES, role="storefront")).refused[:2] == (403, "role_not_allowed")
