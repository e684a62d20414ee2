"""The reads of operators and of support that could grow: what is stuck, stages, invariants, and the page of one order."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from jalon.persistence.entities import histories, overviews
from jalon.persistence.entities.entities import people_in
from jalon.persistence.entities.histories import Place
from jalon.persistence.operations import causes, invariant_checks, stages, stalled
from jalon.persistence.operations.causes import CauseState
from jalon.persistence.operations.invariants import INVARIANTS
from jalon.rehearsal.fill.asking import Asked, Read
from jalon.rehearsal.fill.views import PRINTS

PAGE = 50
GATHERING_MS = 100.0
"""The longest that a read may take which gathers some thousand rows: all that is parked, what waits in every stage, thirteen invariants."""
CHECKED = 100
"""The entities of one measured check. The relay checks invariant_checks.PART at once."""

_FROM_HERE = text(
    """select e.id from unnest(array['order', 'subscription']) k cross join lateral (
           select id from entity where store_id = :store and kind = k and created_at >= :at order by created_at, id limit :most) e"""
)

CAUSES = Read(
    "causes", lambda asked: causes.listed(asked.tx, CauseState.OPEN, PAGE + 1), limit_ms=GATHERING_MS
)


def watched_reads() -> Iterator[Read]:
    """Those reads."""
    yield CAUSES
    yield Read("one cause", lambda asked: causes.find(asked.tx, PRINTS[0]), limit_ms=GATHERING_MS)
    yield Read("what is stuck for a cause", lambda asked: causes.entities_of(asked.tx, PRINTS[0], PAGE + 1))
    yield Read("parked and stalled steps", lambda asked: causes.stopped(asked.tx), limit_ms=GATHERING_MS)
    yield Read("stages", lambda asked: stages.read(asked.tx, asked.stores), limit_ms=GATHERING_MS)
    yield Read("invariants: what was found", _found)
    yield Read(
        "invariants: what changed lately", lambda asked: invariant_checks.changed(asked.tx), bounded=False
    )
    yield Read(f"invariants: a check of {CHECKED} entities", _check, limit_ms=GATHERING_MS)
    yield Read("overview of an order", _overview)
    yield Read("history of an order", _history)


async def _found(asked: Asked) -> None:
    await invariant_checks.counts(asked.tx)
    await invariant_checks.examples(asked.tx)


async def _check(asked: Asked) -> None:
    here = {"store": asked.sample.store, "at": asked.sample.at, "most": CHECKED // 2}
    entities = list(await asked.tx.scalars(_FROM_HERE, here))
    for invariant in INVARIANTS:
        await invariant_checks.check(asked.tx, invariant, entities)


async def _overview(asked: Asked) -> None:
    family = await overviews.family(asked.tx, asked.sample.order)
    ids = [each.id for each in family]
    mails = await overviews.mails(asked.tx, ids)
    await overviews.payments(asked.tx, ids)
    await overviews.terms(asked.tx, ids)
    await overviews.began_at(asked.tx, asked.sample.order, ("order_placed",))
    await stalled.of_entity(asked.tx, asked.sample.order)
    await overviews.beside(asked.tx, asked.sample.order)
    people = {*people_in(each.view for each in family), *(each.party for each in mails)}
    await asked.parties.read(asked.tx, *people)


async def _history(asked: Asked) -> None:
    family = await overviews.family(asked.tx, asked.sample.order)
    await histories.page(asked.tx, [each.id for each in family], PAGE, Place())
