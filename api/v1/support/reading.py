"""All that support's overview of one entity is made from, read in one transaction of few statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.resources import ApiResources
from api.v1.lists import seen
from api.v1.support.waits import BEGINS
from jalon.domain.kinds import KINDS, ORDER
from jalon.domain.projections import OrderProjection, SubscriptionProjection
from jalon.persistence.entities import overviews
from jalon.persistence.entities.entities import Entity, people_in
from jalon.persistence.entities.marks import marks
from jalon.persistence.entities.overviews import LedgerMail, MoneyMove, TermsKept
from jalon.persistence.entities.projections import order_of, subscription_of
from jalon.persistence.operations import clocks, stalled
from jalon.persistence.operations.stalled import Stalled
from jalon.persistence.people.parties import Party
from jalon.policy.model.store_policy import StorePolicy

Projected = OrderProjection | SubscriptionProjection


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One entity with its family at the store's instant `now`.

    `order` and `lines` are those of its family, whichever of them was asked for. `began_at` is when what it waits for began, where an
    event tells it. `trace` is that of its last receipt, `recoveries` how many requests to follow its admin wait for a decision. `mark` is
    older than all the rest. `payments` and `mails` are the latest ones of the family, the oldest first.
    """

    entity: Entity
    projected: Projected
    order: OrderProjection | None
    lines: tuple[SubscriptionProjection, ...]
    policy: StorePolicy
    now: datetime
    live: bool
    began_at: datetime | None
    payments: tuple[MoneyMove, ...]
    mails: tuple[LedgerMail, ...]
    terms: tuple[TermsKept, ...]
    stalled: tuple[Stalled, ...]
    trace: str | None
    people: Mapping[str, Party]
    mark: str
    recoveries: int

    @property
    def concerned(self) -> frozenset[str]:
        """Whose payments and e-mails are about the entity: of an order its whole family's, of a subscription its order's, too."""
        if isinstance(self.projected, OrderProjection):
            return frozenset({self.entity.id, *(line.id for line in self.lines)})
        return frozenset({self.entity.id, self.projected.order_id})


async def read_known(tx: AsyncConnection, resources: ApiResources, entity: str) -> Known:
    """The entity with its family. Raises Problem where the caller cannot see it."""
    # A change that comes between the mark and the rest is told again, and none is missed.
    marked = (await marks(tx, [entity])).get(entity)
    found = await overviews.family(tx, entity)
    asked = next((each for each in found if each.id == entity), None)
    if asked is None:
        asked = await seen(tx, KINDS.of_id(entity) or ORDER, entity)
    order = next((order_of(each.view) for each in found if each.kind == ORDER.name), None)
    lines = tuple(subscription_of(each.view) for each in found if each.kind != ORDER.name)
    projected: Projected = (
        order_of(asked.view)
        if asked.kind == ORDER.name
        else next((each for each in lines if each.id == entity), None) or subscription_of(asked.view)
    )
    family = [each.id for each in found]
    begins = BEGINS.get(projected.waiting_for) if projected.waiting_for else None
    mails = await overviews.mails(tx, family)
    beside = await overviews.beside(tx, entity)
    wanted = dict.fromkeys([*people_in([asked.view]), *(each.party for each in mails)])
    return Known(
        entity=asked,
        projected=projected,
        order=order,
        lines=lines,
        policy=resources.policies[asked.store],
        now=await clocks.clock_now(tx, asked.store),
        live=resources.is_live(asked.store),
        began_at=await overviews.began_at(tx, entity, begins) if begins else None,
        payments=tuple(await overviews.payments(tx, family)),
        mails=tuple(mails),
        terms=tuple(await overviews.terms(tx, family)),
        stalled=tuple(await stalled.of_entity(tx, entity)),
        trace=beside.trace,
        people=await resources.parties.read(tx, *wanted) if wanted else {},
        mark=marked.mark if marked else "",
        recoveries=beside.recoveries,
    )
