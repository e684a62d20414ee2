"""The notice of a renewal and its cutoff, where a clock changes: in Paris, and on other dates in New York."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.end_to_end.clock_changes.buyers import address, started
from tests.support.portal import Guest
from tests.support.shop import TICK, OpenShop, at, instant

LINES = {
    "lifecycle": {"sku": "collaborator", "term": "P3M"},
    "overseas": {"sku": "gazetteer", "term": "P3M"},
}


@pytest.mark.rule("D14", "D15", "X22")
@pytest.mark.parametrize(
    ("seller", "began", "notice", "closes", "ends"),
    [
        ("lifecycle", "2026-02-04T09:00:00+01:00", "2026-03-29T09:00:00+02:00", "2026-04-29T00:00:00+02:00", "2026-05-04T00:00:00+02:00"),
        ("overseas", "2025-12-13T09:00:00-05:00", "2026-02-28T09:00:00-05:00", "2026-03-08T00:00:00-05:00", "2026-03-13T00:00:00-04:00"),
        ("overseas", "2026-08-06T09:00:00-04:00", "2026-10-24T09:00:00-04:00", "2026-11-01T00:00:00-04:00", "2026-11-06T00:00:00-05:00"),
    ],
    ids=["spring in Paris", "spring in New York", "autumn in New York"],
)  # fmt: skip
def test_a_notice_comes_at_its_hour_and_the_switch_is_thrown_to_the_last_microsecond(
    open_shop: OpenShop, seller: str, began: str, notice: str, closes: str, ends: str
) -> None:
    shop = open_shop(seller, began)
    names = ("ann", "ben", "cem")
    stopped, resumed, locked = subscriptions = started(shop, LINES[seller], *names)
    for subscription in subscriptions:
        dues = instant(subscription["stop_by"]), instant(subscription["term_end"])
        assert dues == (at(closes), at(ends))
    assert resumed.stop().ok
    for off, count in ((-TICK, 0), (timedelta(), 1), (TICK, 1)):
        shop.to(at(notice) + off)
        assert [len(shop.mails("renewal_notice", address(shop, name))) for name in names] == [count, 0, count]
    shop.to(at(closes) - TICK)
    assert stopped.stop().ok
    assert resumed.resume().ok
    link = shop.link("renewal_notice", "portal", address(shop, "cem"))
    with Guest(shop) as cem:
        warning = cem.send(cem.see(f"{link}/stop"), "/stop", reason="")
        shop.to(closes)
        assert cem.send(warning, "/stop").status == 409
        assert cem.see(link).forms == {}
    assert locked.stop().refused == (409, "renewal_committed", "D15")
    shop.to(at(closes) + TICK)
    assert stopped.resume().refused == (409, "renewal_committed", "D15")
    assert [instant(each["renewal_committed_at"]) for each in subscriptions] == [None, at(closes), at(closes)]
    shop.to(at(ends) - TICK)
    assert [each.status for each in subscriptions] == ["active"] * 3
    shop.to(ends)
    assert [each["term_number"] for each in subscriptions] == [0, 1, 1]
    assert [len(each.charged) for each in subscriptions] == [0, 1, 1]
    assert locked.stop().ok
