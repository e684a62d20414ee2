"""How many wait in each stage of a life, for how long, and how many of them beyond what is promised for the stage."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.due import Due
from jalon.domain.statuses import AWAITED_NEWS, OrderStatus, SubscriptionStatus
from jalon.persistence.operations.stalled import STANDS

COUNTED_AT_MOST = 1000
"""The largest count of a stage, of those that wait longest. More of them count as this many, so that the query stays short."""

RECEIPT_SECONDS = 60
MAIL_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage in which something waits.

    `sql` finds what waits: its store, `since` when, and `due`, the instant at which the promise is broken, null where none is set. It
    names at most :most rows. Times are the store's, or real time where `real`.
    """

    name: str
    words: str
    promise: str
    rule: str | None
    sql: str
    real: bool = False


def _due(what: Due) -> str:
    return (
        "(select min((a->>'due_at')::timestamptz) from jsonb_array_elements(v.agenda) a"
        f" where a->>'what' = '{what}')"
    )


def _of_views(those: str, since: str, due: str) -> str:
    """A projection is unpacked each time that it is looked into, so that all is taken from it at once, and of no more than are counted."""
    return (
        f"select e.store_id, ({since})::timestamptz as since, {due} as due"
        f" from (select store_id, view from entity where {those} limit :most) e"
        " cross join lateral jsonb_to_record(e.view) as v (agenda jsonb, hold jsonb, holds jsonb, placed_at text, ordered_at text,"
        " past_due_since text, delayed_at text, notice_missing_since text)"
    )


def _of_orders(status: OrderStatus, since: str, due: Due) -> str:
    those = f"kind = 'order' and status = '{status}' order by created_at, id"
    return _of_views(those, since, _due(due))


_LATE = ", ".join(f"'{status}'" for status in sorted(AWAITED_NEWS))

