"""The contract of the ledgers of payments and e-mails, for the product and its model."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from jalon.domain.money import Money
from jalon.persistence.ids import new_id
from jalon.persistence.money.ledgers import MailRow, PaymentIntent, PaymentRow
from tests.jalon.persistence.conftest import AT
from tests.jalon.rehearsal.sim.sayings import DAY, TICK
from tests.jalon.rehearsal.sim.sides import Mail, Payment, Side

SETTLED = ("action_required", "declined", "succeeded")
# what each mark makes of a state where it changes it; a provider's answer changes every one but a success
LEADS: dict[str, dict[str, str]] = {
    "intent": {"sent": "sent"},
    "sent": {"unknown": "unknown", "void": "void"},
    "unknown": {"sent": "sent", "void": "void"},
    "void": {"sent": "sent"},
    "action_required": {"sent": "sent"},
    "declined": {"sent": "sent"},
    "succeeded": {},
}
WAYS = {"intent": (), "unknown": ("sent", "unknown"), "void": ("sent", "void")}


def intent(store: str, entity: str) -> PaymentIntent:
    amount = Money(Decimal("1200.10"), "EUR")
    return PaymentIntent(f"{entity}/1", store, entity, "charge", 2, 1, amount, "sandbox", AT)


async def mark(side: Side, tx: Any, key: str, state: str, n: int = 0) -> None:
    """Records a mark in the ledger; an answer's outcome carries the number `n`."""
    if state in SETTLED:
        await side.ledgers.settle_payment(tx, key, state, {"reference": f"ch_{n}"})
    else:
        await getattr(side.ledgers, f"mark_{state}")(tx, key)


async def intended(side: Side, tx: Any, store: str, entity: str, party: str, later: bool = False) -> MailRow:
    row: MailRow = await side.ledgers.intend_mail(
        tx, key=f"mail/{entity}", store=store, entity=entity, party=party,
        template="receipt" if later else "invitation", message_id=f"<{entity}.{later}@example.com>",
        at=AT + DAY if later else AT,
    )  # fmt: skip
    return row


