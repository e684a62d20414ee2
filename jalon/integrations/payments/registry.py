"""Every payment provider, by the name a store's policy gives. A new one is its file and its line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jalon.integrations.payments.port import PaymentProvider
from jalon.integrations.payments.sandbox import SandboxProvider


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Where a provider is and how long to wait for it, in seconds."""

    base_url: str
    webhook_secret: str | None = None
    connect_timeout: float = 1.0
    read_timeout: float = 5.0


def _sandbox(settings: ProviderSettings) -> PaymentProvider:
    return SandboxProvider(
        settings.base_url,
        webhook_secret=settings.webhook_secret,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )


PROVIDERS: dict[str, Callable[[ProviderSettings], PaymentProvider]] = {
    "sandbox": _sandbox,
}


def open_provider(name: str, settings: ProviderSettings) -> PaymentProvider:
    """The provider of that name, to be closed by the caller; raises UnknownProvider."""
    if name not in PROVIDERS:
        raise UnknownProvider(f'no payment provider "{name}": there are {", ".join(sorted(PROVIDERS))}')
    return PROVIDERS[name](settings)


class UnknownProvider(LookupError):
    """A policy names a payment provider that is not registered."""
