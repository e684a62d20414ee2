"""What an operator can stop at once in a store: the taking of money, and e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Stop(StrEnum):
    """What is stopped. Refunds, releases and look-ups go on while charges are stopped, codes to sign in while mail is."""

    CHARGES = "charges"
    MAIL = "mail"

    @property
    def fault(self) -> str:
        """The type of the error with which an effect says that it is stopped."""
        return f"Stopped:{self}"

    @classmethod
    def of_fault(cls, fault: str) -> Stop | None:
        """The stop that an error names, None for any other error."""
        return next((stop for stop in cls if stop.fault == fault), None)


STOP_WORDS: Final[Mapping[Stop, str]] = {
    Stop.CHARGES: "Payments of this store are stopped for the moment; they go on by themselves.",
    Stop.MAIL: "E-mail of this store is stopped for the moment; it leaves once that is over.",
}
"""What people read of an entity that waits because of a stop."""

HELD_WORDS: Final[Mapping[Stop, str]] = {
    Stop.CHARGES: "Charges of {store} are stopped: steps that take money wait, and none counts as healed before the stop is lifted.",
    Stop.MAIL: "E-mail of {store} is stopped: e-mails wait, and none counts as healed before the stop is lifted.",
}
"""What operators read of a repair whose steps wait because of a stop of the store."""
