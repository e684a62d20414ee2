"""E-mails of an order or a subscription: read again as they were sent, and sent once more."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api.http.answers import Answer, Person
from api.http.dependencies import Searcher, Supporter, TheResources
from api.http.errors import not_found
from api.http.json_bodies import StrictRoute
from api.http.rendering import in_zone, person
from api.http.writing import Idempotent, TheSubmitter, existing
from api.v1.entities import entity_answer
from api.v1.lists import seen
from api.v1.orders.answers import Order
from api.v1.responses import READ, WRITE
from api.v1.subscriptions.answers import Subscription
from api.v1.support.bodies import SendAgain
from api.v1.support.spoken import Spoken
from api.v1.writes import written
from jalon.domain.kinds import KINDS, ORDER
from jalon.persistence.inbox.targets import TargetState
from jalon.persistence.money import kept_mails
from jalon.persistence.money.kept_mails import KeptMail
from workflows.engine.commands import Command, ResendMail

routes = APIRouter(prefix="/v1/support/entities", tags=["support"], route_class=StrictRoute)

Message = Annotated[
    str, Path(min_length=3, max_length=300, description="The Message-ID, with or without its brackets.")
]


_AGAIN = re.compile(r"^resend/\d+/")
"""The beginning of the occurrence of an e-mail that was itself sent once more."""


class ShownMail(Answer):
    """An e-mail as its reader got it, rendered again from the facts that are recorded.

    What is not recorded is as of today: the reader's address and language, and the pole. Its links are made harmless: they open nothing.
    """

    id: str
    entity: str
    template: str
    name: str
    state: Literal["intent", "accepted", "refused", "bounced"]
    to: Person
    at: datetime
    subject: str
    text: str
    html: str
    rendered_again: Literal[True] = True


@routes.get("/{entity_id}/mails/{message}", responses=READ)
async def read_mail(entity_id: str, message: Message, caller: Searcher, resources: TheResources) -> ShownMail:
    """An e-mail in the language of its reader, rendered again from the facts with which it was sent."""
    async with resources.sessions.of(*caller.stores) as tx:
        entity = await seen(tx, KINDS.of_id(entity_id) or ORDER, entity_id)
        mail = await _kept(tx, entity_id, message)
        rendered = await resources.mail.shown(tx, mail)
        people = await resources.parties.read(tx, mail.party)
    zone = resources.policies[entity.store].store.zone
    reader = person(mail.party, people)
    spoken = Spoken.of(resources.settings.templates_dir, reader.language or "en", zone)
    return ShownMail(
        id=mail.message_id,
        entity=mail.entity,
        template=mail.template,
        name=spoken.own["mails"][mail.template],
        state=mail.state,  # type: ignore[arg-type]  # the check of the table lists them
        to=reader,
        at=in_zone(mail.left_at or mail.accepted_at or mail.at, zone),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
    )


@routes.post("/{entity_id}/mails/{message}/resend", responses=WRITE, response_model=Order | Subscription)
async def resend_mail(
    entity_id: str,
    message: Message,
    body: SendAgain,
    caller: Supporter,
    idempotent: Idempotent,
    submitter: TheSubmitter,
) -> Order | Subscription | JSONResponse:
    """Sends the same e-mail once more, where it is still true, to the contact address of today (X18, X21).

    It is a new e-mail with a Message-ID of its own. An invitation and the notice of a renewal begin a time when they leave: they have
    commands of their own.
    """
    kind = KINDS.of_id(entity_id)
    if kind is None:
        raise not_found("No order or subscription")

    async def compose(tx: AsyncConnection, _: TargetState) -> Command:
        return _again(await _kept(tx, entity_id, message), body.reason)

    submission = await submitter.submit(caller, idempotent, existing(kind, entity_id), compose)
    return written(submission, caller, lambda *shown: entity_answer(kind.name, *shown))


def _again(mail: KeptMail, reason: str) -> ResendMail:
    kept: dict[str, Any] = mail.request
    return ResendMail(
        message=mail.message_id,
        occurrence=_AGAIN.sub("", kept["occurrence"]),
        template=mail.template,
        facts=kept["fields"],
        party=mail.party,
        reason=reason,
        subject=kept["link_subject"],
        about=kept["about"],
        people=tuple(kept["people"]),
        to_admin=kept["to_admin"],
    )


async def _kept(tx: AsyncConnection, entity: str, message: str) -> KeptMail:
    wanted = message if message.startswith("<") else f"<{message}>"
    mail = await kept_mails.read(tx, entity, wanted)
    if mail is None:
        raise not_found("No e-mail")
    return mail
