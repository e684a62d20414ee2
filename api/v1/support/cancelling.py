"""Whether the customer can cancel now: by the decisions that workflow and portal make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from api.http.rendering import in_zone
from api.v1.support.overview_answers import Cancelling
from api.v1.support.reading import Known
from api.v1.support.spoken import Spoken
from api.web.portal.visits import Action, possible
from jalon.domain.cancelling import objection_to_cancel
from jalon.domain.error_codes import ErrorCode
from jalon.domain.projections import OrderProjection, SubscriptionProjection
from jalon.domain.statuses import SubscriptionStatus

_NO_FACTS: Mapping[str, str] = {}


def cancelling_of(known: Known, spoken: Spoken) -> Cancelling:
    """Whether the entity can be cancelled, until when, and why not."""
    if isinstance(known.projected, OrderProjection):
        key = objection_of_order(known.projected)
        return _said(spoken, key or "order", possible=key is None)
    return _of_subscription(known, known.projected, spoken)


def objection_of_order(order: OrderProjection) -> str | None:
    """Why the order cannot be cancelled, as a key of the words; None where it can."""
    asked = order.cancel_requested_at is not None
    outcomes = [str(line.outcome) for line in order.lines if line.outcome is not None]
    over = objection_to_cancel(order.status, outcomes, asked=False, under_way=False)
    if over is not None:
        return "order_active" if over.code is ErrorCode.ORDER_ACTIVE else "order_closed"
    objection = objection_to_cancel(order.status, outcomes, asked=asked, under_way=asked)
    return None if objection is None else "order_under_way"


def _of_subscription(known: Known, line: SubscriptionProjection, spoken: Spoken) -> Cancelling:
    if line.status is SubscriptionStatus.PENDING_ACTIVATION:
        can = known.order is not None and objection_of_order(known.order) is None
        return _said(spoken, "line" if can else "line_closed", possible=can)
    if line.status is not SubscriptionStatus.ACTIVE:
        return _said(spoken, "over", possible=False)
    offered, wait = possible(line, known.now), line.charge_waits_for
    until = wait.until if wait is not None else line.stop_by
    zone = known.policy.store.zone
    facts = {"usable": spoken.fmt.until(line.usable_until) if line.usable_until else ""}
    if until is not None:
        facts["until"] = spoken.fmt.until(until)
    if Action.STOP in offered:
        key = "refuse" if wait is not None else "stop"
        key = key if until is not None else f"{key}_open"
        return _said(
            spoken,
            key,
            possible=True,
            until=in_zone(until, zone) if until else None,
            rule=_rule(line),
            facts=facts,
        )
    facts |= _opens(line, spoken)
    return _said(spoken, _why_not(line, offered), possible=False, rule=_rule(line), facts=facts)


def _why_not(line: SubscriptionProjection, offered: frozenset[Action]) -> str:
    if Action.RESUME in offered:
        return "stopped"
    if line.stop_requested_at is not None:
        return "stopped_for_good"
    if line.charge_waits_for is not None:
        return "renewing"
    if line.stop_by is None or (line.next_renewal_at is None and line.renewal_committed_at is None):
        return "ends"
    return "locked"


def _opens(line: SubscriptionProjection, spoken: Spoken) -> dict[str, str]:
    return {"opens": spoken.fmt.day(line.usable_until) if line.usable_until else ""}


def _rule(line: SubscriptionProjection) -> str:
    return "X16" if line.charge_waits_for is not None else "D15"


def _said(
    spoken: Spoken,
    key: str,
    *,
    possible: bool,
    until: datetime | None = None,
    rule: str | None = None,
    facts: Mapping[str, str] = _NO_FACTS,
) -> Cancelling:
    words = spoken.say("cancel", key, **facts)
    return Cancelling(possible=possible, words=words, until=until, rule=rule)
