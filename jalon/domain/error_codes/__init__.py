"""Every error code, and what each means: the one table behind problem titles, problem pages and `docs/errors.md`."""

from __future__ import annotations

from jalon.domain.error_codes.access import ACCESS
from jalon.domain.error_codes.carts import CARTS
from jalon.domain.error_codes.codes import Code, ErrorCode, StoreCode, read_code
from jalon.domain.error_codes.description import Descriptions, ErrorDescription
from jalon.domain.error_codes.export import EXPORT
from jalon.domain.error_codes.operations import OPERATIONS
from jalon.domain.error_codes.orders import ORDERS
from jalon.domain.error_codes.placements import PLACEMENTS
from jalon.domain.error_codes.requests import REQUESTS
from jalon.domain.error_codes.subscriptions import SUBSCRIPTIONS

__all__ = ["AREAS", "ERRORS", "Code", "ErrorCode", "ErrorDescription", "StoreCode", "read_code"]

AREAS: dict[str, Descriptions] = {
    "Requests": REQUESTS,
    "Access": ACCESS,
    "Cart and catalog": CARTS,
    "Placement": PLACEMENTS,
    "End-use certificate and export hold": EXPORT,
    "Orders": ORDERS,
    "Subscriptions": SUBSCRIPTIONS,
    "Operations and test clocks": OPERATIONS,
}
"""The descriptions by area, in the order in which a caller meets them."""

ERRORS: Descriptions = {code: described for area in AREAS.values() for code, described in area.items()}
"""What each code means; every code has its entry."""
