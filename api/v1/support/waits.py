"""The facts of each wait: the events that begin it, the entries that end it, whose turn it is, and the e-mails that speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from jalon.domain import emails, events
from jalon.domain.due import Due
from jalon.domain.projections import WaitingFor


class Turn(StrEnum):
    """Whoever has to act."""

    CUSTOMER = "customer"
    COMPLIANCE = "compliance"
    OPERATOR = "operator"
    SUPPORT = "support"
    US = "us"
    PROVIDER = "provider"
    NOBODY = "nobody"


_W = WaitingFor
_STEPS = (events.SubscriptionBegun.name, events.StepOpenContract.name, events.StepClickActivate.name)

BEGINS: Mapping[WaitingFor, tuple[str, ...]] = {
    _W.BUYER_TO_PLACE: (events.CartOpened.name, events.PaymentDeclined.name),
    _W.BUYER_CERTIFICATE: (events.CertificateRequested.name,),
    _W.BUYER_PAYMENT_CONFIRMATION: (events.PaymentActionRequired.name,),
    _W.BUYER_PAYMENT_METHOD: (events.PaymentDeclined.name, events.PaymentActionRequired.name),
    _W.BUYER_OPEN_CONTRACT: (events.SubscriptionBegun.name,),
    _W.BUYER_CLICK_ACTIVATE: _STEPS,
    _W.BUYER_SIGN: _STEPS,
    _W.PAYMENT: (
        events.OrderPlaced.name,
        events.ScreeningCleared.name,
        events.HoldReleased.name,
        events.StepSign.name,
        events.TermStarted.name,
    ),
    _W.SCREENING: (events.OrderPlaced.name, events.CertificateAnswered.name),
    _W.ACTIVATION: (events.SubscriptionsBegun.name,),
    _W.TERM_END: (events.SubscriptionActive.name, events.TermStarted.name),
}
"""The events with the latest of which a wait begins. Of the others the projection tells since when they last."""

ENDS: Mapping[WaitingFor, tuple[Due, ...]] = {
    _W.BUYER_TO_PLACE: (Due.CART_ABANDONED,),
    _W.COMPLIANCE_REVIEW: (Due.HOLD_MAX, Due.ORDER_NEWS),
    _W.BUYER_CERTIFICATE: (Due.CERTIFICATE_WINDOW,),
    _W.BUYER_PAYMENT_CONFIRMATION: (Due.AUTHENTICATION,),
    _W.BUYER_PAYMENT_METHOD: (Due.RECOVERY,),
    _W.BUYER_OPEN_CONTRACT: (Due.ACTIVATION_WINDOW,),
    _W.BUYER_CLICK_ACTIVATE: (Due.ACTIVATION_WINDOW,),
    _W.BUYER_SIGN: (Due.ACTIVATION_WINDOW,),
    _W.PAYMENT: (Due.RECOVERY, Due.ORDER_NEWS),
    _W.SCREENING: (Due.ORDER_NEWS,),
    _W.ACTIVATION: (Due.RECOVERY, Due.ACTIVATION_WINDOW),
    _W.RENEWAL_NOTICE: (Due.REFUSAL, Due.TERM_END),
    _W.TERM_END: (Due.TERM_END,),
    _W.RETENTION: (Due.RETENTION,),
    _W.OPERATOR: (Due.ORDER_NEWS,),
}
"""The entries that end a wait, the first of these that the agenda holds."""

TURNS: Mapping[WaitingFor, Turn] = {
    _W.OPERATOR: Turn.OPERATOR,
    _W.BUYER_TO_PLACE: Turn.CUSTOMER,
    _W.COMPLIANCE_REVIEW: Turn.COMPLIANCE,
    _W.BUYER_CERTIFICATE: Turn.CUSTOMER,
    _W.BUYER_PAYMENT_CONFIRMATION: Turn.CUSTOMER,
    _W.BUYER_PAYMENT_METHOD: Turn.CUSTOMER,
    _W.BUYER_OPEN_CONTRACT: Turn.CUSTOMER,
    _W.BUYER_CLICK_ACTIVATE: Turn.CUSTOMER,
    _W.BUYER_SIGN: Turn.CUSTOMER,
    _W.PAYMENT: Turn.PROVIDER,
    _W.SCREENING: Turn.US,
    _W.ACTIVATION: Turn.US,
    _W.RENEWAL_NOTICE: Turn.SUPPORT,
    _W.TERM_END: Turn.NOBODY,
    _W.RETENTION: Turn.NOBODY,
}

_CONTRACT = (emails.ContractReady.template, emails.ActivationReminder.template)
SPEAKS: Mapping[WaitingFor, tuple[str, ...]] = {
    _W.BUYER_TO_PLACE: (emails.CartReminder.template, emails.PaymentFailed.template),
    _W.COMPLIANCE_REVIEW: (emails.ExportHold.template, emails.OrderDelayed.template),
    _W.BUYER_CERTIFICATE: (emails.CertificateRequested.template,),
    _W.BUYER_PAYMENT_CONFIRMATION: (emails.PaymentActionRequired.template,),
    _W.BUYER_PAYMENT_METHOD: (emails.PaymentFailed.template, emails.PaymentActionRequired.template),
    _W.BUYER_OPEN_CONTRACT: _CONTRACT,
    _W.BUYER_CLICK_ACTIVATE: _CONTRACT,
    _W.BUYER_SIGN: _CONTRACT,
    _W.SCREENING: (emails.OrderProcessing.template, emails.OrderDelayed.template),
    _W.ACTIVATION: _CONTRACT,
    _W.RENEWAL_NOTICE: (emails.RenewalNotice.template,),
}
"""The e-mails that speak of a wait. Of any other wait, and where none was sent, the latest e-mail matters."""
