"""One example of every e-mail, and the variants that change its text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from jalon.domain import emails
from jalon.domain.emails import Email, Milestone
from jalon.domain.money import Money
from jalon.integrations.mail.renderer import StoreIdentity

PARIS = ZoneInfo("Europe/Paris")
STORE = StoreIdentity(
    name="Ancrages & Chevilles",
    support_email="support@fastening.example.com",
    zone="Europe/Paris",
    shop_url="https://shop.example.com/",
    faq="https://fastening.example.com/questions",
    reseller="https://fastening.example.com/resellers",
)
LINK = "https://jalon.example.com/h/contract/eyJhbGciOi.J9-abc_DEF"
ORDER = "ord_01jcq8x9zv5m2k7t3n4b6d8f0g"
RECEIPT = "req_01jcq8z4m6n8p0r2s4t6v8x0z2"
SUBSCRIPTION = "sub_01jcq8y2w7r4e6t8y0v2c4x6z8"


def closed(day: date) -> datetime:
    """The first closed instant of a period open through `day` in Paris."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)


ACTIVATION = closed(date(2026, 4, 16))
TERM = closed(date(2027, 1, 1))
NEXT_TERM = closed(date(2028, 1, 1))
STOP = closed(date(2026, 12, 27))
DATA = closed(date(2027, 1, 4))
PLACED = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
INVITED = datetime(2026, 3, 30, 11, 0, tzinfo=UTC)
PRICE = Money(Decimal("1200.00"), "EUR")
FORMER_PRICE = Money(Decimal("1100.00"), "EUR")

_order: dict[str, Any] = {"order_number": ORDER, "product": "Étaiement Pro"}
_line = {**_order, "quantity": 3}
_subscription = {**_line, "subscription_number": SUBSCRIPTION}

