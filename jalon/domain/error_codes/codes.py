"""The code of every error, as programs read it. A released code keeps its value and its meaning."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

StoreCode = NewType("StoreCode", str)
"""The code that a store's file gives to one of its own cart rules, e.g. `hardware_separate`."""


class ErrorCode(StrEnum):
    """The codes of refusals: of an answer, of one of its violations, or of a settled request."""

    # The HTTP request and its key
    UNKNOWN_PATH = "unknown_path"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNREADABLE_REQUEST = "unreadable_request"
    BODY_TOO_LARGE = "body_too_large"
    HEADERS_TOO_LARGE = "headers_too_large"
    NOT_JSON = "not_json"
    MALFORMED_JSON = "malformed_json"
    INVALID_REQUEST = "invalid_request"
    FIELD_MISSING = "field_missing"
    FIELD_UNKNOWN = "field_unknown"
    FIELD_INVALID = "field_invalid"
    CURSOR_UNKNOWN = "cursor_unknown"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    REQUEST_IN_PROGRESS = "request_in_progress"
    RECEIPT_TOO_LATE = "receipt_too_late"
    REQUEST_INCOMPLETE = "request_incomplete"
    OVERLOADED = "overloaded"
    DATABASE_BUSY = "database_busy"
    DATABASE_UNREACHABLE = "database_unreachable"
    PROVIDER_UNREACHABLE = "provider_unreachable"
    ENGINE_UNREACHABLE = "engine_unreachable"
    WORKFLOW_GONE = "workflow_gone"
    INTERNAL_ERROR = "internal_error"

    # Who asks, and what they may see
    KEY_MISSING = "key_missing"
    KEY_INVALID = "key_invalid"
    ROLE_NOT_ALLOWED = "role_not_allowed"
    NOT_FOUND = "not_found"
    PERSON_ERASED = "person_erased"
    LINK_INVALID = "link_invalid"
    FORM_OUT_OF_DATE = "form_out_of_date"
    WEBHOOK_REFUSED = "webhook_refused"

    # The cart and the catalog
    NO_LINES = "no_lines"
    UNKNOWN_SKU = "unknown_sku"
    NOT_SOLD_ONLINE = "not_sold_online"
    SOLD_BY_RESELLERS_ONLY = "sold_by_resellers_only"
    UNKNOWN_COUNTRY = "unknown_country"
    COUNTRY_NOT_SERVED = "country_not_served"
    COUNTRY_NOT_SOLD = "country_not_sold"
    UNKNOWN_AUDIENCE = "unknown_audience"
    AUDIENCE_NOT_SOLD = "audience_not_sold"
    UNKNOWN_CURRENCY = "unknown_currency"
    CURRENCY_NOT_SOLD = "currency_not_sold"
    TERM_NOT_SOLD = "term_not_sold"
    TERM_NOT_FOR_AUDIENCE = "term_not_for_audience"
    LICENCE_KIND_NOT_SOLD = "licence_kind_not_sold"
    QUANTITY_TOO_LOW = "quantity_too_low"
    QUANTITY_ABOVE_SELF_SERVICE = "quantity_above_self_service"

    # The placement
    TERMS_NOT_ACCEPTED = "terms_not_accepted"
    EXPORT_REQUIREMENTS_NOT_ACCEPTED = "export_requirements_not_accepted"
    PAYMENT_KIND_NOT_OFFERED = "payment_kind_not_offered"
    PAYMENT_METHOD_REQUIRED = "payment_method_required"
    BILLING_ADDRESS_REQUIRED = "billing_address_required"
    BILLING_COUNTRY_REQUIRED = "billing_country_required"
    NO_TERMS_IN_FORCE = "no_terms_in_force"
    BILLING_REGION_REQUIRED = "billing_region_required"

    # The end-use certificate and the export hold
    ANSWERS_MISSING = "answers_missing"
    ANSWER_MISSING = "answer_missing"
    ANSWER_INVALID = "answer_invalid"
    ANSWER_UNKNOWN = "answer_unknown"
    ANSWERS_CONTRADICT = "answers_contradict"
    UNDERTAKING_REFUSED = "undertaking_refused"
    END_USE_VAGUE = "end_use_vague"
    CERTIFICATE_CLOSED = "certificate_closed"
    CERTIFICATE_WINDOW_CLOSED = "certificate_window_closed"
    HOLD_CLOSED = "hold_closed"
    SAME_REVIEWER = "same_reviewer"

    # The order
    NOT_YET_OPEN = "not_yet_open"
    ORDER_PLACED = "order_placed"
    ORDER_ACTIVE = "order_active"
    ORDER_CLOSED = "order_closed"
    ORDER_NOT_DECLINED = "order_not_declined"
    OFFER_CHANGED = "offer_changed"
    ENTITY_CLOSED = "entity_closed"

    # The subscription
    NOT_PENDING = "not_pending"
    ACTIVATION_WINDOW_CLOSED = "activation_window_closed"
    STEP_OUT_OF_ORDER = "step_out_of_order"
    STEP_NOT_NEEDED = "step_not_needed"
    SIGNER_MISSING = "signer_missing"
    DOCUMENT_CHANGED = "document_changed"
    DOCUMENT_UNNAMED = "document_unnamed"
    NOT_ACTIVE = "not_active"
    RECOVERY_WINDOW_CLOSED = "recovery_window_closed"
    RENEWAL_COMMITTED = "renewal_committed"
    REASON_MISSING = "reason_missing"
    RENEWAL_NOT_AUTOMATIC = "renewal_not_automatic"
    NOTHING_TO_ANNOUNCE = "nothing_to_announce"
    NOTICE_NOT_WRITTEN = "notice_not_written"
    NO_USER_MANAGEMENT = "no_user_management"
    UNKNOWN_SEAT = "unknown_seat"
    NO_FREE_SEAT = "no_free_seat"
    ALREADY_ASSIGNED = "already_assigned"
    NOT_INVITED = "not_invited"
    INVITED_TOO_OFTEN = "invited_too_often"
    NO_FEWER_SEATS = "no_fewer_seats"
    TOO_MANY_SEATS_KEPT = "too_many_seats_kept"
    SEAT_NOT_GIVEN = "seat_not_given"
    SEAT_CHOICE_CLOSED = "seat_choice_closed"
    INVITATION_EXPIRED = "invitation_expired"
    ALREADY_ADMIN = "already_admin"
    USER_NOT_LISTED = "user_not_listed"
    TRANSFER_PENDING = "transfer_pending"
    TRANSFER_OVER = "transfer_over"
    NOT_THE_ADMIN = "not_the_admin"

    # Operations and test clocks
    ALREADY_PARKED = "already_parked"
    NOT_PARKED = "not_parked"
    UNKNOWN_STEP = "unknown_step"
    TOO_MANY_TO_PARK = "too_many_to_park"
    ADDRESS_TAKEN = "address_taken"
    MAIL_NOT_RESENT = "mail_not_resent"
    NOT_EXTENDABLE = "not_extendable"
    NOT_EDITABLE = "not_editable"
    EDIT_INVALID = "edit_invalid"
    NOT_COMPENSABLE = "not_compensable"
    LIVE_STORE = "live_store"
    CLOCK_ADVANCING = "clock_advancing"
    CLOCK_BACKWARDS = "clock_backwards"
    ADVANCE_TOO_LONG = "advance_too_long"
    DURATION_INVALID = "duration_invalid"
    IN_ANOTHER_REPAIR = "in_another_repair"
    STEP_CHANGED = "step_changed"
    NOTHING_TO_REPAIR = "nothing_to_repair"
    REPAIR_TOO_LARGE = "repair_too_large"
    PLAN_CHANGED = "plan_changed"
    PLAN_EXPIRED = "plan_expired"
    PLAN_STARTED = "plan_started"
    REPAIR_NOT_OPEN = "repair_not_open"
    NO_RESET_POINT = "no_reset_point"
    NOT_FAILING = "not_failing"
    SECOND_PERSON_NEEDED = "second_person_needed"
    RECOVERY_DECIDED = "recovery_decided"
    OUTAGE_TOO_LONG = "outage_too_long"
    OUTAGE_TO_COME = "outage_to_come"
    OUTAGE_MEASURED = "outage_measured"
    OUTAGE_WITHDRAWN = "outage_withdrawn"


Code = ErrorCode | StoreCode
"""The code of a violation or a problem."""


def read_code(text: str) -> Code:
    """The code with this text: a listed one, else one of a store's file."""
    try:
        return ErrorCode(text)
    except ValueError:
        return StoreCode(text)