class LedgersContract:
    """An intent is recorded once; a success and an acceptance are not overwritten."""

    async def test_a_payment_is_intended_once(self, side: Side, here: str, entity: str) -> None:
        first = intent(here, entity)
        other = replace(first, purpose="refund", cycle=3, amount=Money(Decimal(7), "JPY"), provider="other")
        async with side.sessions.of(here) as tx:
            for each in (first, other):
                assert await side.ledgers.intend_payment(tx, each) == PaymentRow("intent", "sandbox", None)
                assert await side.payment(tx, first.key) == Payment(
                    here, entity, "charge", 2, 1, first.amount, "sandbox"
                )

    @pytest.mark.parametrize("told", ["sent", "unknown", "void", *SETTLED])
    @pytest.mark.parametrize("state", LEADS)
    async def test_a_payment_goes_where_what_is_told_leads(
        self, side: Side, here: str, entity: str, state: str, told: str
    ) -> None:
        wanted, answered = intent(here, entity), told in SETTLED and state != "succeeded"
        async with side.sessions.of(here) as tx:
            await side.ledgers.intend_payment(tx, wanted)
            for way in WAYS.get(state, (state,)):
                await mark(side, tx, wanted.key, way, 1)
            before = await side.ledgers.intend_payment(tx, wanted)
            await mark(side, tx, wanted.key, told, 2)
            after = await side.ledgers.payment_of(tx, wanted.key)
            assert await side.ledgers.intend_payment(tx, wanted) == after
            waits = await side.ledgers.payment_waits(tx, wanted.key, wanted.provider)
            assert not await side.ledgers.payment_waits(tx, wanted.key, "other")
        assert before == PaymentRow(state, "sandbox", {"reference": "ch_1"} if state in SETTLED else None)
        assert after.state == (told if answered else LEADS[state].get(told, state))
        assert after.outcome == ({"reference": "ch_2"} if answered else before.outcome)
        assert waits == (after.state == "action_required")

    async def test_a_key_that_was_never_intended_is_not_marked(self, side: Side, here: str) -> None:
        async with side.sessions.of(here) as tx:
            for told in ("sent", "unknown", "void", *SETTLED):
                await mark(side, tx, f"{here}/none", told)
            assert await side.ledgers.payment_of(tx, f"{here}/none") is None
            assert not await side.ledgers.payment_waits(tx, f"{here}/none", "sandbox")

    @pytest.mark.parametrize("told", ["sent", "unknown", "void", *SETTLED])
    async def test_only_a_success_of_that_much_in_that_currency_gave_it_back(
        self, side: Side, here: str, entity: str, told: str
    ) -> None:
        wanted = intent(here, entity)
        enough = (wanted.amount, Money(Decimal("9.99"), "EUR"))
        too_much = (Money(Decimal("1200.11"), "EUR"), Money(Decimal("1200.10"), "USD"))
        async with side.sessions.of(here) as tx:
            assert not await side.ledgers.given_back(tx, wanted.key, wanted.amount)
            await side.ledgers.intend_payment(tx, wanted)
            await mark(side, tx, wanted.key, told)
            said = [await side.ledgers.given_back(tx, wanted.key, each) for each in (*enough, *too_much)]
        assert said == [told == "succeeded", told == "succeeded", False, False]

    async def test_a_mandate_is_known_by_its_reference_in_its_own_store(
        self, side: Side, here: str, entity: str
    ) -> None:
        mandate = replace(intent(here, entity), purpose="mandate", provider="other")
        charge = replace(intent(here, entity), key=f"{entity}/2")
        async with side.sessions.of(here) as tx:
            for each, reference in ((mandate, f"man_{entity}"), (charge, f"ch_{entity}")):
                await side.ledgers.intend_payment(tx, each)
                await side.ledgers.settle_payment(tx, each.key, "succeeded", {"reference": reference})
            known = [
                await side.ledgers.provider_of_mandate(tx, store, reference)
                for store, reference in (
                    (here, f"man_{entity}"),
                    (here, f"ch_{entity}"),
                    (here, ""),
                    ("elsewhere", f"man_{entity}"),
                )
            ]
        assert known == ["other", None, None, None]

    async def test_the_lines_that_gave_a_mandate_up_are_counted_once_each(
        self, side: Side, here: str, entity: str
    ) -> None:
        reference = f"man_{entity}"
        async with side.sessions.of(here) as tx:
            await side.ledgers.lock_mandate(tx, here, reference)
            assert await side.ledgers.given_up(tx, here, reference) == 0
            for line, purpose in ((1, "give_up"), (1, "give_up"), (2, "give_up"), (3, "release")):
                name = f"{entity}/{line}"
                each = replace(intent(here, name), purpose=purpose)
                await side.ledgers.intend_payment(tx, each)
                await side.ledgers.settle_payment(tx, each.key, "succeeded", {"reference": reference})
            assert await side.ledgers.given_up(tx, here, reference) == 2
            assert await side.ledgers.given_up(tx, here, "man_other") == 0
            assert await side.ledgers.given_up(tx, "elsewhere", reference) == 0

    async def test_a_mail_is_intended_once_and_its_attempts_are_counted(
        self, side: Side, here: str, entity: str
    ) -> None:
        ana, zoe = new_id("party"), new_id("party")
        async with side.sessions.of(here) as tx:
            assert await intended(side, tx, here, entity, ana) == MailRow("intent", None, None)
            first = Mail(entity, ana, "invitation", f"<{entity}.False@example.com>", AT, 1)
            assert await side.mail(tx, f"mail/{entity}") == first
            assert await intended(side, tx, here, entity, zoe, later=True) == MailRow("intent", None, None)
            assert await side.mail(tx, f"mail/{entity}") == replace(first, party=zoe, attempts=2)

    async def test_the_first_acceptance_stays(self, side: Side, here: str, entity: str) -> None:
        key, ana = f"mail/{entity}", new_id("party")
        async with side.sessions.of(here) as tx:
            await intended(side, tx, here, entity, ana)
            assert await side.ledgers.mail_accepted(tx, key, AT + TICK) == AT + TICK
            assert await side.ledgers.mail_accepted(tx, key, AT + DAY) == AT + TICK
            assert await side.ledgers.mail_refused(tx, key, AT + DAY, "554") == AT + TICK
            assert await intended(side, tx, here, entity, ana) == MailRow("accepted", AT + TICK, None)

    async def test_a_mail_is_dated_by_when_it_left(self, side: Side, here: str, entity: str) -> None:
        key, ana = f"mail/{entity}", new_id("party")
        async with side.sessions.of(here) as tx:
            await intended(side, tx, here, entity, ana)
            assert await side.ledgers.mail_accepted(tx, key, AT + TICK, AT) == AT
            assert await side.ledgers.mail_accepted(tx, key, AT + DAY, AT + TICK) == AT
            assert await side.ledgers.mail_refused(tx, key, AT + DAY, "554") == AT
            assert await intended(side, tx, here, entity, ana) == MailRow("accepted", AT, None)

    async def test_the_first_refusal_stays_until_the_mail_is_accepted(
        self, side: Side, here: str, entity: str
    ) -> None:
        key, ana = f"mail/{entity}", new_id("party")
        async with side.sessions.of(here) as tx:
            await intended(side, tx, here, entity, ana)
            assert await side.ledgers.mail_refused(tx, key, AT + TICK, "554") == AT + TICK
            assert await side.ledgers.mail_refused(tx, key, AT + DAY, "550") == AT + TICK
            assert await intended(side, tx, here, entity, ana) == MailRow("refused", AT + TICK, "554")
            assert await side.ledgers.mail_accepted(tx, key, AT + DAY) == AT + DAY
            assert await intended(side, tx, here, entity, ana) == MailRow("accepted", AT + DAY, None)

    @pytest.mark.parametrize("told", ["accepted", "refused"])
    async def test_what_became_of_a_mail_in_real_time_is_stamped_by_the_database(
        self, side: Side, here: str, entity: str, told: str
    ) -> None:
        async with side.sessions.of(here) as tx:
            await intended(side, tx, here, entity, new_id("party"))
            before = await side.now(tx)
            said = ("554",) if told == "refused" else ()
            at = await getattr(side.ledgers, f"mail_{told}")(tx, f"mail/{entity}", None, *said)
            assert before <= at <= await side.now(tx)
