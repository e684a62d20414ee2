"""The contract of a failing payment provider: the caller's error, what `find…` returns, and what was captured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from jalon.domain.money import Money
from jalon.integrations.payments.port import (
    ActionRequired,
    Declined,
    KeyVoid,
    MandateReleased,
    MandateStored,
    NotFound,
    PaymentProvider,
    ProviderRefusedRequest,
    ProviderTimeout,
    Refunded,
    Result,
    Succeeded,
)
from jalon.rehearsal.sim.modelled.gateway import Trouble

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
PRICE = Money(Decimal("1200.00"), "EUR")


class Troubled(ABC):
    """A provider, and the functions that make it fail."""

    provider: PaymentProvider

    @abstractmethod
    def strike(self, trouble: Trouble, order: str) -> None:
        """Sets the failure of the order's next request that changes something."""

    @abstractmethod
    def forget(self, key: str) -> None:
        """Makes the provider forget the key."""

    @abstractmethod
    async def refuse(self, asked: ActionRequired) -> None:
        """Refuses the confirmation as the customer."""


async def pay(troubled: Troubled, key: str, order: str, method: str = "card_ok") -> Result:
    return await troubled.provider.charge(key, PRICE, method, {"order": order}, AT)


async def captured(troubled: Troubled, order: str) -> int:
    book = await troubled.provider.list_charges(metadata={"order": order})
    return sum(entry.captured for entry in book.items)


