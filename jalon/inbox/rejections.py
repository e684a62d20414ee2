"""The reasons why a write leaves no receipt. The caller gets an error and may send the write again."""

from __future__ import annotations

from datetime import datetime


class Rejected(Exception):
    """The write was not recorded; nothing happened."""


class TargetUnknown(Rejected):
    """The caller sees no entity, or no store, with this id. An entity of a store that is not the caller's counts as unknown."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class KeyReused(Rejected):
    """The idempotency key was used for another request (T15)."""


class StillInProgress(Rejected):
    """The first request with this idempotency key is still being worked on (T15)."""


class ClockAdvances(Rejected):
    """The store's test clock is advancing, so the write cannot be given an instant."""

    def __init__(self, store: str, now: datetime, to: datetime, delivered: int) -> None:
        super().__init__(store)
        self.store, self.now, self.to, self.delivered = store, now, to, delivered


class TooLate(Rejected):
    """The receipt could not be committed within COMMIT_WITHIN_SECONDS of its stamp (G3)."""
