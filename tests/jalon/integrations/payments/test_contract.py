"""The contract, over every registered payment provider."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from jalon.integrations.payments.registry import PROVIDERS
from tests.jalon.integrations.payments.contract import (
    ChallengeContract,
    ChargeContract,
    ListingContract,
    MandateContract,
    RefundContract,
)
from tests.jalon.integrations.payments.provider_cases import CASES, ProviderCase
from tests.jalon.integrations.payments.setup_contract import SetupContract
from tests.jalon.local.payment_sandbox_process import SandboxProcess


@pytest.fixture(params=sorted(PROVIDERS), scope="session")
async def case(request: pytest.FixtureRequest, shared_sandbox: SandboxProcess) -> AsyncIterator[ProviderCase]:
    async with CASES[request.param](shared_sandbox) as rehearsed:
        yield rehearsed


class TestContract(
    ChargeContract, ChallengeContract, MandateContract, RefundContract, SetupContract, ListingContract
):
    pass


def test_every_provider_is_rehearsed() -> None:
    assert set(CASES) == set(PROVIDERS)
