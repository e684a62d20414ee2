"""The ledgers of payments and e-mails: an intent is recorded once, and a success or acceptance is never overwritten."""

from __future__ import annotations

from decimal import Decimal

import pytest

from jalon.domain.money import Money
from jalon.persistence.ids import new_id
from jalon.persistence.money import ledgers
from jalon.persistence.money.ledgers import MailRow, PaymentIntent
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT


def intent(store: str, entity: str, generation: int = 1) -> PaymentIntent:
    amount = Money(Decimal("1200.00"), "EUR")
    key = f"{entity}/{generation}"
    return PaymentIntent(key, store, entity, "charge", 0, generation, amount, "sandbox", AT)


async def test_a_payment_goes_from_intent_to_sent_to_settled(
    sessions: Sessions, here: str, entity: str
) -> None:
    wanted = intent(here, entity)
    async with sessions.of(here) as tx:
        states = [(await ledgers.intend_payment(tx, wanted)).state]
        await ledgers.mark_sent(tx, wanted.key)
        states.append((await ledgers.intend_payment(tx, wanted)).state)
        await ledgers.mark_unknown(tx, wanted.key)
        states.append((await ledgers.intend_payment(tx, wanted)).state)
        await ledgers.settle_payment(tx, wanted.key, "succeeded", {"reference": "ch_1"})
        for late in (ledgers.mark_sent, ledgers.mark_unknown):
            await late(tx, wanted.key)
        await ledgers.settle_payment(tx, wanted.key, "declined", {"reference": "ch_2"})
        row = await ledgers.intend_payment(tx, wanted)
    assert states == ["intent", "sent", "unknown"]
    assert (row.state, row.outcome) == ("succeeded", {"reference": "ch_1"})


async def test_a_new_generation_is_a_new_payment(sessions: Sessions, here: str, entity: str) -> None:
    async with sessions.of(here) as tx:
        await ledgers.intend_payment(tx, intent(here, entity, 1))
        await ledgers.settle_payment(tx, f"{entity}/1", "declined", {"code": "lost_card"})
        assert (await ledgers.intend_payment(tx, intent(here, entity, 2))).state == "intent"
        assert (await ledgers.intend_payment(tx, intent(here, entity, 1))).state == "declined"


async def mail(sessions: Sessions, store: str, entity: str) -> MailRow:
    async with sessions.of(store) as tx:
        return await ledgers.intend_mail(
            tx, key=f"mail/{entity}", store=store, entity=entity, party=new_id("party"), template="invitation",
            message_id=f"<{entity}@example.com>", at=AT,
        )  # fmt: skip


async def test_a_mail_is_accepted_once(sessions: Sessions, here: str, entity: str) -> None:
    assert (await mail(sessions, here, entity)).state == "intent"
    async with sessions.of(here) as tx:
        assert await ledgers.mail_accepted(tx, f"mail/{entity}", AT) == AT
    again = await mail(sessions, here, entity)
    assert (again.state, again.sent_at) == ("accepted", AT)


@pytest.mark.parametrize("first", ["accepted", "refused"])
async def test_what_became_of_a_mail_can_be_told_again(
    sessions: Sessions, here: str, entity: str, first: str
) -> None:
    """Two overlapping attempts both record an outcome; the second gets the recorded one."""
    await mail(sessions, here, entity)
    key = f"mail/{entity}"
    async with sessions.of(here) as tx:
        for _ in range(2):
            told = (
                await ledgers.mail_accepted(tx, key, AT)
                if first == "accepted"
                else await ledgers.mail_refused(tx, key, AT, "554")
            )
            assert told == AT
