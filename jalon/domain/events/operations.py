"""Recorded by an order or a subscription: parked steps, moved deadlines and refused e-mails."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from jalon.domain.events.base import STAFF_ONLY, Event


@dataclass(frozen=True, kw_only=True)
class ParkRequested(Event):
    """An operator asked for the step to stop before its next effect."""

    step: str


@dataclass(frozen=True, kw_only=True)
class StepParked(Event):
    """The step stopped and waits for an operator."""

    step: str
    cause: str = field(metadata=STAFF_ONLY)
    fingerprint: str = field(metadata=STAFF_ONLY)


@dataclass(frozen=True, kw_only=True)
class StepRetry(Event):
    """An operator sent the parked step on again, with the named facts edited."""

    step: str
    edited: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StepSkip(Event):
    """An operator skipped the parked step, with evidence."""

    step: str
    edited: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StepCompensate(Event):
    """An operator gave the parked step up."""

    step: str
    edited: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class StepSettled(Event):
    """The effect of a step that an operator sent on again came to its end, whatever its end was."""

    step: str


@dataclass(frozen=True, kw_only=True)
class DeadlineHeld(Event):
    """A deadline that protects the vendor came, and a parked step holds it open."""

    what: str
    step: str


@dataclass(frozen=True, kw_only=True)
class DeadlineExtended(Event):
    """A deadline moved: for an outage of the API, for a step that was parked, or by support."""

    what: str
    former_by: datetime
    new_by: datetime


@dataclass(frozen=True, kw_only=True)
class MailWithdrawn(Event):
    """An e-mail that could not leave stopped being true, and is not sent any more."""

    template: str


@dataclass(frozen=True, kw_only=True)
class MailResent(Event):
    """Support had the e-mail `message` sent once more."""

    template: str
    message: str


@dataclass(frozen=True, kw_only=True)
class MailRefused(Event):
    """The mail server refused an e-mail for good."""

    template: str
    code: str
