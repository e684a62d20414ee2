"""The portal's routes: activate, sign, contract, seats, renewal, and the changes that an admin may make."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from tests.support.shop import SIGNER, Answer, OpenShop


@pytest.mark.rule("H3", "H4", "P7")
def test_activate_then_sign_and_each_again_changes_nothing(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription
    assert subscription.sign().refused == (409, "step_out_of_order", "H1")
    assert subscription.activate().ok["result"]["next_step"] == "sign"
    assert subscription.activate().ok["result"]["next_step"] == "sign"
    unsigned = subscription.post("sign", {"signer": {"name": "Ana", "authorised": False}})
    assert (unsigned.status, unsigned.body["violations"][0]["pointer"]) == (422, "/signer/authorised")
    for missing, pointer in (
        ({"signer": SIGNER}, "/document_sha256"),
        (
            {"signer": SIGNER | {"name": "42"}, "document_sha256": subscription.document_sha256},
            "/signer/name",
        ),
        ({"signer": SIGNER | {"name": "\u200b"}, "document_sha256": "0" * 64}, "/signer/name"),
    ):
        unnamed = subscription.post("sign", missing)
        told = [each["pointer"] for each in unnamed.body.get("violations", ())]
        assert (unnamed.status, told) == (422, [pointer])
    wrong = subscription.post("sign", {"signer": SIGNER, "document_sha256": "0" * 64})
    assert wrong.refused == (409, "document_changed", "H4")
    assert subscription.sign().ok["result"]["next_step"] is None
    shop.settle()
    assert subscription.sign().ok["status"] == "active"
    assert subscription.charged == [120000]


@pytest.mark.rule("X1", "H4")
def test_where_the_click_is_the_signature_it_needs_a_signer(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("profile-design").buy().subscription
    assert subscription.activate().refused == (422, "signer_missing", "H4")
    assert subscription.post("activate", {"signer": SIGNER}).refused == (422, "document_unnamed", "H4")
    assert subscription.activate(SIGNER).ok["result"]["next_step"] is None
    shop.settle()
    assert [step["done_at"] is not None for step in subscription["steps"]] == [True, True, True]


@pytest.mark.rule("H23", "T12")
def test_the_contract_is_the_very_bytes_that_were_hashed(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription
    contract = shop.store.get(f"{subscription.url}/contract")
    assert contract.is_success
    assert hashlib.sha256(contract.content).hexdigest() == subscription["document"]["sha256"]
    assert "sandbox" in contract.headers["content-security-policy"]


@pytest.mark.rule("H23", "H4", "T12")
def test_once_signed_the_contract_is_the_copy_that_shows_the_signature(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-11-26 10:00:12")
    subscription = shop.order("anchor-design-premium").buy().subscription
    drawn = shop.store.get(f"{subscription.url}/contract").content
    assert b'class="signature"' not in drawn
    assert subscription["signed_document"] is None
    assert subscription.start().status == "active"
    copy = shop.store.get(f"{subscription.url}/contract")
    signed: dict[str, str] = subscription.read()["signed_document"]
    assert hashlib.sha256(copy.content).hexdigest() == signed["sha256"]
    assert shop.browser.get(f"{shop.link('contract_ready', 'contract')}/document").content == copy.content
    shown = copy.text.replace("\xa0", " ")
    terms = [each["sha256"] for each in subscription["terms_documents"]]
    for fact in (
        str(SIGNER["name"]),
        str(SIGNER["title"]),
        "2026-11-26T10:00:12+01:00",
        subscription.document_sha256,
        *terms,
    ):
        assert fact in shown
    before, block, after = re.split(
        rb'(<section class="signature">.*</section>)', copy.content, flags=re.DOTALL
    )
    assert block
    assert before + after == drawn
    assert hashlib.sha256(drawn).hexdigest() == subscription.document_sha256
    assert shop.store.get(f"{subscription.url}/contract", signed="false").content == drawn


@pytest.mark.rule("X1", "H23")
def test_where_the_click_is_the_signature_the_copy_shows_it_too(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("profile-design").buy().subscription
    assert subscription.activate(SIGNER).ok
    shop.settle()
    assert str(SIGNER["name"]) in shop.store.get(f"{subscription.url}/contract").text


@pytest.mark.rule("T11", "H2")
def test_the_contract_names_the_vendor_and_holds_the_text_of_its_terms(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription
    contract = shop.store.get(f"{subscription.url}/contract").text
    for fact in (
        "Fastening Démonstration SAS",
        "14 rue des Exemples",
        "RCS Lyon 000 123 455",
        "FR31000123455",
    ):
        assert fact in contract
    assert "2. La commande non activée dans les 90 jours qui la suivent" in contract


@pytest.mark.rule("H4")
def test_the_evidence_of_a_signature_stays_out_of_the_entity(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription
    signer = SIGNER | {"name": "Someone Else"}
    assert subscription.activate().ok
    signed = {"signer": signer, "document_sha256": subscription.document_sha256}
    assert subscription.post("sign", signed).ok
    assert "Someone Else" not in json.dumps([subscription.timeline(), subscription.read()])


@pytest.mark.rule("T1", "X7", "H22")
def test_a_seat_is_given_reserved_and_taken_back(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order({"sku": "anchor-design-premium", "quantity": 2}).buy().subscription.start()
    given = subscription.assign("jean@example.com").ok
    assert given["result"] == {"seat": 1, "state": "invited"}
    assert given["seats"][0]["user"]["email"] == "jean@example.com"
    assert subscription.assign("jean@example.com").refused == (409, "already_assigned", "D3")
    assert subscription.assign("lea@example.com", seat=1).refused[1] == "no_free_seat"
    assert subscription.revoke(1).ok["result"] == {"seat": 1, "state": "free"}
    assert subscription.revoke(9).refused == (404, "unknown_seat", "H22")


@pytest.mark.rule("P9", "P12")
def test_one_change_a_request(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription.start()
    patch = shop.store.patch
    assert (
        Answer.of(patch(subscription.url, {"purchase_order_number": "PO-9"})).ok["purchase_order_number"]
        == "PO-9"
    )
    assert (
        Answer.of(patch(subscription.url, {"purchase_order_number": None})).ok["purchase_order_number"]
        is None
    )
    assert subscription.pay_with("card_ok").ok
    both = {"purchase_order_number": "x", "payment_method": {"kind": "card", "token": "card_ok"}}
    for body in (both, {}, {"payment_method": None}):
        assert Answer.of(patch(subscription.url, body)).status == 422


@pytest.mark.rule("D8")
@pytest.mark.parametrize("kind", ["bank_transfer", "CARD", "x" * 80])
def test_a_kind_of_payment_that_the_store_does_not_take_is_refused(open_shop: OpenShop, kind: str) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription.start()
    before = subscription.events
    answer = Answer.of(
        shop.store.patch(subscription.url, {"payment_method": {"kind": kind, "token": "card_ok"}})
    )
    assert answer.refused == (422, "payment_kind_not_offered", "D8")
    assert [each["pointer"] for each in answer.body["violations"]] == ["/payment_method/kind"]
    assert subscription.events == before


@pytest.mark.rule("D15", "D16")
def test_renewal_is_switched_off_and_on(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription.start()

    def with_fact(fact: str) -> list[str]:
        found = Answer.of(shop.store.get("/v1/subscriptions", store=shop.id, fact=fact)).ok["data"]
        return [each["id"] for each in found]

    assert with_fact("stop_requested_at") == []
    for _ in range(2):
        stopped = subscription.stop().ok
        assert (stopped["status"], stopped["standing"]) == ("active", "stop_requested")
    assert with_fact("stop_requested_at") == [subscription.id]
    assert with_fact("past_due_since") == []
    assert subscription.resume().ok["standing"] == "active"
    assert with_fact("stop_requested_at") == []
    for wrong in ({"fact": "stoped_at"}, {"status": "actve"}):
        assert Answer.of(shop.store.get("/v1/subscriptions", **wrong)).status == 422


@pytest.mark.rule("H25", "P1")
def test_an_entitlement_is_a_seat_or_the_buyers_own(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-standard").buy().subscription.start()

    def entitled(email: str, sku: str = "anchor-design-standard") -> bool:
        query = {"store": shop.id, "email": email, "sku": sku}
        return bool(Answer.of(shop.store.get("/v1/entitlements", **query)).ok["entitled"])

    assert entitled(shop.email)
    assert not entitled(shop.email, "anchor-design-premium")
    assert not entitled("stranger@example.com")
    assert subscription.stop().ok
    shop.to("2027-01-14 23:59:59.999999")
    assert entitled(shop.email)
    shop.to("2027-01-15 00:00")
    assert not entitled(shop.email)


@pytest.mark.rule("P5")
def test_a_void_subscription_refuses_in_words(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    subscription = shop.order("anchor-design-premium").buy().subscription
    shop.to("2026-04-16 00:00")
    assert subscription.status == "void"
    answer = subscription.activate()
    assert answer.refused == (409, "activation_window_closed", "P5")
    assert "nothing was or will be charged" in answer.body["detail"]
    assert subscription.stop().refused[1] == "entity_closed"
