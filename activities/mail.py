"""Sends one e-mail for each intent. It reads the ledger first and uses a Message-ID that names the intent.

Delivery is at least once; after an acceptance is recorded, the e-mail is never sent again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio import activity

from activities import stops
from activities.contracts.mail import SEND_MAIL, MailOutcome, MailRequest
from activities.errors import translated
from activities.identities import identity_of
from jalon import tracing
from jalon.addresses import wire_address
from jalon.domain.emails import Email, Milestone, OrderDelayed, SignInCode, email_from_facts
from jalon.domain.kinds import KINDS
from jalon.domain.stops import Stop
from jalon.integrations.links import Link, Links
from jalon.integrations.mail.message import message_id as message_id_of
from jalon.integrations.mail.message import sender_named
from jalon.integrations.mail.port import Accepted, Mailer, MailRefused, OutgoingMail
from jalon.integrations.mail.renderer import Rendered, Renderer
from jalon.persistence.entities import records
from jalon.persistence.entities.projections import projection_of
from jalon.persistence.money import ledgers
from jalon.persistence.money.kept_mails import KeptMail
from jalon.persistence.operations import clocks
from jalon.persistence.people.parties import Parties, Party
from jalon.persistence.people.sign_ins import CODE_LASTS, Code
from jalon.persistence.people.vault import PersonErased
from jalon.persistence.sessions import Sessions
from jalon.policy.model.sections import Store
from jalon.policy.model.store_policy import StorePolicy

ANSWER_AT_MOST = 300
NO_TOKEN = "shown-to-support"  # noqa: S105 (a token that opens nothing)
"""What stands in place of the token in a link of an e-mail that is shown to others than its reader."""
_RENDERED_FROM = ("link", "link_subject", "about", "support", "names", "to_admin")
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")


def mail_key(request: MailRequest) -> str:
    """The ledger key of an e-mail's occurrence. The party is part of the key, so a corrected address is a new intent."""
    parts = (request.store, request.entity, request.occurrence, request.party)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def without_addresses(answer: str) -> str:
    """A server's answer in one line that names nobody, short enough to keep."""
    return _ADDRESS.sub("<…>", " ".join(answer.split()))[:ANSWER_AT_MOST]


