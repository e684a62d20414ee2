"""People: a later cart changes nobody, an audited command does, and what was placed keeps its names (X18)."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from jalon.persistence.sessions import Sessions
from tests.support.machines import Serving
from tests.support.shop import Answer, OpenShop, Order, Shop

MARY = {"name": "Mary Smith", "company": "Smith Ltd", "language": "en"}


def change(shop: Shop, order: Order, role: str = "support", **asked: str) -> Answer:
    """Asks for a change of the order's buyer."""
    body = {"reason": "She called."} | asked
    return Answer.of(shop.store.post(f"/v1/people/{order['buyer']['id']}/changes", body, role=role))


def named(order: Order) -> tuple[str, ...]:
    """The order's buyer as it is shown now."""
    buyer = order.read()["buyer"]
    return tuple(buyer[each] for each in ("email", "name", "company", "language"))


@pytest.mark.rule("X18")
def test_a_later_cart_under_the_same_address_changes_no_earlier_order(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    first = shop.order("anchor-design-premium").buy()
    later = shop.order("anchor-design-premium", buyer={"email": shop.email.upper()} | MARY)
    assert named(first) == (shop.email, "Ana Lefèvre", "Lefèvre SARL", "fr")
    assert named(later) == (shop.email, *MARY.values())
    assert first["buyer"]["id"] == later["buyer"]["id"]
    later.buy()
    contract = shop.browser.get(f"{shop.link('contract_ready', 'contract')}/document").text
    assert "Smith Ltd" in contract
    assert "Lefèvre" not in contract
    first.subscription.start()
    assert "Ana Lefèvre" in shop.letter("subscription_active")["text"]
    assert "Mary Smith" not in shop.letter("subscription_active")["text"]


@pytest.mark.rule("X18", "T6")
def test_an_order_is_screened_under_the_names_that_it_was_placed_under(open_shop: OpenShop) -> None:
    shop = open_shop("geomatics", "2026-03-02 10:00")
    listed = {"name": "Eve", "company": "ADT Analog and Digital Technik", "language": "en"}
    for number, (first, later, statuses) in enumerate(
        ((MARY, listed, ["completed", "export_hold"]), (listed, MARY, ["export_hold", "completed"]))
    ):
        email = f"mary{number}@{shop.id}.example.com"
        orders = [shop.order("sketcher", buyer={"email": email} | names) for names in (first, later)]
        assert [order.buy().status for order in orders] == statuses
        assert [named(order)[1:] for order in orders] == [tuple(each.values()) for each in (first, later)]


@pytest.mark.rule("X18")
def test_mail_goes_to_the_address_of_today_under_the_names_of_then(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium").buy()
    moved = f"ana.martin@{shop.id}.example.com"
    changed = change(shop, order, email=moved, name="Ana Martin").ok
    assert (changed["email"], changed["name"], changed["company"]) == (moved, "Ana Martin", "Lefèvre SARL")
    assert named(order) == (moved, "Ana Lefèvre", "Lefèvre SARL", "fr")
    order.subscription.start()
    assert "Ana Lefèvre" in shop.letter("subscription_active", to=moved)["text"]
    assert Answer.of(shop.store.get("/v1/orders", store=shop.id, buyer_email=moved)).ok["data"]


async def test_a_change_is_in_the_audit_without_what_it_was(open_shop: OpenShop, machine: Serving) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium")
    assert change(shop, order, name="Zo\u00e9 Zygmunt").ok
    assert change(shop, order, language="en").ok
    sessions = Sessions.connect(machine.environment["JALON_DATABASE_URL"])
    async with sessions.of(shop.id) as tx:
        rows = (
            await tx.execute(
                text("select * from audit where entity_id = :id order by id"), {"id": order["buyer"]["id"]}
            )
        ).all()
    await sessions.close()
    assert [(row.action, row.reason, row.data["changed"]) for row in rows] == [
        ("change_person", "She called.", ["name"]),
        ("change_person", "She called.", ["language"]),
    ]
    assert rows[1].previous == rows[0].digest
    assert "Zygmunt" not in str(rows)


def test_what_cannot_be_changed_is_said(open_shop: OpenShop) -> None:
    shop = open_shop("fastening", "2026-01-15 10:30")
    order = shop.order("anchor-design-premium")
    other = f"bob@{shop.id}.example.com"
    shop.order("anchor-design-premium", buyer={"email": other, "name": "Bob"})
    assert change(shop, order, email=other).refused[:2] == (409, "address_taken")
    assert change(shop, order).status == 422
    assert change(shop, order, email="a@b..com").status == 422
    assert change(shop, order, role="compliance", name="Eve").status == 403
    path = "/v1/people/pty_none/changes"
    assert Answer.of(shop.store.post(path, {"name": "Eve", "reason": "why"}, role="support")).status == 404
    assert named(order) == (shop.email, "Ana Lefèvre", "Lefèvre SARL", "fr")
