"""The last e-mail that matters for the present wait, and whether it arrived."""

from __future__ import annotations

from api.http.rendering import in_zone, person
from api.v1.support.overview_answers import LastMail, MailState
from api.v1.support.reading import Known
from api.v1.support.spoken import Spoken
from api.v1.support.waits import SPEAKS
from jalon.persistence.entities.overviews import LedgerMail
from workflows.engine.step import StepName

_STATES: dict[str, MailState] = {
    "accepted": "accepted",
    "refused": "refused",
    "bounced": "bounced",
    "intent": "intent",
}


def mail_of(known: Known, spoken: Spoken) -> LastMail | None:
    """The e-mail; None where none was asked for yet. One that stopped matters most."""
    mails = [each for each in known.mails if each.entity in known.concerned]
    waits = known.projected.waiting_for
    speaks = SPEAKS.get(waits, ()) if waits else ()
    stopped = is_parked(known)
    unsent = [each for each in mails if each.state == "intent" and each.entity == known.entity.id]
    about = [each for each in mails if each.template in speaks]
    found = next((group[-1] for group in (unsent if stopped else [], about, mails) if group), None)
    return None if found is None else _said(known, spoken, found, parked=stopped and found.state == "intent")


def is_parked(known: Known) -> bool:
    """Whether an e-mail of the entity waits for an operator."""
    return any(each.step.partition("/")[0] == StepName.MAIL for each in known.projected.parked)


def _said(known: Known, spoken: Spoken, mail: LedgerMail, *, parked: bool) -> LastMail:
    state: MailState = "parked" if parked else _STATES[mail.state]
    at = mail.accepted_at or mail.at
    key = "erased" if mail.code == "erased" else state
    facts = {
        "mail": spoken.own["mails"][mail.template],
        "when": spoken.fmt.moment(at),
        "code": mail.code or "",
    }
    to = person(mail.party, known.people)
    words = spoken.say("mail", key, **facts)
    return LastMail(
        id=mail.message_id,
        words=words,
        name=spoken.own["mails"][mail.template],
        template=mail.template,
        state=state,
        to=to,
        at=in_zone(at, known.policy.store.zone),
        entity=mail.entity,
    )
