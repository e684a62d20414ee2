"""The requests to the activities of people and their records, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.contracts.base import ActivityRef, Done


@dataclass(frozen=True)
class PartyQuestion:
    """Asks whether a person had an identity at the store by `at` (T1)."""

    store: str
    party: str
    at: datetime


@dataclass(frozen=True)
class PartyAnswer:
    """Whether the person had an identity."""

    has_identity: bool


@dataclass(frozen=True)
class IdentityRequest:
    """Records a completed set-up: the person has an identity from `at` on (T1, T2)."""

    store: str
    party: str
    at: datetime


@dataclass(frozen=True)
class PurgeRequest:
    """Destroys what was stored for a subscription's customer, once its retention has ended (D17, X4)."""

    store: str
    subscription: str
    at: datetime


FIND_IDENTITY = ActivityRef("find_identity", PartyQuestion, PartyAnswer)


SET_UP_IDENTITY = ActivityRef("set_up_identity", IdentityRequest, Done)


PURGE = ActivityRef("purge", PurgeRequest, Done)
