"""A history goes page by page, however long it is, and misses nothing of any source."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from jalon.domain.transition import AuditEntry, Settled, TimelineEntry
from jalon.persistence.entities import histories, transitions
from jalon.persistence.entities.histories import EVERYTHING, Item, ItemKind, Place, Source, Wanted
from jalon.persistence.money import ledgers
from jalon.persistence.operations import worklists
from jalon.persistence.people import notes
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition

LONG = 20_000
BLOCKS_AT_MOST = 500
"""A page reads some blocks for each of its rows. Whoever reads the events of the whole history reads 532 and more."""
EXPLAINED = text(f"explain (analyze, buffers, format json) {histories.PAGE.text}")
_TRANSITIONS = text(
    """insert into transition (store_id, entity_id, epoch, seq, digest, at, recorded_at)
       select :store, :entity, 0, n, ''::bytea, :at, cast(:at as timestamptz) + n * interval '1 second' from generate_series(10, :many) n"""
)
_EVENTS = text(
    """insert into timeline (store_id, entity_id, epoch, seq, n, at, event, data)
       select :store, :entity, 0, n, 0, :at, 'seat_assigned', '{}' from generate_series(10, :many) n"""
)


async def whole(
    sessions: Sessions, store: str, entities: Sequence[str], limit: int, wanted: Wanted = EVERYTHING
) -> list[list[Item]]:
    """Every page of a history, or of its wanted kinds."""
    pages: list[list[Item]] = []
    place: Place | None = Place()
    while place is not None:
        async with sessions.of(store) as tx:
            found, place = await histories.page(tx, entities, limit, place, wanted)
        pages.append(found)
    return pages


async def test_pages_of_any_size_hold_every_item_once(
    sessions: Sessions, parties: Parties, here: str, entity: str
) -> None:
    other = f"{entity}x"
    async with sessions.of(here) as tx:
        who = await parties.meet(tx, here, email="ana@example.com", name="Ana", language="fr")
    for seq in range(1, 6):
        for each in (entity, other):
            told = (TimelineEntry(AT, "first"), TimelineEntry(AT, "second"))
            settled = (Settled(f"req_{each}_{seq}", True, {}),)
            async with sessions.of(here) as tx:
                await transitions.record(tx, transition(here, each, seq, timeline=told, settled=settled))
                key = f"{each}/{seq}"
                await ledgers.intend_mail(
                    tx, key=key, store=here, entity=each, party=who, template="order_processing", message_id=f"<{key}>", at=AT,
                )  # fmt: skip
                await worklists.record_audit(tx, here, each, AuditEntry(AT, "Grace", "support", "looked"))
                await notes.write(
                    tx, parties, store=here, entity=each, party=who, text=f"note {key}", actor="Grace", role="support", at=AT,
                )  # fmt: skip
    (all_at_once,) = await whole(sessions, here, [entity, other], 100)
    assert len(all_at_once) == 2 * 5 * (2 + 1 + 1 + 1)
    recorded = [item.recorded_at for item in all_at_once]
    assert recorded == sorted(recorded, reverse=True)
    assert len([item for item in all_at_once if item.source is Source.NOTE and item.sealed]) == 10
    events = [item for item in all_at_once if item.source is Source.EVENT and item.entity == entity]
    assert [item.what for item in events] == ["second", "first"] * 5
    assert events[0].receipts == (f"req_{entity}_5",)
    for limit in (1, 3, 7):
        pages = await whole(sessions, here, [entity, other], limit)
        assert [item.place for page in pages for item in page] == [item.place for item in all_at_once]
    wanted = Wanted(frozenset({ItemKind.MAIL, ItemKind.OPERATOR}))
    some = [item for page in await whole(sessions, here, [entity, other], 3, wanted) for item in page]
    assert [item.place for item in some] == [
        item.place for item in all_at_once if item.source in {Source.MAIL, Source.AUDIT}
    ]


async def test_a_history_of_twenty_thousand_rows_pages_as_fast_at_its_end(
    sessions: Sessions, here: str, entity: str
) -> None:
    rows = {"store": here, "entity": entity, "at": AT, "many": LONG + 9}
    async with sessions.of(here) as tx:
        await tx.execute(_TRANSITIONS, rows)
        await tx.execute(_EVENTS, rows)
    for first in (LONG, 60):
        place = Place(events={entity: (0, first, 0)})
        async with sessions.of(here) as tx:
            wanted = EVERYTHING if first == LONG else Wanted(frozenset({ItemKind.EVENT}))
            found, after = await histories.page(tx, [entity], 50, place, wanted)
            parameters = histories.parameters_of([entity], 50, place, wanted)
            (plan,) = (await tx.execute(EXPLAINED, parameters)).scalar_one()
        assert [int(item.place[1]) for item in found] == list(range(first - 1, first - 51, -1))
        assert (after is None) == (first == 60)
        assert plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] < BLOCKS_AT_MOST
