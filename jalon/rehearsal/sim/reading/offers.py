"""What can be done behind a link in one moment: whether the workflow takes what its page is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.web.hosted.links import OF_THE_ADMIN
from jalon.domain.due import Due
from jalon.domain.emails import EMAILS
from jalon.domain.projections import PaymentState
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from jalon.integrations.mail.formats import Language
from jalon.rehearsal.sim.judge.facts import Facts
from jalon.rehearsal.sim.judge.offers import stands_as_confirmed
from jalon.rehearsal.sim.reading.moments import Moment, Offer


@dataclass(frozen=True)
class Held:
    """A link that a person holds."""

    kind: str
    token: str
    entity: str
    party: str
    language: Language
    template: str
    offer: Offer | None
    subject: str = ""


def can_act(held: Held, moment: Moment) -> bool:
    """Whether the workflow takes what the page of this link is for. A link of a former admin does nothing (H12)."""
    asked = _ASKED.get(held.kind)
    if asked is None or (held.kind in OF_THE_ADMIN and _has_passed_on(held, moment)):
        return False
    return asked(held, moment)


def _has_passed_on(held: Held, moment: Moment) -> bool:
    since = moment.view.get("admin_since")
    return since is not None and moment.view["admin"] != held.party


def _can_take_over(held: Held, moment: Moment) -> bool:
    pending = moment.view["transfer"]
    if (
        moment.status != SubscriptionStatus.ACTIVE
        or pending is None
        or pending["number"] != int(held.subject)
    ):
        return False
    return pending["agreed_at"] is None and moment.now < moment.instant(pending["accept_by"])


def _can_sign(_: Held, moment: Moment) -> bool:
    stopped = any(each["what"] == Due.ACTIVATION_WINDOW and each["held"] for each in moment.view["agenda"])
    closes = None if stopped else moment.at("activation_by")
    pending = moment.status == SubscriptionStatus.PENDING_ACTIVATION and not moment.steps_done
    return pending and (closes is None or moment.now < closes)


def _can_accept(_: Held, moment: Moment) -> bool:
    untils = [seat["open_until"] for seat in moment.seats("invited")]
    return any(each is None or moment.now < moment.instant(each) for each in untils)


def _can_answer(held: Held, moment: Moment) -> bool:
    return bool(held.party == moment.view["buyer"] and moment.takes_answers)


def _can_manage(held: Held, moment: Moment) -> bool:
    """Whether the renewal can be switched now, in the sense that the e-mail was about, or its users be managed."""
    if EMAILS[held.template].purpose == "who-stays":
        fewer = moment.view["fewer_seats"]
        return fewer is not None and moment.now < moment.instant(fewer["choose_by"])
    if EMAILS[held.template].purpose == "users":
        return bool(moment.status == SubscriptionStatus.ACTIVE and moment.view["user_management"])
    stop_by = moment.at("stop_by")
    is_open = moment.status == SubscriptionStatus.ACTIVE and stop_by is not None and moment.now < stop_by
    stopped = moment.view["stop_requested_at"] is not None
    wanted = "stop" if moment.view["next_renewal_at"] is not None else "resume" if stopped else ""
    return is_open and bool(wanted) and wanted == EMAILS[held.template].purpose


def _can_pay(_: Held, moment: Moment) -> bool:
    """Whether the workflow takes another card for what is owed: an order is placed again, a subscription is charged at once."""
    if moment.row.kind == "order":
        declined = moment.payment == PaymentState.DECLINED and not moment.view["changed_since_placed"]
        kept = moment.dues(Due.CART_ABANDONED)
        is_open = moment.status == OrderStatus.CART and declined and all(moment.now < each for each in kept)
        return is_open and stands_as_confirmed(Facts(moment.world, moment.row), moment.now)
    owed = moment.view["past_due_since"] or moment.status == SubscriptionStatus.PENDING_ACTIVATION
    return bool(owed) and any(moment.now < each for each in moment.dues(Due.RECOVERY))


_ASKED: Mapping[str, Callable[[Held, Moment], bool]] = {
    "contract": _can_sign,
    "invitation": _can_accept,
    "certificate": _can_answer,
    "portal": _can_manage,
    "payment": _can_pay,
    "transfer": _can_take_over,
}
