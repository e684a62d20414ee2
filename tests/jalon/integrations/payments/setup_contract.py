"""The part of the contract that is about cards given on the provider's own page; test_contract.py runs it over the whole registry."""

from __future__ import annotations

import asyncio

import pytest

from jalon.integrations.payments.port import (
    SESSION,
    ActionRequired,
    NotFound,
    ProviderUnreachable,
    Setup,
    Succeeded,
)
from tests.jalon.integrations.payments.contract import AT, PRICE
from tests.jalon.integrations.payments.provider_cases import ProviderCase

BACK = "https://jalon.example.com/h/payment/token"


class SetupContract:
    """A customer gives a method on the provider's own page, and whoever began the session reads the token there."""

    async def test_what_was_given_is_read_from_the_session(
        self, case: ProviderCase, key: str, order: str
    ) -> None:
        provider, metadata = case.provider, {"order": order}
        begun = await provider.begin_setup(key, metadata, f"{BACK}/{SESSION}", "fr", AT)
        assert (begun.method, begun.metadata) == (None, metadata)
        assert await provider.find_setup(begun.reference) == begun
        assert await case.give(begun.url) == f"{BACK}/{begun.reference}"
        given = await provider.find_setup(begun.reference)
        assert isinstance(given, Setup)
        assert given.method
        charged = await provider.charge(f"{key}-pays", PRICE, given.method, metadata, AT)
        assert isinstance(charged, Succeeded)

    async def test_one_key_begins_one_session(self, case: ProviderCase, key: str, order: str) -> None:
        asked = (key, {"order": order}, f"{BACK}/{SESSION}", "en", AT)
        begun = await asyncio.gather(*(case.provider.begin_setup(*asked) for _ in range(5)))
        assert len({each.reference for each in begun}) == 1
        await case.give(begun[0].url)
        first = await case.provider.find_setup(begun[0].reference)
        await case.give(begun[0].url)
        assert await case.provider.find_setup(begun[0].reference) == first

    @pytest.mark.parametrize("reference", ["", "cs_0", "cs_unknown", "../charges", "a/b?c=d", "é" * 300])
    async def test_no_other_text_is_a_session(self, case: ProviderCase, reference: str) -> None:
        assert await case.provider.find_setup(reference) == NotFound()

    async def test_a_confirmation_leads_back(self, case: ProviderCase, key: str, order: str) -> None:
        asked = await case.provider.charge(key, PRICE, case.challenges, {"order": order}, AT)
        assert isinstance(asked, ActionRequired)
        url = case.provider.returning(asked.url, f"{BACK}?from=bank")
        assert f"{BACK}?from=bank" in await case.confirmed(url)
        assert isinstance(await case.provider.find(key), Succeeded)

    async def test_nobody_there_begins_nothing(self, case: ProviderCase, key: str) -> None:
        with pytest.raises(ProviderUnreachable):
            await case.unreachable.begin_setup(key, {}, f"{BACK}/{SESSION}", "en", AT)
        with pytest.raises(ProviderUnreachable):
            await case.unreachable.find_setup("cs_0")
