"""The test mode of each registered provider. A new provider adds its entry, and the contract runs over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import httpx

from jalon.integrations.payments.port import PaymentProvider
from jalon.integrations.payments.registry import open_provider
from tests.jalon.local.payment_sandbox_process import WEBHOOK_SECRET, SandboxProcess
from tests.support.plain import PLAIN


@dataclass(frozen=True, slots=True)
class ProviderCase:
    """A provider in its test mode: the methods that behave in a known way, and the customer's part."""

    provider: PaymentProvider
    unreachable: PaymentProvider
    pays: str
    declines: tuple[str, str, bool]
    declines_when_stored: tuple[str, str, bool]
    challenges: str

    async def confirm(self, url: str) -> None:
        await decide(url, "approve")

    async def refuse(self, url: str) -> None:
        await decide(url, "deny")

    async def confirmed(self, url: str) -> str:
        """Confirms; the page that follows, with its headers."""
        async with httpx.AsyncClient(follow_redirects=True, verify=PLAIN) as browser:
            shown = await browser.post(url, data={"decision": "approve"})
        return f"{dict(shown.headers)} {shown.text}"

    async def give(self, url: str) -> str:
        """Gives the method that pays on the page of a set-up session; the address to which the browser is sent."""
        async with httpx.AsyncClient(verify=PLAIN) as browser:
            sent = await browser.post(url, data={"card": self.pays})
        return sent.headers["location"]


@asynccontextmanager
async def _sandbox(process: SandboxProcess) -> AsyncIterator[ProviderCase]:
    provider, nobody = (
        open_provider("sandbox", {"url": url, "webhook_secret": WEBHOOK_SECRET})
        for url in (process.url, "http://127.0.0.1:9")
    )
    yield ProviderCase(
        provider,
        nobody,
        pays="card_ok",
        declines=("card_insufficient_funds", "insufficient_funds", True),
        declines_when_stored=("card_lost", "lost_card", False),
        challenges="card_3ds",
    )
    await provider.aclose()
    await nobody.aclose()


async def decide(url: str, decision: str) -> None:
    async with httpx.AsyncClient(follow_redirects=True, verify=PLAIN) as browser:
        (await browser.post(url, data={"decision": decision})).raise_for_status()


CASES: dict[str, Callable[[SandboxProcess], AbstractAsyncContextManager[ProviderCase]]] = {
    "sandbox": _sandbox,
}
