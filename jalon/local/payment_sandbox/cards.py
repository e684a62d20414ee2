"""The payment methods of the sandbox: the behaviour of each token when it is stored and when it is charged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Decline:
    """A refusal by the card's bank. `retryable`: the same card may work later without action by the customer."""

    code: str
    retryable: bool
    message: str


class Challenge(Enum):
    """When the card's bank asks its customer to confirm."""

    NEVER = "never"
    ON_SESSION = "on_session"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Card:
    """One behaviour. `charged` applies from the `declines_from`th to the `declines_to`th charge of the card."""

    says: str
    stored: Decline | None = None
    charged: Decline | None = None
    declines_from: int = 1
    declines_to: int | None = None
    challenge: Challenge = Challenge.NEVER

    def on_storing(self) -> Decline | None:
        return self.stored

    def on_charge(self, number: int) -> Decline | None:
        """The refusal of charge `number` of this card (1 is the first), or None."""
        if number < self.declines_from or (self.declines_to is not None and number > self.declines_to):
            return None
        return self.charged


INSUFFICIENT_FUNDS = Decline("insufficient_funds", True, "there is not enough money on the account")
DO_NOT_HONOR = Decline("do_not_honor", True, "the bank refused without a reason")
LIMIT_EXCEEDED = Decline("limit_exceeded", True, "the card's limit is reached")
PROCESSING_ERROR = Decline("processing_error", True, "the bank could not be asked")
EXPIRED_CARD = Decline("expired_card", False, "the card has expired")
LOST_CARD = Decline("lost_card", False, "the card is reported lost")
STOLEN_CARD = Decline("stolen_card", False, "the card is reported stolen")
SUSPECTED_FRAUD = Decline("suspected_fraud", False, "the bank suspects fraud")
INCORRECT_CVC = Decline("incorrect_cvc", False, "the card's check digits are wrong")
MANDATE_REVOKED = Decline("mandate_revoked", False, "the customer revoked the authority at the bank")
MANDATE_RELEASED = Decline("mandate_released", False, "the authority to collect was given back")
AUTHENTICATION_FAILED = Decline("authentication_failed", False, "the customer did not confirm the payment")
CANCELLED = Decline("cancelled", False, "the payment was withdrawn before the customer confirmed it")
UNKNOWN_METHOD = Decline("unknown_method", False, "no such payment method")
EXCEEDS_CAPTURED = Decline("exceeds_captured", False, "more than what is left of the charge")
NOT_CAPTURED = Decline("not_captured", False, "the charge moved no money")

_DECLINES = {
    decline.code: decline
    for decline in (
        INSUFFICIENT_FUNDS,
        DO_NOT_HONOR,
        LIMIT_EXCEEDED,
        PROCESSING_ERROR,
        EXPIRED_CARD,
        LOST_CARD,
        STOLEN_CARD,
        SUSPECTED_FRAUD,
        INCORRECT_CVC,
        MANDATE_REVOKED,
        MANDATE_RELEASED,
        AUTHENTICATION_FAILED,
        CANCELLED,
        UNKNOWN_METHOD,
        EXCEEDS_CAPTURED,
        NOT_CAPTURED,
    )
}


def _refused(decline: Decline) -> Card:
    return Card(f"declined: {decline.message}", stored=decline, charged=decline)


CARDS: dict[str, Card] = {
    "card_ok": Card("always pays"),
    "card_insufficient_funds": Card("can be stored; every charge is declined", charged=INSUFFICIENT_FUNDS),
    "card_declined": Card("can be stored; every charge is declined", charged=DO_NOT_HONOR),
    "card_limit_exceeded": Card("can be stored; every charge is declined", charged=LIMIT_EXCEEDED),
    "card_processing_error": Card("can be stored; every charge is declined", charged=PROCESSING_ERROR),
    "card_expired": _refused(EXPIRED_CARD),
    "card_lost": _refused(LOST_CARD),
    "card_stolen": _refused(STOLEN_CARD),
    "card_fraud": _refused(SUSPECTED_FRAUD),
    "card_incorrect_cvc": _refused(INCORRECT_CVC),
    "card_mandate_revoked": Card("can be stored; the bank revokes it", charged=MANDATE_REVOKED),
    "card_recovers": Card(
        "the first charge is declined, later ones pay", charged=INSUFFICIENT_FUNDS, declines_to=1
    ),
    "card_recovers_late": Card(
        "the first three charges are declined, later ones pay", charged=INSUFFICIENT_FUNDS, declines_to=3
    ),
    "card_expires_later": Card(
        "the first charge pays, later ones are declined", charged=EXPIRED_CARD, declines_from=2
    ),
    "card_3ds": Card(
        "the customer confirms once: when storing it, or when paying without a mandate",
        challenge=Challenge.ON_SESSION,
    ),
    "card_3ds_insufficient_funds": Card(
        "the customer confirms once; every charge is then declined",
        charged=INSUFFICIENT_FUNDS,
        challenge=Challenge.ON_SESSION,
    ),
    "card_3ds_always": Card(
        "the customer confirms every time, also under a mandate", challenge=Challenge.ALWAYS
    ),
}

_UNKNOWN = _refused(UNKNOWN_METHOD)


def card_of(method: str) -> Card:
    """The behaviour of a token. A token with a suffix ("card_recovers.alice") is a separate card."""
    return CARDS.get(method.partition(".")[0], _UNKNOWN)


def decline_of(code: str) -> Decline:
    """The decline with this code. An unknown code gives a decline that may be retried."""
    return _DECLINES.get(code, Decline(code, True, "the bank refused"))
