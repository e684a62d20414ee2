"""The example of every body works: it is sent to the running API as the description has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jalon.client.calls import Call
from tests.api.v1.description import example_of, operations
from tests.support.shop import Answer, OpenShop, Order, Shop, Subscription, eventually

STORE_OF_THE_EXAMPLES = "your-store"
SHARED = "the store that tests share"


EXAMPLES = {
    operation["operationId"]: (method, path, example)
    for method, path, operation in operations()
    if (example := example_of(operation)) is not None
}


def of_store(value: Any, shop: Shop) -> Any:
    """The example with the id of this copy of the store."""
    if isinstance(value, dict):
        return {key: of_store(each, shop) for key, each in value.items()}
    if isinstance(value, list):
        return [of_store(each, shop) for each in value]
    return shop.id if value == STORE_OF_THE_EXAMPLES else value


def cart(shop: Shop) -> Order:
    return shop.order("anchor-design-premium")


def gnss_cart(shop: Shop) -> Order:
    query = {"store": shop.id, "country": "FR", "audience": "company", "currency": "EUR"}
    offers = Answer.of(shop.store.get("/v1/catalog", **query)).ok["data"]
    return shop.order(
        next(offer["sku"] for offer in offers if any(t["term"] == "P1Y" for t in offer["terms"]))
    )


def held(shop: Shop) -> Order:
    order = gnss_cart(shop)
    assert order.certify(military_or_police=True).ok
    assert order.place().ok
    shop.settle()
    return order


def bought(shop: Shop) -> Subscription:
    return cart(shop).buy().subscription


def clicked(shop: Shop) -> Subscription:
    subscription = bought(shop)
    assert subscription.activate().ok
    return subscription


def running(shop: Shop) -> Subscription:
    return bought(shop).start()


def refused_charge(shop: Shop) -> Subscription:
    subscription = bought(shop)
    shop.bank.fault("refuse_400", match={"entity": subscription.id})
    assert subscription.activate().ok
    assert subscription.sign().ok
    eventually(lambda: subscription.read()["parked"] or None, "the charge parks")
    return subscription


def unannounced(shop: Shop) -> Subscription:
    subscription = shop.order("mechanical-designer").buy().subscription
    shop.mailbox.fail("refuse_554", to=shop.email, count=2)
    shop.to(subscription["stop_by"])
    return subscription


def nothing(_: Shop) -> None:
    """Prepares nothing: the example needs only its store."""


SCENES: Mapping[str, tuple[str, Callable[[Shop], Order | Subscription | None], str]] = {
    "open_order": ("storefront", nothing, SHARED),
    "change_order": ("storefront", cart, SHARED),
    "answer_certificate": ("storefront", gnss_cart, "geomatics"),
    "place_order": ("storefront", cart, SHARED),
    "cancel_order": ("storefront", cart, SHARED),
    "search_entities_by_body": ("support", nothing, SHARED),
    "change_subscription": ("storefront", running, SHARED),
    "activate_subscription": ("storefront", bought, SHARED),
    "sign_contract": ("storefront", clicked, SHARED),
    "assign_seat": ("storefront", running, SHARED),
    "reassign_seat": ("storefront", running, SHARED),
    "stop_renewal": ("storefront", running, SHARED),
    "tell_renewal": ("support", unannounced, "lifecycle"),
    "transfer_admin": ("storefront", running, SHARED),
    "change_person": ("support", cart, SHARED),
    "park_step": ("ops", bought, SHARED),
    "retry_step": ("ops", refused_charge, SHARED),
    "skip_step": ("ops", refused_charge, SHARED),
    "compensate_step": ("ops", refused_charge, SHARED),
    "change_cause": ("ops", refused_charge, SHARED),
    "plan_repair": ("ops", refused_charge, SHARED),
    "change_stop": ("ops", nothing, "fastening"),
    "declare_outage": ("ops", nothing, "fastening"),
    "withdraw_outage": ("ops", nothing, "fastening"),
    "issue_key": ("admin", nothing, SHARED),
    "resume_renewal": ("storefront", running, SHARED),
    "announce_renewal": ("support", unannounced, "lifecycle"),
    "decide_hold": ("compliance", held, "geomatics"),
    "write_note": ("support", cart, SHARED),
    "extend_deadline": ("ops", bought, SHARED),
    "ask_admin_recovery": ("support", running, SHARED),
    "advance_test_clock": ("admin", nothing, "fastening"),
}
"""The sender, the target and the store of the example, for each operation with a body."""


ELSEWHERE = {
    "resend_mail",
    "approve_admin_recovery",
    "refuse_admin_recovery",
    "keep_seats",
    "start_repair",
    "approve_repair",
    "pause_repair",
    "resume_repair",
    "abort_repair",
    "revoke_key",
}
"""What takes a store file that changes (tests/end_to_end/alone/test_fewer_seats.py), a plan (tests/api/v1/test_repairs.py), an e-mail
or a request of a colleague (tests/api/v1/support), a key (tests/api/v1/test_audit.py)."""


def test_every_body_has_an_example_and_every_example_its_scene() -> None:
    assert set(EXAMPLES) == set(SCENES) | ELSEWHERE


@pytest.mark.parametrize("name", SCENES)
def test_an_example_does_what_it_says(name: str, open_shop: OpenShop, shared_shop: Shop) -> None:
    role, scene, store = SCENES[name]
    method, path, example = EXAMPLES[name]
    shop = shared_shop if store == SHARED else open_shop(store)
    entity = scene(shop)
    named = {"store": shop.id} | dict.fromkeys(
        ("order_id", "subscription_id", "entity_id", "held_id"), entity.id if entity else ""
    )
    if name == "change_person" and entity is not None:
        named["party_id"] = entity["buyer"]["id"]
    if name == "reassign_seat":
        named["seat"] = "1"
    if name == "change_cause":
        named["fingerprint"] = shop.parked()[0]["fingerprint"]
    if name == "withdraw_outage":
        named["outage_id"] = shop.outage("2026-04-15 23:50", "2026-04-16 00:10").ok["id"]
    if name == "plan_repair" and entity is not None:
        example = example | {"selection": {"entities": [{"id": entity.id, "step": "charge"}]}}
    if "document_sha256" in example and isinstance(entity, Subscription):
        example = example | {"document_sha256": entity.document_sha256}
    call = Call[Any](method.upper(), path.format(**named), of_store(example, shop))
    answer = Answer.of(shop.store.api(role).try_once(call))
    assert answer.ok
    shop.settle()
