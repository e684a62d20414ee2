"""The reads that could grow with the number of orders, each through the functions that the API, the relay and the metrics call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from jalon.domain.kinds import ORDER, SUBSCRIPTION, Kind
from jalon.domain.statuses import OrderFact, OrderStatus, Status, SubscriptionFact, SubscriptionStatus
from jalon.persistence.entities import entities, marks, outbox, timelines
from jalon.persistence.entities.entities import Entity, Filters, people_in
from jalon.persistence.inbox import receipts, targets
from jalon.persistence.money import ledgers
from jalon.persistence.operations import audits, clocks, pending_work, searching, stalled, worklists
from jalon.rehearsal.fill.asking import Asked, Read
from jalon.rehearsal.fill.rows import COMPANY, email_of
from jalon.rehearsal.fill.watched import watched_reads

PAGE, WORKLIST, FEED, SWEEP, SEARCHED = 20, 50, 100, 200, 20
"""The limits that the API and the relay ask with unless a caller says otherwise."""


def every_read() -> Iterator[Read]:
    """Every read of the table."""
    yield from _lists(ORDER, [OrderStatus.COMPLETED, OrderStatus.SCREENING, OrderStatus.SUBMITTED], OrderFact)
    yield from _lists(SUBSCRIPTION, [SubscriptionStatus.ACTIVE, SubscriptionStatus.PURGED], SubscriptionFact)
    yield from _placed()
    yield Read(
        "subscriptions of an order", lambda asked: _listed(asked, SUBSCRIPTION, order=asked.sample.order)
    )
    yield from _searches()
    yield Read("entitlement of a seat's holder", lambda asked: _entitlement(asked, asked.sample.holder))
    yield Read("entitlement of a buyer", lambda asked: _entitlement(asked, asked.sample.buyer))
    yield from _worklists()
    yield from watched_reads()
    yield from _one_entity()
    yield from _payments()
    yield from _periodic()
    yield Read("audit verify (every entry)", lambda asked: audits.verify(asked.tx, {}), bounded=False)


def _lists(
    kind: Kind[Any], statuses: Sequence[Status], facts: type[OrderFact | SubscriptionFact]
) -> Iterator[Read]:
    yield Read(f"{kind.plural}, youngest", partial(_listed, kind=kind))
    yield Read(f"{kind.plural}, a later page", partial(_later_page, kind=kind))
    yield Read(f"{kind.plural} of a buyer", partial(_of_buyer, kind=kind))
    for status in statuses:
        yield Read(f"{kind.plural}, {status}", partial(_listed, kind=kind, status=status))
    for fact in facts:
        yield Read(f"{kind.plural} with {fact}", partial(_listed, kind=kind, fact=fact))


def _placed() -> Iterator[Read]:
    now, day = datetime.now(UTC), timedelta(days=1)
    yield Read("orders placed since yesterday", partial(_listed, kind=ORDER, placed_after=now - day))
    yield Read("orders placed after tomorrow", partial(_listed, kind=ORDER, placed_after=now + day))
    yield Read(
        "orders placed over two years ago", partial(_listed, kind=ORDER, placed_before=now - 730 * day)
    )
    yield Read("orders placed on one day", _of_a_day)


def _searches() -> Iterator[Read]:
    yield Read("search by e-mail", lambda asked: _search(asked, asked.sample.buyer))
    yield Read("search by e-mail of a reseller", lambda asked: _search(asked, email_of(asked.stores[0], 0)))
    yield Read("search by number", lambda asked: _search(asked, asked.sample.number))
    yield Read("search by purchase order", lambda asked: _search(asked, f"PO-{int(asked.sample.number[4:])}"))
    yield Read("search by id", lambda asked: _search(asked, asked.sample.subscription))
    yield Read("search by a common company", lambda asked: _search(asked, COMPANY))
    yield Read("search by the beginning of an e-mail", lambda asked: _search(asked, asked.sample.buyer[:7]))
    yield Read("search by a part of an id", lambda asked: _search(asked, asked.sample.order[-6:]))
    yield Read("search with a typo", lambda asked: _search(asked, asked.sample.buyer.replace("@", "", 1)))
    yield Read("search that finds nothing", lambda asked: _search(asked, "PO-unknown"))


def _worklists() -> Iterator[Read]:
    yield Read("holds", lambda asked: worklists.holds(asked.tx, WORKLIST + 1))
    yield Read("tasks of support", lambda asked: worklists.tasks_of_support(asked.tx, WORKLIST + 1))
    yield Read("feed of events, its end", _feed_end)
    yield Read(
        "feed of events, its beginning", lambda asked: outbox.since(asked.tx, list(asked.stores), 0, FEED)
    )


def _one_entity() -> Iterator[Read]:
    yield Read("one order", lambda asked: entities.find(asked.tx, ORDER, asked.sample.order))
    yield Read("timeline of an order", _timeline)
    yield Read("mark of an order's page", lambda asked: marks.marks(asked.tx, [asked.sample.order]))
    yield Read(
        "mark of a subscription's page", lambda asked: marks.marks(asked.tx, [asked.sample.subscription])
    )
    yield Read("target of a write", _target)
    yield Read(
        "open receipts of an order",
        lambda asked: receipts.pending(asked.tx, asked.sample.store, asked.sample.order),
    )


def _payments() -> Iterator[Read]:
    yield Read("payment: provider of a mandate", _provider_of_mandate)
    yield Read(
        "payment: its row",
        lambda asked: ledgers.payment_of(asked.tx, f"{asked.sample.subscription}/charge/0"),
    )


def _periodic() -> Iterator[Read]:
    patience = receipts.PATIENCE_SECONDS
    yield Read("relay: sweep", lambda asked: receipts.undelivered(asked.tx, patience, SWEEP))
    yield Read("relay: late entities", lambda asked: stalled.late(asked.tx, asked.stores))
    yield Read("relay: clocks that advance", lambda asked: clocks.advancing(asked.tx))
    yield Read("relay: forgetting an hour", lambda asked: receipts.forget_old(asked.tx))
    yield Read("metrics: pending work", lambda asked: pending_work.read(asked.tx, patience))
    yield Read(
        "clock: next due", lambda asked: clocks.next_due(asked.tx, asked.sample.store, asked.sample.at, [])
    )
    yield Read("clock: outstanding", lambda asked: clocks.outstanding(asked.tx, asked.sample.store))
    yield Read(
        "clock: waits for a buyer", lambda asked: clocks.waits_for_a_buyer(asked.tx, asked.sample.store)
    )


async def _listed(asked: Asked, kind: Kind[Any], **filters: Any) -> None:
    await _shown(asked, await entities.listed(asked.tx, Filters(kind.name, asked.stores, PAGE, **filters)))


async def _later_page(asked: Asked, kind: Kind[Any]) -> None:
    await _listed(asked, kind, after=asked.sample.order if kind is ORDER else asked.sample.subscription)


async def _of_a_day(asked: Asked) -> None:
    at = asked.sample.at
    await _listed(asked, ORDER, placed_after=at - timedelta(days=1), placed_before=at)


async def _of_buyer(asked: Asked, kind: Kind[Any]) -> None:
    await _listed(asked, kind, buyers=await asked.parties.find(asked.tx, asked.sample.buyer))


async def _search(asked: Asked, query: str) -> None:
    found, _ = await searching.search(asked.tx, query, SEARCHED)
    await _shown(asked, [each.entity for each in found])


async def _shown(asked: Asked, found: Sequence[Entity]) -> None:
    """Reads the people of an answer, as the API does before it shows one."""
    if wanted := people_in(each.view for each in found):
        await asked.parties.read(asked.tx, *wanted)


async def _entitlement(asked: Asked, email: str) -> None:
    (person,) = await asked.parties.find(asked.tx, email)
    await entities.used_by(asked.tx, asked.sample.store, person, asked.sample.sku)


async def _feed_end(asked: Asked) -> None:
    last = await outbox.last(asked.tx, asked.sample.store)
    await outbox.since(asked.tx, list(asked.stores), max(0, last - FEED), FEED)


async def _timeline(asked: Asked) -> None:
    of_order = await entities.of_order(asked.tx, asked.sample.order)
    await timelines.timeline_items(asked.tx, [asked.sample.order, *(each.id for each in of_order)])


async def _provider_of_mandate(asked: Asked) -> None:
    reference = f"mandate_{int(asked.sample.number[4:])}"
    await ledgers.provider_of_mandate(asked.tx, asked.sample.store, reference)


async def _target(asked: Asked) -> None:
    await targets.read_target(
        asked.tx,
        stores=asked.stores,
        principal="Local storefront",
        key="no such key",
        entity=asked.sample.order,
        store=None,
        clocked=True,
    )
