"""A life as a pole: its milestones in order, reached, awaited or held, read off the view of an order or a subscription."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jalon.domain.emails import Milestone
from jalon.domain.statuses import OrderStatus, SubscriptionStatus

View = Mapping[str, Any]


def of(view: View) -> tuple[Milestone, ...]:
    """The milestones of an entity's view, whose instants are ISO 8601 texts or aware datetimes."""
    return _of_subscription(view) if "term_number" in view else _of_order(view)


def _instant(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _reached(label: Any, at: Any) -> Milestone:
    return Milestone(label, "reached", at=_instant(at))


def _awaited(label: Any, until: Any = None) -> Milestone:
    return Milestone(label, "awaited", until=_instant(until))


def _of_order(view: View) -> tuple[Milestone, ...]:
    if not view.get("placed_at"):
        return (_awaited("ordered"),)
    poles = [_reached("ordered", view["placed_at"])]
    if view["status"] == OrderStatus.EXPORT_HOLD:
        return (*poles, Milestone("screening", "held"), _awaited("payment"), _awaited("active"))
    if view.get("waiting_for") == "buyer_certificate":
        poles.append(_awaited("certificate"))
    paid = (view.get("payment") or {}).get("state") in ("captured", "mandate")
    poles.append(_reached("payment", None) if paid else _awaited("payment"))
    poles.append(_reached("active", None) if view["status"] == OrderStatus.COMPLETED else _awaited("active"))
    return tuple(poles)


def _of_subscription(view: View) -> tuple[Milestone, ...]:
    poles = [_reached("ordered", view["ordered_at"])]
    if view["status"] in (SubscriptionStatus.PENDING_ACTIVATION, SubscriptionStatus.VOID):
        return (*poles, *_activation(view))
    poles.append(_reached("active", None))
    if view.get("ended_at"):
        gone = view["status"] == SubscriptionStatus.PURGED
        poles.append(_reached("term_end", view["ended_at"]))
        poles.append(
            _reached("purged", view["retained_until"])
            if gone
            else _awaited("data_kept", view["retained_until"])
        )
    elif view.get("stop_requested_at"):
        poles.append(_awaited("term_end", view["term_end"]))
    else:
        committed = view.get("renewal_committed_at") is not None
        poles.append(
            _reached("stop_cutoff", view["stop_by"])
            if committed
            else _awaited("stop_cutoff", view["stop_by"])
        )
        poles.append(_awaited("renewal", view["term_end"]))
    return tuple(poles)


def _activation(view: View) -> list[Milestone]:
    poles = [
        _reached(step["step"], step["done_at"]) if step["done_at"] else _awaited(step["step"])
        for step in view["steps"]
    ]
    return [
        *poles,
        _awaited("active", view["activation_by"] if view["status"] != SubscriptionStatus.VOID else None),
    ]
