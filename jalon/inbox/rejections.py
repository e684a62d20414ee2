"""Why a write leaves no receipt: it is answered with an error, and sent again if its sender likes."""

from __future__ import annotations

from datetime import datetime


class Rejected(Exception):
    """The write was not recorded; nothing happened."""


class TargetUnknown(Rejected):
    """The caller sees no entity, or no store, of this name. What another store has is not found either."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class KeyReused(Rejected):
    """The idempotency key was used for another request (T15)."""


class StillInProgress(Rejected):
    """The first request with this idempotency key is still being worked on (T15)."""


class ClockAdvances(Rejected):
    """The test clock of the store advances, so that no instant can be given to the write."""

    def __init__(self, store: str, now: datetime, to: datetime, delivered: int) -> None:
        super().__init__(store)
        self.store, self.now, self.to, self.delivered = store, now, to, delivered


class TooLate(Rejected):
    """The receipt could not be committed soon enough after its stamp (G3)."""