SAMPLES: dict[str, list[Email]] = {
    "sign_in_code": [emails.SignInCode(code="40291387", minutes=10)],
    "cart_reminder": [emails.CartReminder(**_order, more_lines=2, total=PRICE, kept_until=ACTIVATION)],
    "certificate_requested": [emails.CertificateRequested(**_order, answer_by=ACTIVATION)],
    "order_processing": [emails.OrderProcessing(**_order, total=PRICE, news_by=closed(date(2026, 11, 25)))],
    "order_confirmed": [
        emails.OrderConfirmed(**_order, total=PRICE, charged=PRICE, purchase_order_number="BC-2026-0042"),
        emails.OrderConfirmed(
            **_order, more_lines=1, total=PRICE, charge_on_activation=PRICE, activation_by=ACTIVATION
        ),
        emails.OrderConfirmed(**_order, total=PRICE),
    ],
    "order_delayed": [emails.OrderDelayed(**_order, ordered_at=PLACED)],
    "export_hold": [emails.ExportHold(**_order)],
    "order_rejected": [emails.OrderRejected(**_order), emails.OrderRejected(**_order, refunded=PRICE)],
    "cancellation_refused": [
        emails.CancellationRefused(**_order, others=False),
        emails.CancellationRefused(**_order, more_lines=1, others=True),
    ],
    "order_cancelled": [
        emails.OrderCancelled(**_order, cause="requested", refunded=PRICE),
        emails.OrderCancelled(**_order, cause="certificate_missing"),
        emails.OrderCancelled(**_order, cause="payment_missing"),
        emails.OrderCancelled(**_order, cause="hold_expired"),
        emails.OrderCancelled(**_order, cause="given_up"),
    ],
    "payment_failed": [
        emails.PaymentFailed(**_order, amount=PRICE, occasion="order", settle_by=ACTIVATION),
        emails.PaymentFailed(**_order, amount=PRICE, occasion="activation", settle_by=ACTIVATION),
        emails.PaymentFailed(**_order, amount=PRICE, occasion="renewal", settle_by=ACTIVATION),
    ],
    "payment_recovered": [
        emails.PaymentRecovered(**_order, amount=PRICE, occasion="order"),
        emails.PaymentRecovered(**_order, amount=PRICE, occasion="activation"),
        emails.PaymentRecovered(**_order, amount=PRICE, occasion="renewal"),
    ],
    "payment_action_required": [
        emails.PaymentActionRequired(**_order, amount=PRICE, confirm_by=INVITED, occasion="order"),
        emails.PaymentActionRequired(**_order, amount=PRICE, confirm_by=INVITED, occasion="mandate"),
        emails.PaymentActionRequired(**_order, amount=PRICE, confirm_by=INVITED, occasion="activation"),
        emails.PaymentActionRequired(**_order, amount=PRICE, confirm_by=INVITED, occasion="renewal"),
    ],
    "deadline_extended": [
        emails.DeadlineExtended(**_order, deadline="activation", former_by=ACTIVATION, new_by=TERM),
        emails.DeadlineExtended(**_order, deadline="certificate", former_by=ACTIVATION, new_by=TERM),
        emails.DeadlineExtended(**_order, deadline="payment", former_by=ACTIVATION, new_by=TERM),
        emails.DeadlineExtended(**_order, deadline="invitation", former_by=ACTIVATION, new_by=TERM),
        emails.DeadlineExtended(**_order, deadline="renewal_stop", former_by=ACTIVATION, new_by=TERM),
    ],
    "contract_ready": [
        emails.ContractReady(**_line, activate_by=ACTIVATION, charge_on_activation=PRICE),
        emails.ContractReady(**_line, activate_by=None),
    ],
    "activation_reminder": [
        emails.ActivationReminder(**_line, activate_by=ACTIVATION, days_left=60),
        emails.ActivationReminder(**_line, activate_by=ACTIVATION, days_left=1),
        emails.ActivationReminder(**_line, activate_by=ACTIVATION, days_left=0),
    ],
    "activation_voided": [
        emails.ActivationVoided(**_line, activation_by=ACTIVATION),
        emails.ActivationVoided(**_line, activation_by=ACTIVATION, refunded=PRICE),
        emails.ActivationVoided(**_line, activation_by=ACTIVATION, unpaid=True),
    ],
    "subscription_active": [
        emails.SubscriptionActive(
            **_subscription, term_until=TERM, renews=True, user_management=True, charged=PRICE
        ),
        emails.SubscriptionActive(**_subscription, term_until=TERM, renews=False, user_management=False),
    ],
    "invitation": [emails.Invitation(**_order, accept_by=INVITED)],
    "seat_released": [
        emails.SeatReleased(**_order, seat=7, accept_by=INVITED),
        emails.SeatReleased(**_order, seat=7),
    ],
    "user_held": [emails.UserHeld(**_order, seat=3)],
    "user_refused": [
        emails.UserRefused(**_order, seat=3),
        emails.UserRefused(**_order, seat=3, term_until=TERM),
    ],
    "user_added": [emails.UserAdded(**_order)],
    "admin_transfer_pending": [emails.AdminTransferPending(**_subscription, accept_by=ACTIVATION)],
    "admin_transferred": [emails.AdminTransferred(**_subscription)],
    "admin_passed_on": [
        emails.AdminPassedOn(**_subscription, had_seat=True),
        emails.AdminPassedOn(**_subscription, had_seat=False),
    ],
    "admin_transfer_lapsed": [
        emails.AdminTransferLapsed(**_subscription, accept_by=ACTIVATION),
        emails.AdminTransferLapsed(**_subscription),
    ],
    "admin_transfer_held": [emails.AdminTransferHeld(**_subscription)],
    "admin_transfer_refused": [emails.AdminTransferRefused(**_subscription)],
    "takeover_held": [emails.TakeoverHeld(**_subscription)],
    "takeover_refused": [emails.TakeoverRefused(**_subscription)],
    "renewal_notice": [
        emails.RenewalNotice(
            **_subscription,
            price=PRICE,
            price_if_late=FORMER_PRICE,
            renews_at=TERM,
            next_term_until=NEXT_TERM,
            stop_by=STOP,
        ),
        emails.RenewalNotice(
            **_subscription,
            price=PRICE,
            price_if_late=FORMER_PRICE,
            renews_at=TERM,
            next_term_until=NEXT_TERM,
            stop_by=None,
        ),
        emails.RenewalNotice(
            **_subscription,
            price=PRICE,
            price_if_late=FORMER_PRICE,
            renews_at=TERM,
            next_term_until=NEXT_TERM,
            stop_by=None,
            renewed=True,
        ),
        emails.RenewalNotice(
            **_subscription,
            price=PRICE,
            price_if_late=PRICE,
            renews_at=PLACED,
            next_term_until=TERM,
            stop_by=STOP,
            renewed=True,
        ),
    ],
    "fewer_seats": [
        emails.FewerSeats(**_subscription, seats=1, given=3, leaving=2, renews_at=TERM, choose_by=STOP),
        emails.FewerSeats(**_subscription, seats=1, given=2, leaving=1, renews_at=TERM, choose_by=None),
    ],
    "seat_at_renewal": [
        emails.SeatAtRenewal(**_order, outcome=outcome, term_until=TERM)
        for outcome in ("goes", "stays", "gone")
    ],
    "renewal_stopped": [
        emails.RenewalStopped(
            **_subscription, term_until=TERM, data_until=DATA, resume_by=STOP, receipt=RECEIPT
        ),
        emails.RenewalStopped(**_subscription, term_until=TERM, data_until=DATA),
    ],
    "renewal_resumed": [
        emails.RenewalResumed(**_subscription, price=PRICE, renews_at=TERM, stop_by=STOP, receipt=RECEIPT),
        emails.RenewalResumed(**_subscription, price=PRICE, renews_at=TERM, stop_by=None, receipt=RECEIPT),
    ],
    "renewed": [
        emails.Renewed(**_subscription, charged=PRICE, term_starts_at=TERM, term_until=NEXT_TERM),
        emails.Renewed(**_subscription, term_starts_at=TERM, term_until=NEXT_TERM),
        emails.Renewed(**_subscription, charged=PRICE, term_starts_at=TERM, term_until=NEXT_TERM, over=True),
        emails.Renewed(**_subscription, term_starts_at=TERM, term_until=NEXT_TERM, over=True),
    ],
    "subscription_ended": [
        emails.SubscriptionEnded(**_subscription, term_until=TERM, data_until=DATA),
        emails.SubscriptionEnded(**_subscription, term_until=TERM),
        emails.SubscriptionEnded(**_subscription, term_until=TERM, data_until=DATA, unpaid=True),
        emails.SubscriptionEnded(**_subscription, term_until=TERM, data_until=DATA, data_gone=True),
        emails.SubscriptionEnded(
            **_subscription, term_until=TERM, data_until=DATA, free_since=PLACED, receipt=RECEIPT
        ),
    ],
    "purge_warning": [
        emails.PurgeWarning(**_subscription, data_until=DATA),
        emails.PurgeWarning(**_subscription, data_until=DATA, term_until=TERM),
    ],
}
POLE = (
    Milestone("ordered", "reached", at=PLACED),
    Milestone("screening", "held"),
    Milestone("open_contract", "awaited", until=ACTIVATION),
    Milestone("sign", "awaited"),
    Milestone("active", "awaited"),
)