class Mail:
    """Renders e-mails in the reader's language and sends them to the mail server."""

    def __init__(
        self,
        sessions: Sessions,
        parties: Parties,
        renderer: Renderer,
        mailer: Mailer,
        links: Links,
        policies: Mapping[str, StorePolicy],
        public_url: str,
    ) -> None:
        self._sessions = sessions
        self._parties = parties
        self._renderer = renderer
        self._mailer = mailer
        self._links = links
        self._policies = policies
        self._public_url = public_url

    @activity.defn(name=SEND_MAIL.name)
    async def send_mail(self, request: MailRequest) -> MailOutcome:
        """The instant at which the accepted e-mail left, in the store's time, or the code of a permanent refusal, which flags the contact.

        What the e-mail says of its own hours is counted from that instant (T2).
        """
        key = mail_key(request)
        store = self._policies[request.store].store
        message_id = message_id_of(key[:40], store.support_email)
        async with self._sessions.of(request.store) as tx:
            row = await ledgers.intend_mail(
                tx,
                key=key,
                store=request.store,
                entity=request.entity,
                party=request.party,
                template=request.template,
                message_id=message_id,
                at=request.at,
                request=_kept(request),
            )
            people = await self._parties.read(
                tx, *filter(None, (request.party, request.about, request.names, *request.people))
            )
            view = await records.view_of(tx, request.entity)
            leaves_at = await clocks.clock_now(tx, request.store) if request.live else request.at
        if row.sent_at is not None:
            return MailOutcome(row.sent_at, row.refusal, message_id, row.server, row.answer)
        if row.stopped:
            raise stops.stopped(Stop.MAIL)
        at = None if request.live else request.at
        if request.party not in people:
            return await self._refused(request, key, message_id, "erased")
        asked = request.names or request.party
        if asked not in people or people[asked].id != request.party:
            # An operator gave the e-mail another receiver, to whom these names do not belong.
            asked = request.party
        email = _still_asked(email_from_facts(request.template, request.fields), view, leaves_at)
        if email is None:
            return MailOutcome(leaves_at, message_id=message_id, withdrawn=True)
        rendered = self._render(request, email, leaves_at, asked, people, view, self._link(request, asked))
        reader = people[asked]
        with translated():
            try:
                taken = await self._leave(store, message_id, reader, rendered, request.template, at)
            except MailRefused as refusal:
                return await self._refused(request, key, message_id, str(refusal.code or refusal.reason))
        async with self._sessions.of(request.store) as tx:
            if reader.undeliverable is not None:
                await self._parties.flag_undeliverable(tx, reader.id, None)
            answer = without_addresses(taken.response)
            left_at = await ledgers.mail_accepted(tx, key, at, leaves_at, taken.server, answer)
        return MailOutcome(left_at, None, message_id, taken.server, answer)

    async def shown(self, tx: AsyncConnection, mail: KeptMail) -> Rendered:
        """The e-mail rendered again from its recorded facts, in its reader's language of today. Its links open nothing.

        Raises PersonErased.
        """
        kept = mail.request
        request = MailRequest(
            mail.store,
            mail.entity,
            kept["occurrence"],
            mail.template,
            kept["fields"],
            mail.party,
            mail.at,
            live=False,
            **{name: kept[name] for name in _RENDERED_FROM},
            people=tuple(kept["people"]),
        )
        wanted = filter(None, (request.party, request.about, request.names, *request.people))
        people = await self._parties.read(tx, *wanted)
        if request.party not in people:
            raise PersonErased("the reader of this e-mail was erased")
        asked = request.names if request.names in people else request.party
        view = await records.view_of(tx, mail.entity)
        email = email_from_facts(mail.template, kept["fields"])
        link = f"{self._public_url}/h/{request.link}/{NO_TOKEN}" if request.link else None
        leaves_at = mail.left_at or mail.at
        return self._render(request, email, leaves_at, asked or request.party, people, view, link)

    async def send_sign_in_code(self, store: str, party: str, code: Code) -> None:
        """Sends a code to sign in with (P3). It leaves once, or not at all: whoever hears nothing asks for another.

        It leaves also while the e-mail of the store is stopped: it is worth nothing later, and without it nobody stops a renewal in time.

        Raises MailRefused for an address that takes no e-mail, MailUnreachable where the mail server took nothing this time.
        """
        sold_by = self._policies[store].store
        message_id = message_id_of(code.id, sold_by.support_email)
        async with self._sessions.of(store) as tx:
            reader = (await self._parties.read(tx, party)).get(party)
            at = None if sold_by.clock == "live" else await clocks.clock_now(tx, store)
        if reader is None:
            return
        email = SignInCode(code=code.digits, minutes=CODE_LASTS // timedelta(minutes=1))
        rendered = self._renderer.render(
            email,
            language=cast(Literal["fr", "en"], reader.language),
            recipient_name=reader.name,
            store=identity_of(self._policies[store]),
        )
        await self._leave(sold_by, message_id, reader, rendered, email.template, at)

    async def _leave(
        self,
        store: Store,
        message_id: str,
        reader: Party,
        rendered: Rendered,
        template: str,
        at: datetime | None,
    ) -> Accepted:
        place = tracing.current()
        trace = {} if place is None else {"X-Jalon-Trace": place.id}
        mail = OutgoingMail(
            message_id=message_id,
            to=wire_address(reader.email),
            sender=sender_named(store.name, store.support_email),
            subject=rendered.subject,
            html=rendered.html,
            text=rendered.text,
            headers={"X-Jalon-Template": template, **trace},
            at=at,
        )
        with tracing.span(f"smtp {template}", "client", place, **{"jalon.message": message_id}):
            return await self._mailer.send(mail)

    async def _refused(self, request: MailRequest, key: str, message_id: str, code: str) -> MailOutcome:
        at = None if request.live else request.at
        async with self._sessions.of(request.store) as tx:
            await self._parties.flag_undeliverable(tx, request.party, code)
            return MailOutcome(await ledgers.mail_refused(tx, key, at, code), code, message_id)

    def _render(
        self,
        request: MailRequest,
        email: Email,
        leaves_at: datetime,
        asked: str,
        people: Mapping[str, Party],
        view: dict[str, Any] | None,
        link_url: str | None,
    ) -> Rendered:
        policy, reader = self._policies[request.store], people[asked]
        email = email.as_of(leaves_at, policy.store.zone)
        return self._renderer.render(
            email,
            language=cast(Literal["fr", "en"], reader.language),
            recipient_name=reader.name,
            store=identity_of(policy, self._support(request, email)),
            link_url=link_url,
            milestones=_milestones(email, view, leaves_at),
            person=_named(people.get(request.about or "")),
            people=tuple(filter(None, (_named(people.get(each)) for each in request.people))),
        )

    def _support(self, request: MailRequest, email: Email) -> str:
        """The support contact of an e-mail: the product's own (T14), for a delayed order the store's route for those (T10)."""
        policy = self._policies[request.store]
        if isinstance(email, OrderDelayed):
            return policy.route("order_late")
        return request.support or policy.store.support_email

    def _link(self, request: MailRequest, reader: str) -> str | None:
        if request.link is None:
            return None
        token = self._links.sign(
            Link(request.link, request.store, request.entity, request.link_subject, reader)
        )
        return f"{self._public_url}/h/{request.link}/{token}"


def _kept(request: MailRequest) -> dict[str, Any]:
    """What the e-mail is rendered from, without personal data, for the ledger."""
    kept = {name: getattr(request, name) for name in ("occurrence", "fields", *_RENDERED_FROM)}
    return kept | {"people": list(request.people)}


def _named(person: Party | None) -> str | None:
    """By what a person is named to somebody else; None where their data was erased."""
    return (person.name or person.email) if person else None


def _still_asked(email: Email, view: Mapping[str, Any] | None, at: datetime) -> Email | None:
    """The e-mail with the present end of what it asks for, None once that is over. A deadline that a parked step holds is not over."""
    if email.asks is None:
        return email
    kind = KINDS.of_id(view["id"]) if view else None
    agenda = projection_of(kind.name, view).agenda if kind and view else ()
    entries = [entry for entry in agenda if entry.what in email.asks.due]
    if any(entry.held for entry in entries):
        return email
    return email.while_open(at, [entry.due_at for entry in entries])


def _milestones(email: Email, view: Mapping[str, Any] | None, at: datetime) -> tuple[Milestone, ...]:
    """The pole of the e-mail: its reader's own, or that of its order or subscription."""
    own = email.pole(at)
    kind = KINDS.of_id(view["id"]) if view else None
    if own is not None or kind is None or view is None:
        return own or ()
    return kind.milestones(projection_of(kind.name, view))