class TroubleContract:
    """Money moves once under a key that is remembered, whatever error the caller gets."""

    async def test_a_lost_request_leaves_nothing_and_may_be_sent_again(
        self, troubled: Troubled, key: str, order: str
    ) -> None:
        troubled.strike(Trouble.LOST, order)
        with pytest.raises(ProviderTimeout):
            await pay(troubled, key, order)
        assert await troubled.provider.find(key) == NotFound()
        assert isinstance(await pay(troubled, key, order), Succeeded)
        assert await captured(troubled, order) == 1

    async def test_an_unanswered_request_is_found_and_not_done_again(
        self, troubled: Troubled, key: str, order: str
    ) -> None:
        troubled.strike(Trouble.UNANSWERED, order)
        with pytest.raises(ProviderTimeout):
            await pay(troubled, key, order)
        found = await troubled.provider.find(key)
        assert isinstance(found, Succeeded)
        assert await pay(troubled, key, order) == found
        assert await captured(troubled, order) == 1

    @pytest.mark.parametrize("trouble", [Trouble.SPOILT, Trouble.SPOILT_AFTER])
    async def test_a_fault_of_its_own_is_unknown_at_first_and_repeated_for_ever(
        self, troubled: Troubled, key: str, order: str, trouble: Trouble
    ) -> None:
        troubled.strike(trouble, order)
        for fault in (ProviderTimeout, KeyVoid, KeyVoid):
            with pytest.raises(fault):
                await pay(troubled, key, order)
        effect = Succeeded if trouble is Trouble.SPOILT_AFTER else NotFound
        assert isinstance(await troubled.provider.find(key), effect)
        assert await captured(troubled, order) == (trouble is Trouble.SPOILT_AFTER)
        assert isinstance(await pay(troubled, f"{key}-next", order), Succeeded)

    async def test_a_refused_request_leaves_nothing(self, troubled: Troubled, key: str, order: str) -> None:
        troubled.strike(Trouble.REFUSED, order)
        with pytest.raises(ProviderRefusedRequest, match="request_refused"):
            await pay(troubled, key, order)
        assert await troubled.provider.find(key) == NotFound()
        assert isinstance(await pay(troubled, key, order), Succeeded)

    async def test_a_forgotten_key_charges_again(self, troubled: Troubled, key: str, order: str) -> None:
        first = await pay(troubled, key, order)
        troubled.forget(key)
        assert await troubled.provider.find(key) == first
        assert await pay(troubled, key, order) != first
        assert await captured(troubled, order) == 2
        assert await troubled.provider.find(key) == first

    @pytest.mark.parametrize("card", ["card_recovers", "card_expires_later"])
    async def test_a_capture_outweighs_a_decline_before_or_after_it(
        self, troubled: Troubled, key: str, order: str, card: str
    ) -> None:
        outcomes = []
        for _ in range(2):
            outcomes.append(await pay(troubled, key, order, f"{card}.{key}"))
            troubled.forget(key)
        [paid] = [each for each in outcomes if isinstance(each, Succeeded)]
        assert await troubled.provider.find(key) == paid

    @pytest.mark.parametrize("refused", [0, 1])
    async def test_what_waits_for_the_customer_outweighs_a_decline(
        self, troubled: Troubled, key: str, order: str, refused: int
    ) -> None:
        asked = []
        for _ in range(2):
            answer = await pay(troubled, key, order, "card_3ds")
            assert isinstance(answer, ActionRequired)
            asked.append(answer)
            troubled.forget(key)
        await troubled.refuse(asked[refused])
        assert await troubled.provider.find(key) == asked[1 - refused]

    async def test_of_equal_attempts_the_first_is_found(
        self, troubled: Troubled, key: str, order: str
    ) -> None:
        attempts = []
        for _ in range(2):
            attempts.append(await pay(troubled, key, order, "card_declined"))
            troubled.forget(key)
        assert attempts[0] != attempts[1]
        assert await troubled.provider.find(key) == attempts[0]

    async def test_a_refund_made_outweighs_one_that_is_too_much(
        self, troubled: Troubled, key: str, order: str
    ) -> None:
        charged = await pay(troubled, key, order)
        first = await troubled.provider.refund(f"{key}-r", charged.reference, PRICE, AT)
        troubled.forget(f"{key}-r")
        again = await troubled.provider.refund(f"{key}-r", charged.reference, PRICE, AT)
        assert (type(first), type(again)) == (Refunded, Declined)
        assert await troubled.provider.find_refund(f"{key}-r") == first

    async def test_a_mandate_stored_outweighs_one_released(
        self, troubled: Troubled, key: str, order: str
    ) -> None:
        provider, stored = troubled.provider, []
        for _ in range(2):
            answer = await provider.store_mandate(key, "card_ok", {"order": order}, AT)
            assert isinstance(answer, MandateStored)
            stored.append(answer)
            troubled.forget(key)
        await provider.release_mandate(f"{key}-x", stored[1].reference, AT)
        assert await provider.find_mandate(key) == stored[0]
        await provider.release_mandate(f"{key}-y", stored[0].reference, AT)
        assert await provider.find_mandate(key) == MandateReleased(stored[0].reference, AT)

    async def test_unanswered_refunds_and_mandates_are_found_too(
        self, troubled: Troubled, key: str, order: str
    ) -> None:
        provider, charged = troubled.provider, await pay(troubled, key, order)
        troubled.strike(Trouble.UNANSWERED, order)
        with pytest.raises(ProviderTimeout):
            await provider.refund(f"{key}-r", charged.reference, PRICE, AT)
        refunded = await provider.find_refund(f"{key}-r")
        assert isinstance(refunded, Refunded)
        assert await provider.refund(f"{key}-r", charged.reference, PRICE, AT) == refunded
        troubled.strike(Trouble.UNANSWERED, order)
        with pytest.raises(ProviderTimeout):
            await provider.store_mandate(f"{key}-m", "card_ok", {"order": order}, AT)
        stored = await provider.find_mandate(f"{key}-m")
        assert isinstance(stored, MandateStored)
        assert await provider.store_mandate(f"{key}-m", "card_ok", {"order": order}, AT) == stored

    async def test_a_released_mandate_is_declined_when_it_is_asked_for_again(
        self, troubled: Troubled, key: str, order: str
    ) -> None:
        provider = troubled.provider
        asked = await provider.store_mandate(key, "card_3ds", {"order": order}, AT)
        assert isinstance(asked, ActionRequired)
        await provider.release_mandate(f"{key}-x", asked.reference, AT)
        again = await provider.store_mandate(key, "card_3ds", {"order": order}, AT)
        assert again == Declined("mandate_released", asked.reference, retryable=False)
