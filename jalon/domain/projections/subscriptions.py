"""A subscription as it is recorded for readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from jalon.domain.money import Money
from jalon.domain.projections.parts import EntityFacts, ParkedStep
from jalon.domain.statuses import Standing, SubscriptionStatus
from jalon.domain.terms import ActivationStep


@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress:
    """One activation step, in the order they are taken; `done_at` is None until it was."""

    step: ActivationStep
    done_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The contract that is shown and signed; `sha256` of its exact bytes."""

    id: str
    sha256: str


class SeatState(StrEnum):
    """Whether a seat may be given, is reserved for an invitation, or is somebody's."""

    FREE = "free"
    INVITED = "invited"
    ASSIGNED = "assigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatFacts:
    """An assignable unit: free, invited until `open_until` (X7) or assigned. `invitation` counts those of the seat."""

    number: int
    state: SeatState
    invitation: int
    invited_at: datetime | None
    open_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatProjection(SeatFacts):
    """A seat with the id of the person who has it or is invited to it."""

    party: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFacts(EntityFacts):
    """What every reader of a subscription is told: what it gives, its term, its renewal and what it waits for (P2).

    `term_number` counts from 0. The renewal may be switched until `stop_by` (D15), the first instant at which it may not.
    `next_renewal_at` is None while the renewal is switched off, and after the end.
    """

    status: SubscriptionStatus
    standing: SubscriptionStatus | Standing
    order_id: str
    sku: str | None
    product: str | None
    licence_kind: str | None
    quantity: int | None
    term: str | None
    amount: Money | None
    ordered_at: datetime | None
    click_is_signature: bool | None
    charge_at: Literal["order", "activation"] | None
    user_management: bool | None
    invitation_window: str | None
    steps: tuple[StepProgress, ...]
    activation_by: datetime | None
    document: Document | None
    term_number: int
    term_start: datetime | None
    term_end: datetime | None
    stop_by: datetime | None
    stop_requested_at: datetime | None
    renewal_committed_at: datetime | None
    past_due_since: datetime | None
    next_renewal_at: datetime | None
    ended_at: datetime | None
    retained_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionProjection(SubscriptionFacts):
    """A subscription as its workflow answers and PostgreSQL keeps it: people by their ids."""

    buyer: str
    seats: tuple[SeatProjection, ...]
    parked: tuple[ParkedStep, ...]
