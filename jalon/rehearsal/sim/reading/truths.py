"""When a saying is so: each function judges a moment, and the words that were found in the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from jalon.domain.due import Due
from jalon.domain.events import DeadlineExtended
from jalon.domain.money import Money
from jalon.domain.projections import PaymentState
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from jalon.rehearsal.sim.reading.figures import plain
from jalon.rehearsal.sim.reading.moments import UNDER_WAY, Moment
from jalon.rehearsal.sim.reading.notice_truths import leaves_time, renewed_on

Said = re.Match[str]
Truth = Callable[[Moment, Said], bool]
ENDED = (SubscriptionStatus.ENDED, SubscriptionStatus.DATA_RETAINED, SubscriptionStatus.PURGED)
UNPAID = (PaymentState.DECLINED, PaymentState.ACTION_REQUIRED)


def has_status(*statuses: str) -> Truth:
    """The entity is in one of these statuses."""
    return lambda moment, _: moment.status in statuses


def is_due(*entries: Due) -> Truth:
    """The words name the end of one of these entries of the agenda, and it is to come."""
    return lambda moment, said: any(
        moment.is_until(said["when"], due) for due in moment.dues(*entries) if moment.comes_before(due)
    )


def happened(*events: str) -> Truth:
    """The timeline holds one of these events."""
    return lambda moment, _: any(map(moment.has, events))


def both(*truths: Truth) -> Truth:
    """All of these are so."""
    return lambda moment, said: all(truth(moment, said) for truth in truths)


# -- activation ----------------------------------------------------------------------------------------------------------------


def can_activate(moment: Moment, said: Said) -> bool:
    """A step is missing, and may be taken until then."""
    closes = moment.at("activation_by")
    pending = moment.status == SubscriptionStatus.PENDING_ACTIVATION and not moment.steps_done
    return pending and moment.comes_before(closes) and moment.is_until(said["when"], closes)


def days_left(moment: Moment, said: Said) -> bool:
    """The last open day is so many days from today: as many as the words say, tomorrow, or today."""
    days, closes = said.groupdict().get("days"), moment.at("activation_by")
    if closes is None:
        return False
    last = moment.calendar.local_date(closes - timedelta(microseconds=1))
    number = int(days) if days else int("tomorrow" in said[0].casefold() or "demain" in said[0].casefold())
    number = 1 if said[0].startswith("Plus qu'un") else number
    from_days = map(moment.calendar.local_date, (moment.now, moment.now - UNDER_WAY))
    return any(day + timedelta(days=number) == last for day in from_days)


def window_closed(moment: Moment, said: Said) -> bool:
    """The line was not activated until then, and lapsed for no other reason."""
    closes = moment.at("activation_by")
    over = closes is not None and moment.now >= closes and moment.is_until(said["when"], closes)
    return over and not moment.steps_done


def was_late(moment: Moment, _: Said) -> bool:
    """A step was missing when the time to activate was over."""
    closes = moment.at("activation_by")
    return closes is not None and moment.now >= closes and not moment.steps_done


def has_lapsed(moment: Moment, said: Said) -> bool:
    """The line is void, or its time is over; it was not cancelled."""
    void = moment.status == SubscriptionStatus.VOID and not was_cancelled(moment, said)
    return void or was_late(moment, said)


def was_cancelled(moment: Moment, _: Said) -> bool:
    """The line went with its order, which was cancelled."""
    causes = [row.entry.data["cause"] for row in moment.told("subscription_void")]
    return moment.status == SubscriptionStatus.VOID and "order cancelled" in causes


def lapsed_unpaid(moment: Moment, _: Said) -> bool:
    """The line was signed and never paid."""
    return moment.status == SubscriptionStatus.VOID and moment.steps_done


def is_signed(moment: Moment, _: Said) -> bool:
    """Every step of the activation is done."""
    return moment.steps_done


# -- money ---------------------------------------------------------------------------------------------------------------------


def charged_later(moment: Moment, said: Said) -> bool:
    """The line's amount is charged when it is activated, and was not charged yet."""
    right = plain(moment.fmt.money(Money.from_dict(moment.view["amount"])))
    pending = moment.status == SubscriptionStatus.PENDING_ACTIVATION
    return pending and moment.view["charge_at"] == "activation" and said["amount"] == right


def was_charged(moment: Moment, said: Said) -> bool:
    """The provider took the amount."""
    return moment.took(said["amount"])


def never_charged(moment: Moment, _: Said) -> bool:
    """The provider took nothing."""
    return moment.by_hand or not moment.charges()


def is_refunded(moment: Moment, said: Said) -> bool:
    """The provider took at least the amount, which goes back."""
    return moment.by_hand or bool(moment.charges())


def confirms(moment: Moment, _: Said) -> bool:
    """The bank waits for the buyer."""
    return moment.payment == PaymentState.ACTION_REQUIRED


def was_declined(moment: Moment, _: Said) -> bool:
    """The latest payment was declined."""
    return moment.payment == PaymentState.DECLINED


def is_unpaid(moment: Moment, _: Said) -> bool:
    """The latest payment is declined, or waits for the buyer."""
    return moment.payment in UNPAID


def is_paid(moment: Moment, _: Said) -> bool:
    """The latest payment was taken."""
    return moment.payment == PaymentState.CAPTURED


def has_card(moment: Moment, _: Said) -> bool:
    """The card is kept for what is charged later."""
    return moment.payment == PaymentState.MANDATE


def declined_for(code: str) -> Truth:
    """The latest payment was declined for this reason."""
    return lambda moment, said: was_declined(moment, said) and moment.view["payment"]["code"] == code


