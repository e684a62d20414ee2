"""One payment sandbox for all tests of this folder; those that kill it start their own."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from jalon.integrations.payments.port import PaymentProvider
from jalon.integrations.payments.registry import open_provider
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET, SandboxProcess

# Short for a test, long for a busy machine.
IMPATIENT_SECONDS = 1.5


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = SandboxProcess(tmp_path_factory.mktemp("gateway") / "ledger.sqlite").start()
    yield process
    process.close()


@pytest.fixture
def sandbox(shared_sandbox: SandboxProcess) -> Iterator[SandboxProcess]:
    """The shared process, without faults of an earlier test."""
    yield shared_sandbox
    shared_sandbox.clear_faults()


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """A process to be killed."""
    process = SandboxProcess(tmp_path / "ledger.sqlite").start()
    yield process
    process.close()


@pytest.fixture
async def open_at() -> AsyncIterator[Callable[[str], PaymentProvider]]:
    """Opens a sandbox provider with short timeouts at an address; closes it after the test."""
    opened: list[PaymentProvider] = []

    def open_one(url: str) -> PaymentProvider:
        opened.append(_open(url))
        return opened[-1]

    yield open_one
    for provider in opened:
        await provider.aclose()


@pytest.fixture(scope="session")
async def provider(shared_sandbox: SandboxProcess) -> AsyncIterator[PaymentProvider]:
    """A sandbox provider with short timeouts at the shared process."""
    opened = _open(shared_sandbox.url)
    yield opened
    await opened.aclose()


@pytest.fixture
def order() -> str:
    """An order id that no other test pays for."""
    return f"ord_{secrets.token_hex(8)}"


@pytest.fixture
def key() -> str:
    """A payment key that no other test uses."""
    return secrets.token_hex(32)


def _open(url: str) -> PaymentProvider:
    settings = {"url": url, "webhook_secret": WEBHOOK_SECRET, "read_timeout": IMPATIENT_SECONDS}
    return open_provider("sandbox", settings)
