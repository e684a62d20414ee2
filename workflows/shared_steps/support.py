"""The commands of support to any entity: an e-mail once more, and a deadline moved to a later day. Both are audited with their reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.emails import Email, Invitation, RenewalNotice, email_from_facts
from jalon.domain.error_codes import ErrorCode
from jalon.domain.transition import AuditEntry
from workflows.engine.agenda import Entry
from workflows.engine.commands import ExtendDeadline, Refused, ResendMail, refused
from workflows.engine.step import Step, mail_step, takes

EXTENDED_AT_MOST = timedelta(days=92)
"""The longest time by which one command moves a deadline."""
_OWN_WAY: dict[type[Email], str] = {
    Invitation: "Its hours run from its sending (T2). Invite the person again from the seat.",
    RenewalNotice: "It leaves time to refuse (X15). Use the renewal notices of the subscription.",
}
"""E-mails that begin a time when they leave. They are sent again by commands of their own, which count that time anew."""


async def resend(entity: Any, request: ResendMail, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Sends an e-mail that left before once more, under an occurrence of its own, where it is still true (X21)."""
    email, state = email_from_facts(request.template, request.facts), entity.state
    objection = _not_again(entity, request, email)
    if objection is not None:
        return refused(ErrorCode.MAIL_NOT_RESENT, objection, "X21", "/message")
    state.resent += 1
    occurrence = f"resend/{state.resent}/{request.occurrence}"
    if request.to_admin:
        entity.mail_admin(email, occurrence, request.about, request.people)
    else:
        entity.mail(email, occurrence, request.party, request.subject, request.about, request.people)
    entity.transition.record_event(
        state.now, events.MailResent(template=request.template, message=request.message), actor=message.actor
    )
    facts = {
        "message": request.message,
        "template": request.template,
        "occurrence": occurrence,
        "before": {"sent_again": state.resent - 1},
        "after": {"sent_again": state.resent},
    }
    _audit(entity, message, "resend_mail", request.reason, facts)
    return {"step": mail_step(occurrence), "action": "resend"}


def _not_again(entity: Any, request: ResendMail, email: Email) -> str | None:
    """Why the e-mail is not sent again, or None."""
    own_way = _OWN_WAY.get(type(email))
    if own_way is not None:
        return own_way
    if mail_step(request.occurrence) in entity.state.outgoing:
        return "It has not left yet, and leaves by itself. Where its step stopped, retry that."
    if not entity.steps.stand(entity, _as_sent(entity, request)):
        return "It is not true any more: what it speaks of is done, over, or has changed."
    if email.asks is not None:
        entries = [each for each in entity.state.agenda.entries if each.what in email.asks.due]
        held = any(each.held for each in entries)
        if not held and email.while_open(entity.state.present(), [each.due_at for each in entries]) is None:
            return "The time for what it asks is over."
    return None


def _as_sent(entity: Any, request: ResendMail) -> MailRequest:
    """The request of the former e-mail, as the steps judge it."""
    state = entity.state
    return MailRequest(
        store=state.store,
        entity=state.id,
        occurrence=request.occurrence,
        template=request.template,
        fields=request.facts,
        party=request.party,
        at=state.now,
        live=state.live,
        link_subject=request.subject,
        about=request.about,
        people=request.people,
        to_admin=request.to_admin,
    )


async def extend(entity: Any, request: ExtendDeadline, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Moves a deadline that protects the vendor to a later instant, and tells the customer the new date where they know the former."""
    entry, objection = _extendable(entity, request)
    if entry is None:
        return refused(ErrorCode.NOT_EXTENDABLE, objection, None, "/what")
    if request.until <= entry.due_at:
        said = (
            f"It is open until {entry.due_at.isoformat()} already; a deadline is only moved to a later day."
        )
        return refused(ErrorCode.NOT_EXTENDABLE, said, entry.rule, "/until")
    if request.until > entry.due_at + EXTENDED_AT_MOST:
        said = f"One command moves a deadline by {EXTENDED_AT_MOST.days} days at most."
        return refused(ErrorCode.NOT_EXTENDABLE, said, entry.rule, "/until")
    former = entry.due_at
    entity.move(entry, request.until, entry.rule)
    facts = {
        "what": entry.what,
        "before": {"due_at": former.isoformat()},
        "after": {"due_at": request.until.isoformat()},
    }
    _audit(entity, message, "extend_deadline", request.reason, facts)
    return {"step": str(entry.what), "action": "extend"}


def _extendable(entity: Any, request: ExtendDeadline) -> tuple[Entry | None, str]:
    """The entry to move, or None with the reason."""
    named = [each for each in entity.state.agenda.entries if each.what == request.what and each.closing]
    found = [each for each in named if request.subject in (None, "", each.subject)]
    if not found:
        return None, f"No deadline {request.what} is open here."
    if len(found) > 1:
        return None, f"There are {len(found)} of them; name one by its subject."
    (entry,) = found
    if entry.protects != "vendor":
        return None, f"It protects the {entry.protects} and is not ours to move."
    if entry.held:
        return None, "A stopped step holds it open; it moves by itself when the step goes on."
    return entry, ""


def _audit(entity: Any, message: ReceivedCommand, action: str, reason: str, data: dict[str, Any]) -> None:
    entry = AuditEntry(entity.state.now, message.actor, message.role, action, None, reason, data)
    entity.transition.audit(entry)


STEP = Step[Any](takes=(takes(ResendMail, resend), takes(ExtendDeadline, extend)))
