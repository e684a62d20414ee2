"""The contract of every payment provider; test_contract.py runs it over the whole registry."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from jalon.domain.money import Money
from jalon.integrations.payments.port import (
    DECLINE_CODES,
    ActionRequired,
    Declined,
    MandateReleased,
    MandateStored,
    NotFound,
    ProviderRefusedRequest,
    ProviderUnreachable,
    Refunded,
    Succeeded,
)
from tests.jalon.integrations.payments.provider_cases import ProviderCase
from tests.support.world import turns

AT = datetime(2026, 1, 15, 9, 30, 0, 123456, tzinfo=UTC)
PRICE = Money(Decimal("1200.01"), "EUR")


class ChargeContract:
    """Charges move money once per key, and a refusal is an answer."""

    async def test_a_charge_is_captured_and_found(self, case: ProviderCase, key: str, order: str) -> None:
        charged = await case.provider.charge(key, PRICE, case.pays, {"order": order}, AT)
        assert isinstance(charged, Succeeded)
        assert charged.at.utcoffset() == timedelta(0)
        assert await case.provider.find(key) == charged

    async def test_the_same_key_gives_the_same_answer(self, case: ProviderCase, key: str, order: str) -> None:
        provider, metadata = case.provider, {"order": order}
        first = await provider.charge(key, PRICE, case.pays, metadata, AT)
        assert await provider.charge(key, PRICE, case.pays, metadata, AT + timedelta(days=1)) == first
        assert len((await provider.list_charges(metadata=metadata)).items) == 1

    async def test_many_at_once_with_one_key_capture_once(
        self, case: ProviderCase, key: str, order: str
    ) -> None:
        provider, metadata = case.provider, {"order": order}
        calls = (provider.charge(key, PRICE, case.pays, metadata, AT) for _ in range(20))
        assert len(set(await asyncio.gather(*calls))) == 1
        assert len((await provider.list_charges(metadata=metadata)).items) == 1

    async def test_a_key_can_not_be_used_for_another_amount(
        self, case: ProviderCase, key: str, order: str
    ) -> None:
        provider = case.provider
        await provider.charge(key, PRICE, case.pays, {"order": order}, AT)
        with pytest.raises(ProviderRefusedRequest) as refused:
            await provider.charge(key, PRICE + PRICE, case.pays, {"order": order}, AT)
        assert refused.value.code == "idempotency_key_reused"

    async def test_nothing_is_found_under_a_key_never_sent(self, case: ProviderCase, key: str) -> None:
        assert await case.provider.find(key) == NotFound()
        assert await case.provider.find_mandate(key) == NotFound()
        assert await case.provider.find_refund(key) == NotFound()

    async def test_a_decline_is_an_answer(self, case: ProviderCase, key: str, order: str) -> None:
        method, code, retryable = case.declines
        declined = await case.provider.charge(key, PRICE, method, {"order": order}, AT)
        assert isinstance(declined, Declined)
        assert (declined.code, declined.retryable) == (code, retryable)
        assert code in DECLINE_CODES
        assert await case.provider.find(key) == declined

    @pytest.mark.parametrize(
        "amount",
        [
            Money(Decimal("0.01"), "EUR"),
            Money(Decimal(1), "JPY"),
            Money(Decimal("0.001"), "TND"),
            Money(Decimal("999999999.99"), "USD"),
        ],
        ids=str,
    )
    async def test_amounts_are_exact(self, case: ProviderCase, key: str, order: str, amount: Money) -> None:
        await case.provider.charge(key, amount, case.pays, {"order": order}, AT)
        (entry,) = (await case.provider.list_charges(metadata={"order": order})).items
        assert (entry.amount, entry.refunded) == (amount, Money.zero(amount.currency))
        assert entry.captured

    @pytest.mark.parametrize("amount", [Money.zero("EUR"), Money(Decimal(-5), "EUR")], ids=str)
    async def test_nothing_and_less_can_not_be_charged(
        self, case: ProviderCase, key: str, amount: Money
    ) -> None:
        with pytest.raises(ProviderRefusedRequest, match="amount_not_positive"):
            await case.provider.charge(key, amount, case.pays, {}, AT)

    async def test_an_instant_without_a_zone_is_refused(self, case: ProviderCase, key: str) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            await case.provider.charge(key, PRICE, case.pays, {}, AT.replace(tzinfo=None))

    async def test_nobody_there_is_no_timeout(self, case: ProviderCase, key: str) -> None:
        with pytest.raises(ProviderUnreachable):
            await case.unreachable.charge(key, PRICE, case.pays, {}, AT)
        with pytest.raises(ProviderUnreachable):
            await case.unreachable.find(key)


class ChallengeContract:
    """The customer confirms or refuses; the key returns the result."""

    async def test_a_confirmed_charge_is_captured_once(
        self, case: ProviderCase, key: str, order: str
    ) -> None:
        provider, metadata = case.provider, {"order": order}
        asked = await provider.charge(key, PRICE, case.challenges, metadata, AT)
        assert isinstance(asked, ActionRequired)
        assert await provider.find(key) == asked
        await case.confirm(asked.url)
        found = await provider.find(key)
        assert isinstance(found, Succeeded)
        assert await provider.charge(key, PRICE, case.challenges, metadata, AT) == found
        assert [entry.captured for entry in (await provider.list_charges(metadata=metadata)).items] == [True]

    async def test_a_refused_charge_is_declined(self, case: ProviderCase, key: str, order: str) -> None:
        provider = case.provider
        asked = await provider.charge(key, PRICE, case.challenges, {"order": order}, AT)
        assert isinstance(asked, ActionRequired)
        await case.refuse(asked.url)
        await case.confirm(asked.url)
        assert await provider.find(key) == Declined("authentication_failed", asked.reference, retryable=False)

    async def test_a_cancelled_charge_can_not_be_confirmed(
        self, case: ProviderCase, key: str, order: str
    ) -> None:
        provider = case.provider
        asked = await provider.charge(key, PRICE, case.challenges, {"order": order}, AT)
        assert isinstance(asked, ActionRequired)
        cancelled = await provider.cancel(f"{key}-cancel", asked.reference, AT)
        assert cancelled == Declined("cancelled", asked.reference, retryable=False)
        await case.confirm(asked.url)
        assert await provider.find(key) == cancelled
        assert await provider.cancel(f"{key}-again", asked.reference, AT) == cancelled

    async def test_a_cancellation_too_late_tells_the_capture(self, case: ProviderCase, key: str) -> None:
        charged = await case.provider.charge(key, PRICE, case.pays, {}, AT)
        assert isinstance(charged, Succeeded)
        assert await case.provider.cancel(f"{key}-cancel", charged.reference, AT) == charged


class MandateContract:
    """A mandate collects without the customer until it is released."""

    async def test_a_mandate_is_stored_charged_and_released(
        self, case: ProviderCase, key: str, order: str
    ) -> None:
        provider, metadata = case.provider, {"order": order}
        stored = await provider.store_mandate(key, case.pays, metadata, AT)
        assert isinstance(stored, MandateStored)
        assert await provider.store_mandate(key, case.pays, metadata, AT) == stored
        assert await provider.find_mandate(key) == stored
        assert (await provider.list_charges(metadata=metadata)).items == ()
        for cycle in range(2):
            paid = await provider.charge(
                f"{key}-{cycle}", PRICE, case.pays, metadata, AT, mandate=stored.reference
            )
            assert isinstance(paid, Succeeded)
        released_at = AT + timedelta(days=91)
        await provider.release_mandate(f"{key}-release", stored.reference, released_at)
        await provider.release_mandate(f"{key}-release-again", stored.reference, AT + timedelta(days=92))
        assert await provider.find_mandate(key) == MandateReleased(stored.reference, released_at)
        late = await provider.charge(f"{key}-2", PRICE, case.pays, metadata, AT, mandate=stored.reference)
        assert isinstance(late, Declined)
        assert (late.code, late.retryable) == ("mandate_released", False)

    async def test_a_mandate_confirmed_once_collects_without_the_customer(
        self, case: ProviderCase, key: str
    ) -> None:
        provider = case.provider
        asked = await provider.store_mandate(key, case.challenges, {}, AT)
        assert isinstance(asked, ActionRequired)
        await case.confirm(asked.url)
        stored = await provider.find_mandate(key)
        assert isinstance(stored, MandateStored)
        assert await provider.store_mandate(key, case.challenges, {}, AT) == stored
        paid = await provider.charge(f"{key}-0", PRICE, case.challenges, {}, AT, mandate=stored.reference)
        assert isinstance(paid, Succeeded)

    async def test_a_mandate_released_while_it_waits_can_not_be_confirmed(
        self, case: ProviderCase, key: str
    ) -> None:
        provider = case.provider
        asked = await provider.store_mandate(key, case.challenges, {}, AT)
        assert isinstance(asked, ActionRequired)
        await provider.release_mandate(f"{key}-release", asked.reference, AT)
        await case.confirm(asked.url)
        assert await provider.find_mandate(key) == MandateReleased(asked.reference, AT)

    async def test_a_mandate_may_be_declined(self, case: ProviderCase, key: str) -> None:
        method, code, retryable = case.declines_when_stored
        declined = await case.provider.store_mandate(key, method, {}, AT)
        assert isinstance(declined, Declined)
        assert (declined.code, declined.retryable) == (code, retryable)
        assert await case.provider.find_mandate(key) == declined

    async def test_an_unknown_mandate_is_our_fault(self, case: ProviderCase, key: str) -> None:
        provider = case.provider
        with pytest.raises(ProviderRefusedRequest, match="mandate_not_found"):
            await provider.charge(key, PRICE, case.pays, {}, AT, mandate="man_nobody")
        with pytest.raises(ProviderRefusedRequest, match="mandate_not_found"):
            await provider.release_mandate(key, "man_nobody", AT)


class RefundContract:
    """Money goes back once per key, and never more than was captured."""

    async def test_refunds_never_exceed_the_capture(self, case: ProviderCase, key: str, order: str) -> None:
        provider = case.provider
        charged = await provider.charge(key, PRICE, case.pays, {"order": order}, AT)
        assert isinstance(charged, Succeeded)
        part, rest = Money(Decimal("200.00"), "EUR"), Money(Decimal("1000.01"), "EUR")
        first = await provider.refund(f"{key}-1", charged.reference, part, AT)
        assert isinstance(first, Refunded)
        assert await provider.refund(f"{key}-1", charged.reference, part, AT) == first
        assert await provider.find_refund(f"{key}-1") == first
        over = await provider.refund(f"{key}-2", charged.reference, rest + Money(Decimal("0.01"), "EUR"), AT)
        assert isinstance(over, Declined)
        assert over.code == "exceeds_captured"
        assert await provider.find_refund(f"{key}-2") == over
        assert isinstance(await provider.refund(f"{key}-3", charged.reference, rest, AT), Refunded)
        (entry,) = (await provider.list_charges(metadata={"order": order})).items
        assert entry.refunded == entry.amount == PRICE

    async def test_concurrent_refunds_never_exceed_the_capture(
        self, case: ProviderCase, key: str, order: str
    ) -> None:
        provider = case.provider
        charged = await provider.charge(key, PRICE, case.pays, {"order": order}, AT)
        assert isinstance(charged, Succeeded)
        half = Money(Decimal("600.00"), "EUR")
        calls = (provider.refund(f"{key}-{n}", charged.reference, half, AT) for n in range(6))
        answers = await asyncio.gather(*calls)
        assert sum(isinstance(answer, Refunded) for answer in answers) == 2

    async def test_what_was_not_captured_can_not_be_refunded(self, case: ProviderCase, key: str) -> None:
        declined = await case.provider.charge(key, PRICE, case.declines[0], {}, AT)
        assert isinstance(declined, Declined)
        refused = await case.provider.refund(f"{key}-1", declined.reference, PRICE, AT)
        assert isinstance(refused, Declined)
        assert refused.code == "not_captured"

    async def test_an_unknown_charge_is_our_fault(self, case: ProviderCase, key: str) -> None:
        with pytest.raises(ProviderRefusedRequest, match="charge_not_found"):
            await case.provider.refund(key, "ch_nobody", PRICE, AT)


class ListingContract:
    """The provider's records are complete and in order."""

    async def test_pages_neither_skip_nor_repeat(self, case: ProviderCase, key: str, order: str) -> None:
        provider, metadata = case.provider, {"order": order}
        for n in range(5):
            await provider.charge(f"{key}-{n}", PRICE, case.pays, metadata, AT + timedelta(days=n))
        seen: list[str | None] = []
        cursor: str | None = None
        for _ in turns("the last page of charges"):
            page = await provider.list_charges(cursor=cursor, metadata=metadata, limit=2)
            seen += [entry.key for entry in page.items]
            cursor = page.cursor
            if cursor is None:
                break
        assert seen == [f"{key}-{n}" for n in range(5)]

    async def test_since_is_the_clock_of_the_caller(self, case: ProviderCase, key: str, order: str) -> None:
        provider, metadata = case.provider, {"order": order}
        tick = timedelta(microseconds=1)
        for n, at in enumerate((AT - tick, AT, AT + tick)):
            await provider.charge(f"{key}-{n}", PRICE, case.pays, metadata, at)
        found = (await provider.list_charges(since=AT, metadata=metadata)).items
        assert [(entry.key, entry.at) for entry in found] == [(f"{key}-1", AT), (f"{key}-2", AT + tick)]
