"""Activities on a real database, a real SMTP server and the real payment sandbox, called as a worker calls them."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from activities.payments import Payments
from jalon.domain.kinds import ORDER
from jalon.domain.order import Cart, CartLine, Placement
from jalon.integrations.payments.port import PaymentProvider
from jalon.integrations.payments.registry import PROVIDERS, open_provider
from jalon.local.machine import Machine
from jalon.persistence.ids import new_id
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions
from jalon.policy.authoring.loader import load_stores
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.local.mailbox_process import MailboxProcess
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET, SandboxProcess

ROOT = Path(__file__).parents[2]
AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
STORE = "fastening"
SKU = "anchor-design-premium"


@pytest.fixture(scope="session")
async def sessions(postgres: Machine) -> AsyncIterator[Sessions]:
    """Transactions on the application's role."""
    opened = Sessions.connect(postgres.environment["JALON_DATABASE_URL"])
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def policies() -> dict[str, StorePolicy]:
    """The stores of this repository."""
    return load_stores(ROOT / "stores", set(PROVIDERS))


@pytest.fixture(scope="session")
def parties() -> Parties:
    """People sealed under a committed test key."""
    return Parties(Vault(b"a vault key for tests, 32 bytes!"))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """The payment sandbox."""
    process = SandboxProcess(tmp_path_factory.mktemp("payments") / "payments.sqlite").start()
    yield process
    process.close()


@pytest.fixture(scope="session")
async def provider(sandbox: SandboxProcess) -> AsyncIterator[PaymentProvider]:
    """The sandbox as a provider with short timeouts."""
    opened = open_provider(
        "sandbox", {"url": sandbox.url, "webhook_secret": WEBHOOK_SECRET, "read_timeout": 0.5}
    )
    yield opened
    await opened.aclose()


@pytest.fixture
def payments(sessions: Sessions, provider: PaymentProvider, policies: dict[str, StorePolicy]) -> Payments:
    """Payments at that provider."""
    return Payments(sessions, {"sandbox": provider}, policies)


@pytest.fixture
def behaving(sandbox: SandboxProcess) -> Iterator[None]:
    """Removes the gateway's faults after the test."""
    yield
    sandbox.clear_faults()


@pytest.fixture(scope="session")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailboxProcess]:
    """The mail server."""
    process = MailboxProcess(tmp_path_factory.mktemp("mailbox") / "mailbox.sqlite").start()
    yield process
    process.stop()


@pytest.fixture
def entity() -> str:
    """The id of an order that no other test uses."""
    return new_id(ORDER)


@pytest.fixture
async def ana(sessions: Sessions, parties: Parties) -> str:
    """A buyer of the store, the only person with her address."""
    async with sessions.of(STORE) as tx:
        return await parties.meet(
            tx, STORE, email=f"{new_id('party')}@example.com", name="Ana Lefèvre", company="Lefèvre SARL", language="fr"
        )  # fmt: skip


def cart(buyer: str = "pty_1", **more: Any) -> Cart:
    """One licence of the store's first product, for a year."""
    whole = Cart(buyer, "FR", "design_office", "EUR", (CartLine(SKU, 1, "P1Y", "individual"),))
    return dataclasses.replace(whole, **more)


def placement(**more: Any) -> Placement:
    """A placement without a violation."""
    return dataclasses.replace(Placement(True, True, "card", "card_ok", "rec_1", "FR", "PO-1"), **more)
