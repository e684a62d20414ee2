"""Translates a provider's fault into an ApplicationError. Its type names the cause; its text holds no personal data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.exceptions import ApplicationError

from jalon.domain.parking import Cause
from jalon.integrations.mail.port import MailFault
from jalon.integrations.payments.port import PaymentFault, ProviderRefusedRequest
from jalon.integrations.screening.port import ScreeningListUnusable


@contextmanager
def translated() -> Iterator[None]:
    """Within the block, a provider's fault becomes an ApplicationError. A request that the provider refuses is not retried."""
    try:
        yield
    except ProviderRefusedRequest as fault:
        cause = f"ProviderRefusedRequest:{fault.code}"
        raise ApplicationError(cause, type=cause, non_retryable=True) from None
    except PaymentFault as fault:
        raise _named(fault, fault.code) from None
    except MailFault as fault:
        raise _named(fault, fault.code_class) from None
    except ScreeningListUnusable as fault:
        raise _named(fault) from None


def _named(fault: Exception, code: str | None = None) -> ApplicationError:
    cause = str(Cause(type(fault).__name__, code))
    return ApplicationError(cause, type=cause)
