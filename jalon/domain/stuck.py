"""What can be stuck, and what people read of a cause: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from jalon.domain.parking import Cause


class StuckKind(StrEnum):
    """The kinds of what is stuck. Outgoing webhooks will be undeliverable, too."""

    PARKED = "parked"
    STALLED = "stalled"
    FAILING_TASK = "failing_task"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of what happened, and one of what to do."""

    words: str
    way_out: str


_LOOKED_UP = "A retry looks the payment up first, so that nothing is taken twice."
_PARKED: Final[Mapping[str, Said]] = {
    "operator": Said("An operator stopped the step.", "Read the reason, then retry, skip or compensate."),
    "ProviderUnreachable": Said(
        "The payment provider cannot be reached{code}.",
        f"See whether the provider and the way to it work, then retry. {_LOOKED_UP}",
    ),
    "ProviderTimeout": Said(
        "The payment provider did not answer{code}: whether money moved is unknown.",
        f"Retry once the provider answers. {_LOOKED_UP}",
    ),
    "ProviderRefusedRequest": Said(
        "The payment provider refuses the request for good{code}.",
        "Mend what the code names, at the provider or in its settings, then retry.",
    ),
    "ProviderNotServed": Said(
        "The payment provider that holds the payment is not opened here{code}.",
        "Open it again in JALON_PAYMENT_PROVIDERS and restart the workers, then retry.",
    ),
    "KeyVoid": Said(
        "The payment provider failed and repeats its failure{code}.",
        f"Retry once the provider works: the payment goes on under another key. {_LOOKED_UP}",
    ),
    "PaymentPending": Said(
        "The payment provider is still working on the payment{code}.",
        f"Ask the provider how long it takes, then retry. {_LOOKED_UP}",
    ),
    "PaymentLost": Said(
        "The payment provider does not know a payment that it answered for{code}.",
        "Compare its records with ours, then retry, or skip with evidence.",
    ),
    "RefundDeclined": Said(
        "The payment provider declined the refund{code}.",
        "Give the money back in another way and skip with evidence, or retry.",
    ),
    "MailUnreachable": Said(
        "The mail server took no e-mail for three days{code}.",
        "Mend the mail server or its settings, then retry. An e-mail that left is not sent again.",
    ),
    "MailUnacknowledged": Said(
        "The connection was lost while e-mails were handed over{code}: they may have arrived.",
        "Mend the way to the mail server, then retry. Each is sent under the same Message-ID.",
    ),
    "ScreeningListUnusable": Said(
        "The list of parties to screen against cannot be read{code}.",
        "Mend the file that JALON_SCREENING_LIST names, then retry.",
    ),
    "TimeoutError": Said(
        "The step did not end within its time{code}.", "See what hangs, and the worker's log; then retry."
    ),
}
_UNDELIVERABLE: Final[Mapping[str, Said]] = {
    "MailRefused": Said(
        "Mail servers refuse e-mail to these people for good{code}.",
        "Ask each customer for another address, and correct it: POST /v1/people/{{id}}/changes.",
    ),
    "MailBounced": Said(
        "E-mail to these people came back{code}.",
        "Ask each customer for another address, and correct it: POST /v1/people/{{id}}/changes.",
    ),
}
_OTHERWISE: Final[Mapping[StuckKind, Said]] = {
    StuckKind.PARKED: Said(
        "The step failed with {error}{code}.",
        "Look for step_parked in the worker's log; mend it, then retry.",
    ),
    StuckKind.STALLED: Said(
        "A fault of ours stops a database step: {error}{code}.",
        "Mend the cause, such as a store file that was taken away. The step is tried for ever and goes on by itself.",
    ),
    StuckKind.FAILING_TASK: Said(
        "The code of the workflow fails: {error}{code}.",
        "Run a release that knows better, or reset the workflows to before the fault.",
    ),
    StuckKind.UNDELIVERABLE: Said(
        "A message cannot be delivered: {error}{code}.", "See what its receiver needs."
    ),
}


def said_of(kind: StuckKind, cause: Cause) -> Said:
    """What people read of the cause."""
    known = {StuckKind.PARKED: _PARKED, StuckKind.UNDELIVERABLE: _UNDELIVERABLE}.get(kind, {})
    said = known.get(cause.error, _OTHERWISE[kind])
    facts = {"error": cause.error, "code": f" ({cause.code})" if cause.code else ""}
    return Said(said.words.format(**facts), said.way_out.format(**facts))
