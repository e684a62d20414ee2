"""What an order or subscription waits for, in words."""

from __future__ import annotations

from collections.abc import Mapping

from jalon.domain.projections import WaitingFor

_WORDS: Mapping[WaitingFor, str] = {
    WaitingFor.OPERATOR: "an operator, to repair a step that stopped",
    WaitingFor.BUYER_TO_PLACE: "the buyer, to place the order",
    WaitingFor.COMPLIANCE_REVIEW: "two reviewers, to decide on the export hold",
    WaitingFor.BUYER_CERTIFICATE: "the buyer, to answer the end-use certificate",
    WaitingFor.BUYER_PAYMENT_CONFIRMATION: "the buyer, to confirm the payment at the bank",
    WaitingFor.BUYER_PAYMENT_METHOD: "the buyer, to give a payment method that works",
    WaitingFor.BUYER_OPEN_CONTRACT: "the buyer, to open the contract",
    WaitingFor.BUYER_CLICK_ACTIVATE: "the buyer, to click Activate",
    WaitingFor.BUYER_SIGN: "the buyer, to sign the contract",
    WaitingFor.PAYMENT: "the payment, which is being taken",
    WaitingFor.SCREENING: "the screening, which is under way",
    WaitingFor.ACTIVATION: "its subscriptions, to become active or void",
    WaitingFor.RENEWAL_NOTICE: "a notice of the renewal to reach the customer, who then has time to refuse it",
    WaitingFor.TERM_END: "the end of the term",
    WaitingFor.RETENTION: "the end of the time for which data is kept",
}


def words_for(waiting_for: WaitingFor | None) -> str | None:
    """The English words for a wait, or None."""
    return None if waiting_for is None else _WORDS[waiting_for]
