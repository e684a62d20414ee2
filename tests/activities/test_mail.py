"""An e-mail is sent once for each intent: ledger first, one Message-ID, at least once, and never again after its acceptance."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from temporalio.exceptions import ApplicationError

from activities.contracts.mail import MailRequest
from activities.mail import Mail, mail_key
from jalon.domain.emails import ContractReady, SubscriptionActive
from jalon.integrations.links import Link, Links
from jalon.integrations.mail.registry import MAILERS
from jalon.integrations.mail.renderer import Renderer
from jalon.integrations.mail.smtp import SmtpServer
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from jalon.policy.model.store_policy import StorePolicy
from tests.activities.conftest import AT, ROOT, STORE
from tests.jalon.local.mailbox_process import MailboxProcess

LINKS = Links([b"a link key for tests of 32 bytes"])
READY = ContractReady(
    order_number="FAS-1", product="Anchor Design", quantity=1, activate_by=AT.replace(month=4)
)


@pytest.fixture
def mail(
    sessions: Sessions, parties: Parties, policies: dict[str, StorePolicy], mailbox: MailboxProcess
) -> Mail:
    smtp = MAILERS["smtp"](SmtpServer("127.0.0.1", mailbox.smtp_port, timeout=2))
    renderer = Renderer(Path(ROOT / "templates"))
    return Mail(sessions, parties, renderer, smtp, LINKS, policies, "https://shop.example.com")


@pytest.fixture(autouse=True)
def behaving(mailbox: MailboxProcess) -> Iterator[None]:
    yield
    mailbox.http.delete("/_control/faults")


def ready(entity: str, party: str, **more: Any) -> MailRequest:
    return dataclasses.replace(
        MailRequest(
            STORE, entity, "contract", READY.template, READY.as_facts(), party, AT, False, READY.link
        ),
        **more,
    )


async def address_of(sessions: Sessions, parties: Parties, party: str) -> str:
    async with sessions.of(STORE) as tx:
        return (await parties.read(tx, party))[party].email


async def ledger(sessions: Sessions, request: MailRequest) -> tuple[str, int, str | None]:
    async with sessions.of(STORE) as tx:
        asked = text("select state, attempts, refusal from mail where key = :key")
        row = (await tx.execute(asked, {"key": mail_key(request)})).one()
    return row.state, row.attempts, row.refusal


async def test_sent_twice_it_arrives_once_with_its_link_and_the_stores_date(
    mail: Mail, mailbox: MailboxProcess, sessions: Sessions, parties: Parties, entity: str, ana: str
) -> None:
    first = await mail.send_mail(ready(entity, ana))
    assert await mail.send_mail(ready(entity, ana, at=AT.replace(year=2027))) == first
    assert first.sent_at == AT
    (brief,) = mailbox.messages(to=await address_of(sessions, parties, ana))
    assert (brief["template"], brief["copies"], brief["sent_at"]) == ("contract_ready", 1, AT.isoformat())
    whole = mailbox.read(brief["id"])
    (link,) = {each for each in whole["links"] if "/h/contract/" in each and not each.endswith(".ics")}
    assert LINKS.open(link.rpartition("/")[2]) == Link("contract", STORE, entity, "", ana)
    assert "Ana Lefèvre" in whole["text"]
    assert "Ana Lefèvre" in whole["html"]


async def test_two_occurrences_are_two_mails_and_two_message_ids(
    mail: Mail, mailbox: MailboxProcess, sessions: Sessions, parties: Parties, entity: str, ana: str
) -> None:
    for occurrence in ("contract", "activation_reminder/0"):
        await mail.send_mail(ready(entity, ana, occurrence=occurrence))
    arrived = mailbox.messages(to=await address_of(sessions, parties, ana))
    assert len({each["message_id"] for each in arrived}) == len(arrived) == 2


async def test_not_now_is_tried_again(
    mail: Mail, mailbox: MailboxProcess, sessions: Sessions, parties: Parties, entity: str, ana: str
) -> None:
    to = await address_of(sessions, parties, ana)
    mailbox.fail("refuse_451", to=to)
    with pytest.raises(ApplicationError) as fault:
        await mail.send_mail(ready(entity, ana))
    assert (fault.value.type, fault.value.non_retryable) == ("MailUnreachable:4xx", False)
    assert to not in str(fault.value)
    assert (await mail.send_mail(ready(entity, ana))).refusal is None
    assert await ledger(sessions, ready(entity, ana)) == ("accepted", 2, None)
    assert len(mailbox.messages(to=to)) == 1


async def test_never_is_an_answer_that_flags_the_contact(
    mail: Mail, mailbox: MailboxProcess, sessions: Sessions, parties: Parties, entity: str, ana: str
) -> None:
    to = await address_of(sessions, parties, ana)
    mailbox.fail("refuse_554", to=to)
    refused = await mail.send_mail(ready(entity, ana))
    assert refused.refusal == "554"
    assert await mail.send_mail(ready(entity, ana)) == refused
    async with sessions.of(STORE) as tx:
        assert (await parties.read(tx, ana))[ana].undeliverable == "554"
    assert mailbox.messages(to=to) == []


@pytest.mark.parametrize("kind", ["drop_after_data", "stall"])
async def test_a_lost_acknowledgement_repeats_one_message_id_and_never_after_acceptance(
    mail: Mail,
    mailbox: MailboxProcess,
    sessions: Sessions,
    parties: Parties,
    entity: str,
    ana: str,
    kind: str,
) -> None:
    to = await address_of(sessions, parties, ana)
    mailbox.fail(kind, to=to)
    with pytest.raises(ApplicationError) as fault:
        await mail.send_mail(ready(entity, ana))
    assert fault.value.type == "MailUnacknowledged"
    for _ in range(3):
        assert (await mail.send_mail(ready(entity, ana))).refusal is None
    assert await ledger(sessions, ready(entity, ana)) == ("accepted", 4, None)
    arrived = mailbox.messages(to=to)
    assert len({each["message_id"] for each in arrived}) == 1
    assert len(arrived) == 2


async def test_an_erased_person_gets_nothing_and_stops_nothing(
    mail: Mail,
    mailbox: MailboxProcess,
    sessions: Sessions,
    owner: Sessions,
    parties: Parties,
    entity: str,
    ana: str,
) -> None:
    to = await address_of(sessions, parties, ana)
    async with owner.of(STORE) as tx:
        await tx.execute(text("update party set wrapped_key = null where id = :id"), {"id": ana})
    assert (await mail.send_mail(ready(entity, ana))).refusal == "erased"
    assert (await mail.send_mail(ready(entity, ana))).refusal == "erased"
    assert mailbox.messages(to=to) == []


async def test_it_speaks_the_readers_language(
    mail: Mail, mailbox: MailboxProcess, sessions: Sessions, parties: Parties, entity: str, ana: str
) -> None:
    to = await address_of(sessions, parties, ana)
    active = SubscriptionActive(
        order_number="FAS-1", product="Anchor Design", subscription_number="sub_1", quantity=1,
        term_until=AT.replace(year=2027), renews=True, user_management=True,
    )  # fmt: skip
    request = ready(entity, ana, template=active.template, fields=active.as_facts(), link=None)
    await mail.send_mail(request)
    async with sessions.of(STORE) as tx:
        person = (await parties.read(tx, ana))[ana]
        await parties.change(tx, dataclasses.replace(person, language="en"))
    await mail.send_mail(dataclasses.replace(request, occurrence="again"))
    french, english = [mailbox.read(each["id"])["text"] for each in mailbox.messages(to=to)]
    assert french != english
    assert "Bonjour" in french
    assert "Bonjour" not in english


async def test_a_store_whose_name_has_a_comma_is_one_sender(
    sessions: Sessions,
    parties: Parties,
    policies: dict[str, StorePolicy],
    mailbox: MailboxProcess,
    entity: str,
    ana: str,
) -> None:
    policy = policies[STORE]
    named = dataclasses.replace(
        policy, store=policy.store.model_copy(update={"name": "Anchors, Bolts & Co."})
    )
    smtp = MAILERS["smtp"](SmtpServer("127.0.0.1", mailbox.smtp_port, timeout=2))
    renderer = Renderer(Path(ROOT / "templates"))
    mail = Mail(
        sessions, parties, renderer, smtp, LINKS, policies | {STORE: named}, "https://shop.example.com"
    )
    await mail.send_mail(ready(entity, ana))
    (brief,) = mailbox.messages(to=await address_of(sessions, parties, ana))
    headers = {name.lower(): value for name, value in dict(mailbox.read(brief["id"])["headers"]).items()}
    assert getaddresses([headers["from"]]) == [("Anchors, Bolts & Co.", policy.store.support_email)]


@pytest.mark.rule("X21", "P5")
async def test_what_leaves_when_it_can_no_longer_be_done_is_withdrawn(
    mail: Mail, sessions: Sessions, parties: Parties, mailbox: MailboxProcess, entity: str, ana: str
) -> None:
    closes = READY.activate_by
    assert closes is not None
    late, in_time = (
        ready(entity, ana, occurrence=name, at=at)
        for name, at in (("late", closes), ("in time", closes - timedelta(microseconds=1)))
    )
    assert (await mail.send_mail(late)).withdrawn
    assert (await ledger(sessions, late))[0] == "intent"
    to = await address_of(sessions, parties, ana)
    assert mailbox.messages(to=to) == []
    assert not (await mail.send_mail(in_time)).withdrawn
    assert len(mailbox.messages(to=to)) == 1
