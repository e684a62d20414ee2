"""What support does where no notice of a renewal reached the customer: it sends one again, or tells in another way (X16)."""

from __future__ import annotations

from typing import Any

from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.error_codes import ErrorCode
from jalon.domain.statuses import SubscriptionStatus
from jalon.domain.transition import AuditEntry
from workflows.engine.commands import Refused, refused
from workflows.engine.step import Step, takes
from workflows.subscription import proof
from workflows.subscription.commands import AnnounceRenewal, TellRenewal
from workflows.subscription.life import SubscriptionLife
from workflows.subscription.state import Notice
from workflows.subscription.steps import notice

SPOKEN = frozenset({"telephone", "in_person"})
"""The ways to tell a customer of which nothing written remains. A notice that law gives is written (C1)."""


async def announce_again(
    subscription: SubscriptionLife, request: AnnounceRenewal, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Sends the notice once more, to the customer's address of today (X18). One that is still on its way goes there by itself."""
    refusal = _nothing_to_announce(subscription)
    if refusal is not None:
        return refusal
    before = _notices(subscription)
    await notice.announce_if_missing(subscription)
    subscription.audit_staff(message, "X16", request.reason, before, _notices(subscription))
    return {"subscription": subscription.state.id}


async def tell(
    subscription: SubscriptionLife, request: TellRenewal, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Records that support told the customer in another way: who, how, and until when the renewal can be refused from now on."""
    refusal = _nothing_to_announce(subscription)
    if refusal is not None:
        return refusal
    state = subscription.state
    if request.how in SPOKEN and proof.law(state) is not None:
        said = "Law gives this customer the notice of a renewal in writing: send it as a letter or an e-mail, and record that."
        return refused(ErrorCode.NOTICE_NOT_WRITTEN, said, "C1")
    refuse_by = proof.refusable_until(state, message.at)
    if refuse_by is None:
        said = "It is too early to tell the customer of this renewal: law gives the notice a time, which has not begun."
        return refused(ErrorCode.NOTHING_TO_ANNOUNCE, said, "X16")
    before, last = _notices(subscription), state.notices[-1].terms
    told = Notice(
        f"told/{message.id}", state.admin, last, message.at, left_at=message.at, refuse_by=refuse_by
    )
    state.notices.append(told)
    event = events.RenewalTold(
        notice=told.occurrence,
        price=last.amount,
        renews_at=notice.renews_at(state),
        refuse_by=refuse_by,
        how=request.how,
    )
    subscription.transition.record_event(message.at, event, actor=message.actor)
    facts = {"how": request.how, "before": before, "after": _notices(subscription)}
    subscription.transition.audit(
        AuditEntry(message.at, message.actor, message.role, "renewal_told", "X16", request.note, facts)
    )
    notice.review(subscription)
    return {"subscription": state.id}


def _notices(subscription: SubscriptionLife) -> dict[str, list[str]]:
    """The notices of the coming renewal, as the audit keeps them."""
    return {"notices": [each.occurrence for each in subscription.state.notices]}


def _nothing_to_announce(subscription: SubscriptionLife) -> Refused | None:
    state = subscription.state
    if state.status is SubscriptionStatus.ACTIVE and proof.is_lacking(state):
        return None
    said = (
        "No notice of a renewal is missing here: none was due yet, one was taken, or the renewal was stopped."
    )
    return refused(ErrorCode.NOTHING_TO_ANNOUNCE, said, "X16")


STEP = Step(takes=(takes(AnnounceRenewal, announce_again), takes(TellRenewal, tell)))
