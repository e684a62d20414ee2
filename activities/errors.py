"""Translates a provider's fault into an ApplicationError. Its type names the cause; its text holds no personal data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from jalon.integrations.mail.port import MailFault
from jalon.integrations.payments.port import PaymentFault, ProviderRefusedRequest
from jalon.integrations.screening.port import ScreeningListUnusable


@contextmanager
def translated() -> Iterator[None]:
    """Within the block, a provider's fault becomes an ApplicationError. A request that the provider refuses is not retried."""
    try:
        yield
    except ProviderRefusedRequest as fault:
        raise ApplicationError(
            fault.code, type=f"ProviderRefusedRequest:{fault.code}", non_retryable=True
        ) from None
    except (PaymentFault, MailFault, ScreeningListUnusable) as fault:
        raise ApplicationError(type(fault).__name__, type=type(fault).__name__) from None
