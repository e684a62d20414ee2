"""What people have hours or days to accept, where a clock changes meanwhile: in Paris, and on other dates in New York."""

from __future__ import annotations

import pytest

from tests.end_to_end.clock_changes.buyers import address, started
from tests.support.shop import TICK, OpenShop, at, instant

LINES = {
    "fastening": {"sku": "anchor-design-premium", "term": "P1Y"},
    "overseas": {"sku": "gazetteer", "term": "P3M"},
}


@pytest.mark.rule("X11", "H14", "P3")
@pytest.mark.parametrize(
    ("seller", "asked", "lapses"),
    [
        ("fastening", "2026-03-15T23:59:59.999999+01:00", "2026-03-30T00:00:00+02:00"),
        ("overseas", "2026-10-25T23:59:59.999999-04:00", "2026-11-09T00:00:00-05:00"),
    ],
    ids=["spring in Paris", "autumn in New York"],
)
def test_a_new_admin_accepts_to_the_last_microsecond_of_the_fourteenth_day(
    open_shop: OpenShop, seller: str, asked: str, lapses: str
) -> None:
    shop = open_shop(seller, asked)
    names = ("ann", "ben", "cem")
    given = dict(zip(names, started(shop, LINES[seller], *names), strict=True))
    heirs = {name: address(shop, f"heir-of-{name}") for name in names}
    for name, subscription in given.items():
        person = {"email": heirs[name], "name": f"Heir of {name}", "language": "en"}
        assert subscription.post("transfer-admin", person).ok
        assert instant(subscription["transfer"]["accept_by"]) == at(lapses)
    shop.settle()
    pages = {name: shop.page(shop.link("admin_transfer_pending", "transfer", heirs[name])) for name in names}
    shop.to(at(lapses) - TICK)
    assert pages["ann"].send().status == 200
    shop.to(lapses)
    assert pages["ben"].send().status == 409
    shop.to(at(lapses) + TICK)
    assert pages["cem"].send().status == 409
    assert given["cem"].post("transfer-admin/1/accept").refused[1] == "transfer_over"
    admins = {name: subscription["admin"]["email"] for name, subscription in given.items()}
    assert admins == {"ann": heirs["ann"], "ben": address(shop, "ben"), "cem": address(shop, "cem")}
    assert [shop.page(page.path).has_form for page in pages.values()] == [False] * 3
    lapsed = [len(shop.mails("admin_transfer_lapsed", address(shop, name))) for name in names]
    assert (lapsed, len(shop.mails("admin_transferred", heirs["ann"]))) == ([0, 1, 1], 1)
    assert given["ben"].post("transfer-admin", {"email": heirs["ben"], "name": "Heir of Ben"}).ok


@pytest.mark.rule("T2", "T3", "X7")
@pytest.mark.parametrize(
    ("seller", "sent", "closes"),
    [
        ("fastening", "2026-10-23T12:00:00+02:00", "2026-10-26T11:00:00+01:00"),
        ("overseas", "2026-03-06T12:00:00-05:00", "2026-03-09T13:00:00-04:00"),
    ],
    ids=["autumn in Paris", "spring in New York"],
)
def test_an_invitation_is_sent_again_to_the_last_microsecond_of_its_72_hours(
    open_shop: OpenShop, seller: str, sent: str, closes: str
) -> None:
    shop = open_shop(seller, sent)
    (subscription,) = started(shop, LINES[seller] | {"quantity": 3}, "ann")
    invited = [address(shop, name) for name in ("jean", "lise", "omar")]
    for person in invited:
        assert subscription.assign(person).ok
    shop.settle()
    jean, lise, _ = invited
    former = [shop.page(shop.link("invitation", "invitation", person)) for person in (jean, lise)]
    assert [instant(seat["open_until"]) for seat in subscription["seats"]] == [at(closes)] * 3
    shop.to(at(closes) - TICK)
    for seat in (1, 2):
        assert subscription.reinvite(seat).ok["result"]["state"] == "invited"
    shop.settle()
    assert former[0].send().status == 409
    shop.to(closes)
    assert subscription.reinvite(3).refused == (409, "not_invited", "T3")
    assert subscription.seats == ["invited", "invited", "free"]
    again = instant(subscription["seats"][0]["open_until"])
    assert again is not None
    assert (again - at(closes)).total_seconds() == 72 * 3600 - TICK.total_seconds()
    pages = [shop.page(shop.link("invitation", "invitation", person)) for person in (jean, lise)]
    shop.to(again - TICK)
    assert [page.send().status for page in (*former, pages[0])] == [409, 409, 200]
    shop.to(again)
    assert pages[1].send().status == 409
    shop.to(again + TICK)
    assert subscription.seats == ["assigned", "free", "free"]
    assert len(shop.mails("seat_released", address(shop, "ann"))) == 2
    assert [len(shop.mails("invitation", person)) for person in invited] == [2, 2, 1]
