"""The product's own activities over the models: the code that a worker runs, with models behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

import activities.documents
import activities.mail
import activities.payments
import activities.people
import activities.policies
import activities.records
import jalon.persistence.people.parties
import jalon.persistence.sessions
from activities.contracts.base import ActivityRef
from activities.contracts.documents import DRAW_UP_CONTRACT, DRAW_UP_SIGNED_COPY
from activities.contracts.mail import SEND_MAIL
from activities.contracts.payments import PAY
from activities.contracts.people import FIND_IDENTITY, PURGE, SET_UP_IDENTITY
from activities.contracts.policy import ASK_POLICY, RENEWAL_TERMS
from activities.contracts.records import CHECK_CLOSING, RECORD, REST
from activities.contracts.screening import SCREEN, SCREEN_PERSON
from activities.documents import Documents
from activities.mail import Mail
from activities.payments import Payments
from activities.people import People
from activities.policies import Policies
from activities.records import Records
from activities.screening import Screening
from jalon.domain.emails import Email
from jalon.integrations.documents import ContractDocument, ContractRenderer, SignatureRecord
from jalon.integrations.links import Link, Links
from jalon.integrations.mail.port import Mailer
from jalon.integrations.mail.renderer import Rendered, Renderer
from jalon.integrations.payments.port import PaymentProvider
from jalon.integrations.screening.port import PartyScreener
from jalon.policy.model.store_policy import StorePolicy
from jalon.rehearsal.sim.attempts import Performer
from jalon.rehearsal.sim.modelled import clocks, ledgers, receipts, records, transitions
from jalon.rehearsal.sim.modelled.database import Database, Sessions
from jalon.rehearsal.sim.modelled.parties import Parties

ADDRESS = "https://jalon.example.com"
SEAMS: tuple[tuple[ModuleType, str, ModuleType], ...] = (
    (activities.payments, "ledgers", ledgers),
    (activities.mail, "ledgers", ledgers),
    (activities.mail, "records", records),
    (activities.mail, "clocks", clocks),
    (activities.policies, "records", records),
    (activities.people, "records", records),
    (activities.documents, "records", records),
    (activities.records, "records", records),
    (activities.records, "receipts", receipts),
    (activities.records, "transitions", transitions),
)
"""The names through which activities reach modules of `persistence`, each with its model."""


@contextmanager
def models_in_place(db: Database) -> Iterator[None]:
    """Within the block, activities use the models instead of the database."""
    # The product draws document ids at random; here they are the same in every run of a seed.
    named = (activities.documents, "new_id", lambda kind: f"{kind}_{db.number(kind)}")
    seams = (*SEAMS, named)
    former = [(module, name, getattr(module, name)) for module, name, _ in seams]
    for module, name, model in seams:
        setattr(module, name, model)
    try:
        yield
    finally:
        for module, name, product in former:
            setattr(module, name, product)


class _Renderer:
    """Renders empty e-mails; other tests cover their content."""

    def render(self, email: Email, **said: object) -> Rendered:
        """The e-mail without text."""
        return Rendered(email.template, "", "")


class _ContractRenderer:
    """Renders a contract of a few bytes, which differ for other facts."""

    def render(self, document: ContractDocument) -> bytes:
        """The facts that distinguish one contract from another."""
        return repr((document.order_number, document.subscription_number, document.activate_by)).encode()

    def signed(self, contract: bytes, record: SignatureRecord) -> bytes:
        """The contract with the facts that distinguish one signature from another."""
        return contract + repr((record.evidence, record.signed_at)).encode()


class _Links:
    """Links without a signature."""

    def sign(self, link: Link) -> str:
        """The content of the link, unsigned."""
        return f"{link.kind}/{link.entity}/{link.subject}"


@dataclass(frozen=True)
class Paper:
    """What e-mails, contracts and links are written with."""

    renderer: Renderer
    contracts: ContractRenderer
    links: Links


BLANK = Paper(cast(Renderer, _Renderer()), cast(ContractRenderer, _ContractRenderer()), cast(Links, _Links()))
"""Paper that nobody reads, which costs no time."""


def performers(
    db: Database,
    sessions: Sessions,
    policies: Mapping[str, StorePolicy],
    providers: Mapping[str, PaymentProvider],
    mailer: Mailer,
    screener: PartyScreener,
    paper: Paper,
) -> dict[str, Performer]:
    """Every activity of a lifecycle, by name."""
    over = cast(jalon.persistence.sessions.Sessions, sessions)
    parties = cast(jalon.persistence.people.parties.Parties, Parties())
    kept, people, policy = Records(over), People(over, parties), Policies(over, policies)
    documents = Documents(over, parties, paper.contracts)
    mail = Mail(over, parties, paper.renderer, mailer, paper.links, policies, ADDRESS)
    payments, screening = Payments(over, providers, policies), Screening(over, parties, screener)
    named: Sequence[tuple[ActivityRef[Any, Any], Any]] = (
        (RECORD, kept.record_transition),
        (CHECK_CLOSING, kept.check_closing),
        (REST, kept.note_rest),
        (ASK_POLICY, policy.ask_policy),
        (RENEWAL_TERMS, policy.renewal_terms),
        (FIND_IDENTITY, people.find_identity),
        (SET_UP_IDENTITY, people.set_up_identity),
        (PURGE, people.purge),
        (DRAW_UP_CONTRACT, documents.draw_up_contract),
        (DRAW_UP_SIGNED_COPY, documents.draw_up_signed_copy),
        (SCREEN, screening.screen),
        (SCREEN_PERSON, screening.screen_person),
        (PAY, payments.pay),
        (SEND_MAIL, mail.send_mail),
    )
    return {ref.name: Performer(call, ref.asked) for ref, call in named}
