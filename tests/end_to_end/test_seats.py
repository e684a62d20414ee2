"""Seats: assigned at once to people with an identity, offered to others by an invitation of limited hours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.shop import TICK, Answer, OpenShop, at, instant
from tests.support.world import turns


@pytest.mark.rule("T1", "T3", "X7")
def test_seats_from_invitation_to_assignment_and_again(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean, lise = f"jean@{shop.id}.example.com", f"lise@{shop.id}.example.com"
    subscription = shop.order({"sku": "survey-office", "quantity": 2}).buy().subscription
    assert subscription.assign(jean).ok["result"] == {"seat": 1, "state": "invited"}
    shop.settle()
    assert not shop.entitled("survey-office", jean)
    assert subscription.assign(jean).refused == (409, "already_assigned", "D3")
    assert subscription.assign(lise, seat=2).ok["result"] == {"seat": 2, "state": "invited"}
    assert subscription.assign(f"omar@{shop.id}.example.com").refused == (409, "no_free_seat", "D3")
    shop.settle()
    first = shop.link("invitation", "invitation", jean)
    shop.to("2026-06-04 09:00")
    assert subscription.seats == ["free", "free"]
    assert shop.templates()[-2:] == ["seat_released"] * 2
    expired = shop.page(first)
    assert (expired.status, expired.has_form) == (200, False)
    assert shop.templates(jean) == ["invitation"]
    assert subscription.assign(jean).ok["result"] == {"seat": 1, "state": "invited"}
    shop.settle()
    assert instant(subscription["seats"][0]["open_until"]) == at("2026-06-07 09:00")
    second = shop.link("invitation", "invitation", jean)
    assert second != first
    assert not shop.page(first).has_form
    assert shop.page(second).send(name="Jean Dupont").status == 200
    shop.settle()
    assert subscription.seats == ["assigned", "free"]
    assert shop.templates(jean) == ["invitation", "invitation", "user_added"]
    assert shop.entitled("survey-office", jean)
    assert shop.page(second).status == 200
    other = shop.order({"sku": "sketcher", "quantity": 1}).buy().subscription
    assert other.assign(jean).ok["result"] == {"seat": 1, "state": "assigned"}
    shop.settle()
    assert shop.templates(jean)[-1] == "user_added"
    assert shop.entitled("sketcher", jean)


@pytest.mark.rule("H22", "T3")
def test_a_revoked_seat_ends_access_at_once_and_its_link_stays_dead(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean, lise = f"jean@{shop.id}.example.com", f"lise@{shop.id}.example.com"
    subscription = shop.order("survey-office").buy().subscription
    assert subscription.assign(jean).ok
    shop.settle()
    page = shop.page(shop.link("invitation", "invitation", jean))
    assert subscription.revoke(1).ok
    assert subscription.revoke(2).refused == (404, "unknown_seat", "H22")
    assert subscription.assign(lise).ok
    shop.settle()
    assert page.send(name="Jean").status == 409
    assert subscription["seats"][0]["user"]["email"] == lise
    assert shop.page(shop.link("invitation", "invitation", lise)).send(name="Lise").status == 200
    shop.settle()
    assert shop.entitled("survey-office", lise)
    assert subscription.revoke(1).ok
    assert not shop.entitled("survey-office", lise)
    assert subscription.revoke(1).ok
    shop.to("2026-06-10 09:00")
    assert "seat_released" not in shop.templates()


@pytest.mark.rule("T2", "T3")
def test_an_invitation_sent_again_has_a_new_link_and_72_new_hours(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean = f"jean@{shop.id}.example.com"
    subscription = shop.order({"sku": "survey-office", "quantity": 2}).buy().subscription
    assert subscription.reinvite(1).refused == (409, "not_invited", "T3")
    assert subscription.reinvite(3).refused == (404, "unknown_seat", "H22")
    assert subscription.assign(jean).ok
    shop.settle()
    first = shop.link("invitation", "invitation", jean)
    shop.to(at("2026-06-04 09:00") - TICK)
    assert subscription.reinvite(1).ok["result"] == {"seat": 1, "state": "invited"}
    shop.settle()
    assert shop.templates(jean) == ["invitation", "invitation"]
    assert shop.browser.post(first, data={"nonce": "0f" * 16}).status_code == 409
    shop.to(at("2026-06-07 09:00") - TICK * 2)
    assert subscription.seats == ["invited", "free"]
    assert shop.page(shop.link("invitation", "invitation", jean)).send().status == 200
    assert subscription.reinvite(1).refused == (409, "not_invited", "T3")
    assert "seat_released" not in shop.templates()


@pytest.mark.rule("D3", "H22", "T1")
def test_a_seat_goes_to_another_person_in_one_step(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean, lise = f"jean@{shop.id}.example.com", f"lise@{shop.id}.example.com"
    subscription = shop.order({"sku": "survey-office", "quantity": 2}).buy().subscription
    assert subscription.assign(jean).ok
    shop.settle()
    assert shop.page(shop.link("invitation", "invitation", jean)).send().status == 200
    assert subscription.reassign(1, jean).refused == (409, "already_assigned", "D3")
    assert subscription.reassign(3, lise).refused == (404, "unknown_seat", "H22")
    assert subscription.reassign(1, lise).ok["result"] == {"seat": 1, "state": "invited"}
    assert not shop.entitled("survey-office", jean)
    shop.settle()
    assert shop.page(shop.link("invitation", "invitation", lise)).send().status == 200
    assert shop.entitled("survey-office", lise)
    assert subscription.reassign(1, jean).ok["result"] == {"seat": 1, "state": "assigned"}
    assert (shop.entitled("survey-office", jean), shop.entitled("survey-office", lise)) == (True, False)


@pytest.mark.rule("P1", "P10")
def test_users_are_managed_where_the_product_has_them_and_once_it_is_active(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-06-01 09:00")
    order = shop.order("anchor-design-premium", "anchor-design-standard").buy()
    premium, standard = order.subscriptions
    assert premium.assign("jean@example.com").refused == (409, "not_active", "P10")
    premium.start()
    standard.start()
    assert premium.assign("jean@example.com").ok
    assert standard.assign("jean@example.com").refused == (409, "no_user_management", "P1")


@pytest.mark.rule("T2", "G3")
def test_the_hours_run_from_the_sending_not_from_the_assignment(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean = f"jean@{shop.id}.example.com"
    subscription = shop.order("survey-office").buy().subscription
    step = "mail/seat-1/invitation-1"
    assert shop.operate(subscription.id, "park", step).ok
    assert subscription.assign(jean).ok
    shop.to("2026-06-05 09:00")
    assert (subscription.seats, subscription["seats"][0]["open_until"]) == (["invited"], None)
    assert shop.operate(subscription.id, "retry", step).ok
    shop.settle()
    assert instant(subscription["seats"][0]["open_until"]) == at("2026-06-08 09:00")
    assert shop.page(shop.link("invitation", "invitation", jean)).send(name="Jean").status == 200


@pytest.mark.rule("T3")
def test_a_link_stays_dead_when_its_seat_goes_to_somebody_who_needs_none(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean, lise = f"jean@{shop.id}.example.com", f"lise@{shop.id}.example.com"
    first, second = (shop.order("survey-office").buy().subscription for _ in range(2))
    for subscription, person in ((first, jean), (second, lise)):
        assert subscription.assign(person).ok
        shop.settle()
        assert shop.page(shop.link("invitation", "invitation", person)).send(name="Ana").status == 200
    shop.settle()
    link = shop.link("invitation", "invitation", jean)
    used = shop.page(link)
    assert first.revoke(1).ok
    assert first.assign(lise).ok["result"] == {"seat": 1, "state": "assigned"}
    shop.settle()
    taken = shop.page(link)
    assert not taken.has_form
    assert taken.text != used.text
    assert shop.browser.post(link, data={"nonce": "0f" * 16}).status_code == 409
    assert first["seats"][0]["user"]["email"] == lise


@pytest.mark.rule("T3", "X7")
def test_an_invitation_that_nobody_can_receive_frees_its_seat_and_the_address_may_be_mended(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean = f"jean@{shop.id}.example.com"
    subscription = shop.order("survey-office").buy().subscription
    shop.mailbox.fail("refuse_554", to=jean, count=1)
    assert subscription.assign(jean).ok
    shop.settle()
    assert subscription.seats == ["free"]
    assert "pu être remise" in shop.letter("seat_released")["text"]
    assert subscription.assign(jean).ok
    shop.settle()
    assert subscription.seats == ["invited"]
    assert subscription["seats"][0]["user"]["undeliverable"] is None
    assert shop.templates(jean) == ["invitation"]


def test_many_seats_are_read_page_by_page_and_free_ones_cost_nothing(open_shop: OpenShop) -> None:
    shop = open_shop("lifecycle", "2026-06-01 09:00")
    refused = shop.open({"sku": "collaborator", "quantity": 1001})
    assert refused.codes == {"quantity_above_self_service"}
    assert "contact" in refused.body["violations"][0]["message"]
    subscription = shop.order({"sku": "collaborator", "quantity": 1000}).buy().subscription
    jean = f"jean@{shop.id}.example.com"
    assert subscription.assign(jean, seat=180).ok["result"] == {"seat": 180, "state": "invited"}
    shop.settle()
    read = subscription.read()
    assert (
        read["seat_count"],
        len(read["seats"]),
        len(shop.store.get(subscription.url).content) < 40_000,
    ) == (
        1000,
        100,
        True,
    )
    seats: list[dict[str, Any]] = []
    query = {"limit": "100"}
    for _ in turns("the last page of seats"):
        page = Answer.of(shop.store.client().get(f"{subscription.url}/seats", params=query)).ok
        seats += page["data"]
        if not page["has_more"]:
            break
        query = {"limit": "100", "after": page["next"]}
    assert [seat["number"] for seat in seats] == list(range(1, 1001))
    taken = [(seat["number"], seat["user"]["email"]) for seat in seats if seat["state"] != "free"]
    assert taken == [(180, jean)]
    assert subscription.assign(f"lise@{shop.id}.example.com", seat=180).refused == (409, "no_free_seat", "D3")
    assert subscription.revoke(1000).ok["result"] == {"seat": 1000, "state": "free"}
    assert subscription.revoke(1001).refused == (404, "unknown_seat", "H22")
    assert Answer.of(shop.store.get(f"{subscription.url}/seats", after=1000)).ok["data"] == []


@pytest.mark.rule("T3")
def test_invitations_to_a_seat_have_a_limit_of_the_hour_and_of_the_day(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean, lise = (f"{name}@{shop.id}.example.com" for name in ("jean", "lise"))
    subscription = shop.order({"sku": "survey-office", "quantity": 2}).buy().subscription
    assert subscription.assign(jean, seat=1).ok
    for _ in range(4):
        assert subscription.reinvite(1).ok
    too_often = (409, "invited_too_often", "T3")
    refused = subscription.reinvite(1)
    assert (refused.refused, "2026-06-01 10:00" in refused.text) == (too_often, True)
    assert instant(subscription["seats"][0]["invitable_at"]) == at("2026-06-01 10:00")
    assert subscription.reassign(1, lise).refused == too_often
    assert subscription.assign(lise, seat=2).ok
    shop.to(at("2026-06-01 10:00") - TICK)
    assert subscription.reinvite(1).refused == too_often
    assert shop.templates(jean) == ["invitation"] * 5
    shop.to("2026-06-01 10:00")
    for _ in range(5):
        assert subscription.reinvite(1).ok
    assert subscription.revoke(1).ok
    shop.to(at("2026-06-02 09:00") - TICK)
    assert subscription.assign(jean, seat=1).refused == too_often
    shop.to("2026-06-02 09:00")
    assert subscription.assign(jean, seat=1).ok


@pytest.mark.rule("X21", "T3")
def test_an_invitation_that_cannot_leave_is_withdrawn_with_its_seat(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-06-01 09:00")
    jean = f"jean@{shop.id}.example.com"
    subscription = shop.order({"sku": "survey-office", "quantity": 2}).buy().subscription
    assert shop.operate(subscription.id, "park", "mail/seat-1/invitation-1").ok
    assert subscription.assign(jean).ok["result"] == {"seat": 1, "state": "invited"}
    shop.settle()
    assert [each["step"] for each in subscription.read()["parked"]] == ["mail/seat-1/invitation-1"]
    assert subscription.revoke(1).ok
    shop.settle()
    assert subscription.read()["parked"] == []
    assert shop.templates(jean) == []
    withdrawn = [each for each in subscription.timeline()["timeline"] if each["event"] == "mail_withdrawn"]
    assert [each["data"] for each in withdrawn] == [{"template": "invitation"}]
    assert shop.operate(subscription.id, "retry", "mail/seat-1/invitation-1").refused[:2] == (
        409,
        "not_parked",
    )
    assert subscription.assign(jean, seat=1).ok["result"] == {"seat": 1, "state": "invited"}
    shop.settle()
    assert shop.templates(jean) == ["invitation"]
