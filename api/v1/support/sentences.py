"""The state in a sentence that can be read out to the customer: true in every state, and silent about why something is held or stopped."""

from __future__ import annotations

from datetime import datetime

from api.v1.support.reading import Known
from api.v1.support.spoken import Spoken
from api.web.hosted.pages import Pages
from api.web.orders.states import LineStanding, line_standing, standing_of
from jalon.domain.projections import OrderLine, OrderProjection, SubscriptionProjection

_DATED = frozenset({"cart", "declined"})
_CLOSES = frozenset({"certificate", "certificate_over", "confirmation"})


def sentence_of(known: Known, spoken: Spoken, pages: Pages) -> str:
    """The sentence for the entity's present state."""
    if isinstance(known.projected, OrderProjection):
        return _of_order(known, known.projected, spoken)
    return _of_subscription(known.projected, spoken, pages, known.now)


def standings_of_lines(known: Known, order: OrderProjection) -> tuple[LineStanding, ...]:
    """The standing of each line that was begun."""
    begun = {line.id: line for line in known.lines}
    return tuple(
        _standing(line, begun.get(line.subscription or ""), known.now)
        for line in order.lines
        if line.subscription
    )


def _standing(_: OrderLine, begun: SubscriptionProjection | None, now: datetime) -> LineStanding:
    return line_standing(begun, now)


def _of_order(known: Known, order: OrderProjection, spoken: Spoken) -> str:
    lines = standings_of_lines(known, order)
    standing = standing_of(order, lines, known.now)
    state, until = standing.state, standing.until
    if state in _DATED:
        return spoken.dated("read_out", state, until)
    if state in _CLOSES and until is not None:
        return spoken.say("read_out", state, when=spoken.fmt.until(until))
    if state == "completed":
        at = order.completed_at
        return (
            spoken.say("read_out", state, when=spoken.fmt.day(at))
            if at
            else spoken.own["read_out"]["completed_open"]
        )
    if state == "to_activate":
        return _to_activate(lines, spoken)
    said = spoken.own["read_out"][state]
    if state in ("held", "working") and until is not None:
        said += " " + spoken.say("read_out", "news", when=spoken.fmt.until(until))
    return said


def _to_activate(lines: tuple[LineStanding, ...], spoken: Spoken) -> str:
    """What the buyer has to do first: to activate, else to pay."""
    activates = [line.until for line in lines if line.state == "to_activate"]
    if activates:
        return spoken.dated("read_out", "to_activate", min(filter(None, activates), default=None))
    pays = [line.until for line in lines if line.state == "to_pay" and line.until is not None]
    return spoken.say("read_out", "to_pay", when=spoken.fmt.until(min(pays)))


def _of_subscription(line: SubscriptionProjection, spoken: Spoken, pages: Pages, now: datetime) -> str:
    said = pages.sentence(line, line_standing(line, now), spoken.language, spoken.fmt, now)
    return spoken.say("read_out", "of_product", product=line.product, sentence=said)