def too_late_to_pay(moment: Moment, said: Said) -> bool:
    """The payment failed, and the time to settle it is over."""
    closes = moment.dues(Due.RECOVERY, Due.CART_ABANDONED, Due.AUTHENTICATION)
    return is_unpaid(moment, said) and all(each <= moment.now for each in closes)


def could_be_paid(moment: Moment, said: Said) -> bool:
    """The time to settle the payment ended then."""
    ends = [*moment.dues(Due.RECOVERY, Due.CART_ABANDONED, Due.AUTHENTICATION)]
    ends += filter(None, map(moment.at, ("void_by", "ended_at", "recovery_over_at")))
    return any(moment.is_until(said["when"], each) for each in ends)


def nothing_owed(moment: Moment, _: Said) -> bool:
    """Nothing is owed: it is over, or the running term is paid."""
    return moment.view.get("past_due_since") is None and not moment.dues(Due.RECOVERY, Due.AUTHENTICATION)


# -- terms ---------------------------------------------------------------------------------------------------------------------


def runs_until(moment: Moment, said: Said) -> bool:
    """The running term ends then."""
    return moment.status == SubscriptionStatus.ACTIVE and moment.is_until(
        said["when"], moment.at("usable_until")
    )


def past_term(moment: Moment, said: Said) -> bool:
    """A term that is over began and ended then."""
    return any(
        moment.is_day(said["from"], begins) and moment.is_until(said["when"], ends)
        for begins, ends in moment.past_terms
    )


def next_term(moment: Moment, said: Said) -> bool:
    """The running term ends then, or the next one where it is announced."""
    announced = moment.view["next_renewal_at"] is not None
    return runs_until(moment, said) or (announced and moment.is_until(said["when"], moment.next_end))


def renews(moment: Moment, _: Said) -> bool:
    """A term follows the running one."""
    return moment.view["next_renewal_at"] is not None


def renews_not(moment: Moment, _: Said) -> bool:
    """No term follows the running one."""
    return moment.view["next_renewal_at"] is None


def renews_on(moment: Moment, said: Said) -> bool:
    """The next term begins on that day; on the pole of one that waits for its charge, the running one did."""
    return moment.is_day(said["when"], moment.at("next_renewal_at")) or renewed_on(moment, said)


def can_stop(moment: Moment, said: Said) -> bool:
    """The renewal can be stopped, or resumed, until then."""
    wait = moment.view["charge_waits_for"]
    stop_by = moment.at("stop_by") if wait is None else wait["until"] and moment.instant(wait["until"])
    open_ = moment.comes_before(stop_by) and moment.status == SubscriptionStatus.ACTIVE
    return (open_ and moment.is_until(said["when"], stop_by)) or leaves_time(moment, said)


def is_stopped(moment: Moment, _: Said) -> bool:
    """The renewal was stopped."""
    return moment.view["stop_requested_at"] is not None


def ended_at(moment: Moment, said: Said) -> bool:
    """The right to use ended then."""
    return moment.status in ENDED and moment.is_until(said["when"], moment.at("ended_at"))


def ended_unpaid(moment: Moment, _: Said) -> bool:
    """The last term was never paid."""
    return moment.status in ENDED and moment.payment in UNPAID


def data_kept(moment: Moment, said: Said) -> bool:
    """The data is kept until then, and then lies ahead."""
    stopped = [moment.instant(str(each.entry.data["data_until"])) for each in moment.told("renewal_stopped")]
    kept = moment.at("retained_until") or (stopped[-1] if stopped else None)
    return kept is not None and moment.comes_before(kept) and moment.is_until(said["when"], kept)


def data_gone(moment: Moment, _: Said) -> bool:
    """The data is kept no longer."""
    kept = moment.at("retained_until")
    return kept is not None and kept <= moment.now


# -- orders --------------------------------------------------------------------------------------------------------------------


def asked_to_cancel(moment: Moment, _: Said) -> bool:
    """The buyer asked for the end of the order."""
    return moment.status == OrderStatus.CANCELLED and moment.has("cancel_requested")


def is_cancelled(moment: Moment, said: Said) -> bool:
    """The order ended as cancelled, or the line went with it."""
    return moment.status == OrderStatus.CANCELLED or was_cancelled(moment, said)


def news_due(moment: Moment, said: Said) -> bool:
    """The order has news until then: by its agenda, or by the days counted from its placement (T10)."""
    return moment.is_until(said["when"], moment.news_by) or is_due(Due.ORDER_NEWS)(moment, said)


def nothing_asked(moment: Moment, _: Said) -> bool:
    """The entity waits for nobody who could read the words."""
    return not str(moment.view["waiting_for"] or "").startswith("buyer_")


def waits_for_certificate(moment: Moment, _: Said) -> bool:
    """The order waits for the answers of its certificate."""
    dues = moment.dues(Due.CERTIFICATE_WINDOW)
    return moment.view.get("certificate") is None and any(moment.comes_before(each) for each in dues)


def is_late_answer(moment: Moment, said: Said) -> bool:
    """No certificate came until then, to which the latest request or an outage of ours moved its end."""
    requests = [each.entry.data["answer_by"] for each in moment.told("certificate_requested")]
    moved = [
        each.entry.data["new_by"]
        for each in moment.told(DeadlineExtended.name)
        if each.entry.data["what"] == Due.CERTIFICATE_WINDOW
    ]
    closes = [moment.instant(str(each)) for each in (*requests, *moved)]
    over = any(moment.is_until(said["when"], each) and each <= moment.now for each in closes)
    return over and moment.view.get("certificate") is None


def is_let_go(moment: Moment, _: Said) -> bool:
    """Nobody came back for the basket."""
    kept = moment.dues(Due.CART_ABANDONED)
    over = moment.status == OrderStatus.CART and any(each <= moment.now for each in kept)
    return over or (moment.status == OrderStatus.EXPIRED and moment.has("cart_abandoned"))
