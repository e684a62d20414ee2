"""A stored projection is read as its class. Unknown fields are left out and logged; a value of another type is a fault."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from jalon.domain.projections import OrderProjection, WaitingFor
from jalon.domain.statuses import OrderStatus
from jalon.persistence.entities.projections import order_of

VIEW: dict[str, Any] = {
    "id": "ord_1", "store": "fastening", "status": "cart", "standing": "cart", "number": "FAS-2026-AAAAAA",
    "purchase_order_number": None, "payment": None, "waiting_for": "buyer_to_place", "delayed_at": None, "policy_hash": None,
    "language": "fr", "country": "FR", "audience": "company", "currency": "EUR", "total": {"amount": "12.00", "currency": "EUR"},
    "created_at": "2026-01-15T09:30:00Z", "placed_at": None, "declined_at": None,
    "cancel_requested_at": None, "terms_sha256": None, "buyer": "pty_1", "buyer_names": None,
    "certificate": None, "hold": None, "parked": [],
    "lines": [{"sku": "a", "quantity": 1, "term": "P1Y", "licence_kind": "individual"}],
    "agenda": [{"due_at": "2026-01-22T09:30:00Z", "what": "cart_reminder", "rule": None, "protects": "customer", "held": False}],
}  # fmt: skip


def test_a_view_is_read_as_what_it_was_made_from() -> None:
    with capture_logs() as logged:
        order = order_of(VIEW)
    assert isinstance(order, OrderProjection)
    assert (order.status, order.waiting_for) == (OrderStatus.CART, WaitingFor.BUYER_TO_PLACE)
    assert str(order.total) == "12.00 EUR"
    assert logged == []


def test_what_another_release_added_is_left_out_and_logged() -> None:
    line = VIEW["lines"][0] | {"discount": "10 %"}
    with capture_logs() as logged:
        assert order_of(VIEW | {"lines": [line], "loyalty": "gold"}) == order_of(VIEW)
    (said,) = logged
    assert (said["event"], said["log_level"]) == ("projection_of_another_release", "warning")
    assert (said["entity"], said["unknown"]) == ("ord_1", ["lines.0.discount", "loyalty"])


@pytest.mark.parametrize(
    "wrong",
    [{"status": "shipped"}, {"total": {"amount": "much", "currency": "EUR"}}, {"lines": None}, {"number": 7}],
)
def test_what_does_not_fit_is_a_fault(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        order_of(VIEW | wrong | {"loyalty": "gold"})


def test_a_missing_field_is_a_fault() -> None:
    with pytest.raises(ValidationError, match="waiting_for"):
        order_of({key: value for key, value in VIEW.items() if key != "waiting_for"})
