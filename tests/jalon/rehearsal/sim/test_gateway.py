"""The model of a payment provider fulfils the contract of every provider, and its cards are the sandbox's."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from jalon.integrations.payments.port import PaymentProvider, ProviderEvent
from jalon.rehearsal.sim.modelled.gateway import Gateway, Trouble
from tests.jalon.integrations.payments.contract import (
    ChallengeContract,
    ChargeContract,
    ListingContract,
    MandateContract,
    RefundContract,
)
from tests.jalon.integrations.payments.provider_cases import ProviderCase
from tests.jalon.integrations.payments.test_sandbox_cards import (
    test_a_card_does_what_it_says,
    test_a_card_that_recovers_late_pays_the_fourth_time,
    test_two_mandates_of_one_token_count_their_own_charges,
)

__all__ = [
    "test_a_card_does_what_it_says",
    "test_a_card_that_recovers_late_pays_the_fourth_time",
    "test_two_mandates_of_one_token_count_their_own_charges",
]


@dataclass(frozen=True, slots=True)
class ModelRehearsal(ProviderCase):
    """The model, whose challenges are answered without a browser."""

    gateway: Gateway

    async def confirm(self, url: str) -> None:
        self.gateway.answer_challenge(url.rpartition("/")[2], approved=True)

    async def refuse(self, url: str) -> None:
        self.gateway.answer_challenge(url.rpartition("/")[2], approved=False)


def gateway(reachable: bool) -> Gateway:
    return Gateway(_no_trouble, lambda: reachable, _others_first, _unheard)


def _no_trouble(what: str) -> Trouble:
    return Trouble.NONE


async def _others_first(hanging: bool) -> None:
    """Lets concurrent requests interleave."""
    await asyncio.sleep(0)


def _unheard(event: ProviderEvent) -> None:
    """Ignores the event."""


@pytest.fixture
def case() -> ModelRehearsal:
    provider = gateway(reachable=True)
    return ModelRehearsal(
        provider,
        gateway(reachable=False),
        pays="card_ok",
        declines=("card_insufficient_funds", "insufficient_funds", True),
        declines_when_stored=("card_lost", "lost_card", False),
        challenges="card_3ds",
        gateway=provider,
    )


@pytest.fixture
def provider(case: ModelRehearsal) -> PaymentProvider:
    return case.provider


class TestContract(ChargeContract, ChallengeContract, MandateContract, RefundContract, ListingContract):
    pass
