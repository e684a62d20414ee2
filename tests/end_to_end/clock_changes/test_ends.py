"""The last day of a term, and what is kept after it, where a clock changes: in Paris, and on other dates in New York."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.end_to_end.clock_changes.buyers import address, started
from tests.support.shop import PARIS, TICK, OpenShop, at, instant

LINES = {"fastening": {"sku": "anchor-design-standard"}, "overseas": {"sku": "atlas"}}
PRICES = {"fastening": 48000, "overseas": 24000}
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.rule("H25", "H24", "D16")
@pytest.mark.parametrize(
    ("seller", "began", "ends"),
    [
        ("fastening", "2026-11-01T10:00:00+01:00", "2027-11-01T00:00:00+01:00"),
        ("overseas", "2026-03-15T10:00:00-04:00", "2027-03-15T00:00:00-04:00"),
    ],
    ids=["a last day of 25 hours in Paris", "of 23 hours in New York"],
)
def test_it_is_used_stopped_and_resumed_to_the_last_microsecond_of_the_last_day(
    open_shop: OpenShop, seller: str, began: str, ends: str
) -> None:
    shop, line = open_shop(seller, began), LINES[seller]
    sku = line["sku"]
    names = ("ann", "ben", "cem", "dan")
    stopped, resumed, at_the_end, renewed = started(shop, line, *names)
    for subscription in (stopped, resumed, at_the_end):
        assert instant(subscription["stop_by"]) == instant(subscription["term_end"]) == at(ends)
    assert resumed.stop().ok
    assert at_the_end.stop().ok
    shop.to(at(ends) - TICK)
    assert stopped.stop().ok
    assert resumed.resume().ok
    assert [shop.entitled(sku, address(shop, name)) for name in names] == [True] * 4
    shop.to(ends)
    assert at_the_end.resume().status == 409
    assert instant(renewed.stop().ok["result"]["term_end"]) == instant(renewed["term_end"])
    shop.to(at(ends) + TICK)
    assert [shop.entitled(sku, address(shop, name)) for name in names] == [False, True, False, True]
    price = PRICES[seller]
    assert [each.charged for each in (stopped, at_the_end)] == [[price]] * 2
    assert [each.charged for each in (resumed, renewed)] == [[price] * 2] * 2
    for name in ("ann", "cem"):
        assert shop.templates(address(shop, name)).count("subscription_ended") == 1


@pytest.mark.rule("X4", "D17")
@pytest.mark.parametrize(
    ("seller", "zone", "ends", "warned", "goes"),
    [
        ("fastening", PARIS, "2027-03-18", "2027-03-28T09:00:00+02:00", "2027-04-01T00:00:00+02:00"),
        ("overseas", NEW_YORK, "2027-10-28", "2027-11-07T09:00:00-05:00", "2027-11-11T00:00:00-05:00"),
    ],
    ids=["spring in Paris", "autumn in New York"],
)
def test_whenever_the_stop_came_the_data_is_warned_of_once_and_goes_in_its_instant(
    open_shop: OpenShop, seller: str, zone: ZoneInfo, ends: str, warned: str, goes: str
) -> None:
    """Stopped on the first day, 14 days before the last, a day later, and on the last, whose warning comes on the day of the change."""

    def day(number: int, hour: int = 0) -> datetime:
        """That hour of a day counted from the one on which the term ends."""
        return datetime.combine(date.fromisoformat(ends) + timedelta(number), time(hour), zone)

    names = ("ann", "ben", "cem", "dan")
    shop = open_shop(seller, day(-365, 10).isoformat())
    kept = dict(zip(names, started(shop, LINES[seller], *names), strict=True))
    stops = {"ann": day(-365, 10), "ben": day(-15, 12), "cem": day(-14, 12), "dan": day(0) - TICK}
    until = {"ann": day(0), "ben": day(0), "cem": day(1), "dan": at(goes)}
    for name, subscription in kept.items():
        shop.to(stops[name])
        assert instant(subscription.stop().ok["result"]["data_until"]) == until[name]
    assert [len(shop.mails("purge_warning", address(shop, name))) for name in names] == [1, 1, 1, 0]
    assert [each.status for each in kept.values()] == ["active"] * 4
    shop.to(day(0))
    assert [each.status for each in kept.values()] == ["purged", "purged", "data_retained", "data_retained"]
    shop.to(day(1))
    assert kept["cem"].status == "purged"
    for off, count in ((-TICK, 0), (timedelta(), 1), (TICK, 1)):
        shop.to(at(warned) + off)
        assert len(shop.mails("purge_warning", address(shop, "dan"))) == count
    for off, status in ((-TICK, "data_retained"), (timedelta(), "purged"), (TICK, "purged")):
        shop.to(at(goes) + off)
        assert kept["dan"].status == status
    for name in names:
        letters = shop.templates(address(shop, name))
        assert [
            letters.count(each) for each in ("renewal_stopped", "purge_warning", "subscription_ended")
        ] == [1] * 3