STAGES: tuple[Stage, ...] = (
    Stage(
        "payment",
        "Orders that wait for their payment.",
        "the customer has news within the store's `sla.order_news_within`",
        "T10",
        _of_orders(OrderStatus.SUBMITTED, "v.placed_at", Due.ORDER_NEWS),
    ),
    Stage(
        "screening",
        "Orders that are being screened.",
        "the customer has news within the store's `sla.order_news_within`",
        "T10",
        _of_orders(OrderStatus.SCREENING, "v.placed_at", Due.ORDER_NEWS),
    ),
    Stage(
        "export_hold",
        "Orders on hold, which two reviewers decide.",
        "decided within the store's `export.hold_max`; then the order is cancelled",
        "T6",
        _of_orders(OrderStatus.EXPORT_HOLD, "v.hold->>'opened_at'", Due.HOLD_MAX),
    ),
    Stage(
        "person_hold",
        "New admins and users on hold, who wait for reviewers.",
        "decided within the store's `export.hold_max`; then the seat is free, or the transfer is refused",
        "X19",
        _of_views("person_held", "v.holds->0->>'opened_at'", _due(Due.HOLD_MAX)),
    ),
    Stage(
        "activation",
        "Subscriptions that wait for their admin to open, confirm or sign the contract.",
        "active within the product's `activation.window`; then the line lapses at no charge",
        "P5",
        _of_views(
            f"kind = 'subscription' and status = '{SubscriptionStatus.PENDING_ACTIVATION}' order by created_at, id",
            "v.ordered_at",
            _due(Due.ACTIVATION_WINDOW),
        ),
    ),
    Stage(
        "recovery",
        "Subscriptions whose charge failed and whose customer may still pay.",
        "paid within the store's `payment.recovery_window`",
        "X3",
        _of_views(
            "kind = 'subscription' and view->>'past_due_since' is not null order by created_at desc, id desc",
            "v.past_due_since",
            _due(Due.RECOVERY),
        ),
    ),
    Stage(
        "delayed",
        "Orders without news, whose customer support contacts.",
        "the customer has news within the store's `sla.order_news_within`, which passed",
        "T10",
        _of_views(
            f"kind = 'order' and view->>'delayed_at' is not null and status in ({_LATE}) order by view->>'delayed_at', id",
            "v.delayed_at",
            "v.delayed_at::timestamptz",
        ),
    ),
    Stage(
        "unannounced",
        "Renewals of which no notice has reached the customer, whom support contacts.",
        "told before the renewal can no longer be stopped",
        "X16",
        _of_views(
            "kind = 'subscription' and view->>'notice_missing_since' is not null order by view->>'notice_missing_since', id",
            "v.notice_missing_since",
            f"coalesce({_due(Due.STOP_CUTOFF)}, {_due(Due.TERM_END)})",
        ),
    ),
    Stage(
        "parked",
        "Orders and subscriptions with a step that waits for an operator.",
        "resolved before the next deadline of the same order or subscription",
        "G7",
        """select store_id, min(since) as since, min(due_at) as due
            from (select * from parked_step order by recorded_at limit :most) p group by store_id, entity_id""",
    ),
    Stage(
        "stalled",
        "Database steps and workflow tasks that a fault of ours keeps from going on.",
        "mended at once",
        None,
        f"select store_id, since, since as due from stalled s where {STANDS} limit :most",
        real=True,
    ),
    Stage(
        "receipt",
        "Writes that no workflow has settled.",
        f"settled within {RECEIPT_SECONDS} seconds",
        "T15",
        f"""select store_id, accepted_at as since, accepted_at + interval '{RECEIPT_SECONDS} seconds' as due from receipt
            where state = 'pending' order by seq limit :most""",
        real=True,
    ),
    Stage(
        "mail",
        "E-mails that were begun and that no mail server has taken or refused.",
        f"taken within {MAIL_SECONDS // 3600} hour",
        None,
        f"""select store_id, recorded_at as since, recorded_at + interval '{MAIL_SECONDS} seconds' as due from mail
            where state = 'intent' order by recorded_at limit :most""",
        real=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in one stage of one store. Ages and distances are in seconds; `next_seconds` is negative once a promise is broken.

    `late` is how many are beyond the promise, `next_seconds` how far away the nearest is, None where nothing that waits has one.
    """

    stage: str
    store: str
    waiting: int
    oldest_seconds: float
    late: int
    next_seconds: float | None
    next_at: datetime | None


def _read() -> str:
    found = " union all ".join(
        f"(select '{stage.name}' as stage, {str(stage.real).lower()} as real, w.* from ({stage.sql}) w)"
        for stage in STAGES
    )
    return f"""with clocks as materialized (
            select s.id, coalesce(c.now, clock_timestamp()) as now
            from unnest(cast(:stores as text[])) s(id) left join test_clock c on c.store_id = s.id),
        waiting as ({found}),
        aged as (
            select stage, store_id, case when real then clock_timestamp() else now end as now, since, due
            from waiting join clocks on clocks.id = store_id)
        select stage, store_id as store, count(*) as waiting,
               greatest(coalesce(max(extract(epoch from now - since)), 0), 0)::float8 as oldest_seconds,
               count(*) filter (where due <= now) as late, min(extract(epoch from due - now))::float8 as next_seconds,
               min(due) as next_at
        from aged group by stage, store_id"""


_READ = text(_read())


async def read(tx: AsyncConnection, stores: Collection[str]) -> list[Waiting]:
    """What waits in each stage of each store that the transaction sees; a stage in which nothing waits is left out."""
    rows = await tx.execute(_READ, {"stores": list(stores), "most": COUNTED_AT_MOST})
    return [Waiting(*row) for row in rows]


def nearest_deadlines(waiting: Collection[Waiting]) -> Mapping[str, float]:
    """The seconds until the next deadline that a parked step would hit, by store; stores without one are left out."""
    return {
        each.store: each.next_seconds
        for each in waiting
        if each.stage == "parked" and each.next_seconds is not None
    }
