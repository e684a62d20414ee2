"""The kinds of agenda entries of an order or a subscription."""

from __future__ import annotations

from enum import StrEnum


class Due(StrEnum):
    """The kinds of agenda entries. An entry's key is its kind, with a number where there may be several."""

    CART_REMINDER = "cart_reminder"
    CART_ABANDONED = "cart_abandoned"
    CERTIFICATE_WINDOW = "certificate_window"
    HOLD_MAX = "hold_max"
    AUTHENTICATION = "authentication"
    ORDER_NEWS = "order_news"
    ACTIVATION_WINDOW = "activation_window"
    ACTIVATION_REMINDER = "activation_reminder"
    RECOVERY = "recovery"
    INVITATION = "invitation"
    RENEWAL_NOTICE = "renewal_notice"
    RENEWAL_UNANNOUNCED = "renewal_unannounced"
    SEAT_LOSS_WARNING = "seat_loss_warning"
    STOP_CUTOFF = "stop_cutoff"
    REFUSAL = "refusal"
    TERM_END = "term_end"
    NEXT_SWITCH = "next_switch"
    RETENTION = "retention"
    PURGE_WARNING = "purge_warning"
    ADMIN_TRANSFER = "admin_transfer"

    def numbered(self, number: int) -> str:
        """The key of one of several entries."""
        return f"{self}/{number}"
