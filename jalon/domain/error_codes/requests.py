"""Errors of an HTTP request itself, whatever it asks for."""

from __future__ import annotations

from jalon.domain.error_codes.codes import ErrorCode
from jalon.domain.error_codes.description import Descriptions, ErrorDescription

_SAME_KEY = "Send the same request again with the same Idempotency-Key; nothing is done twice."

REQUESTS: Descriptions = {
    ErrorCode.UNKNOWN_PATH: ErrorDescription(
        title="There is nothing at this address",
        cause="No route of the interface has this path.",
        way_out="Compare the path with /openapi.json, which lists every route.",
        statuses=(404,),
    ),
    ErrorCode.METHOD_NOT_ALLOWED: ErrorDescription(
        title="This address does not take that method",
        cause="The path exists, but not with the method of the request.",
        way_out="Use one of the methods that the Allow header of the answer names.",
        statuses=(405,),
    ),
    ErrorCode.UNREADABLE_REQUEST: ErrorDescription(
        title="The request cannot be read",
        cause="The address, the form or the body holds bytes that no request of this interface has, such as a NUL.",
        way_out="Correct the request; /openapi.json describes the shape of each.",
        statuses=(400,),
    ),
    ErrorCode.BODY_TOO_LARGE: ErrorDescription(
        title="The body is too large",
        cause="A request body is at most 64 KiB.",
        way_out="Send less, or spread it over several requests.",
        statuses=(413,),
    ),
    ErrorCode.HEADERS_TOO_LARGE: ErrorDescription(
        title="The headers are too large",
        cause="The address and the headers of a request are at most 64 KiB together.",
        way_out="Send fewer or shorter headers, and what is long in the body.",
        statuses=(431,),
    ),
    ErrorCode.NOT_JSON: ErrorDescription(
        title="The body is not sent as JSON",
        cause="The Content-Type header does not announce JSON, or the body has a Content-Encoding.",
        way_out="Send the body as JSON with Content-Type: application/json, uncompressed.",
        statuses=(415,),
    ),
    ErrorCode.MALFORMED_JSON: ErrorDescription(
        title="The body is not JSON",
        cause="The body cannot be parsed as JSON; the detail names the character where parsing stopped.",
        way_out="Correct the JSON at that character and send the request again.",
        statuses=(400,),
    ),
    ErrorCode.INVALID_REQUEST: ErrorDescription(
        title="The request does not fit its schema",
        cause="One or more fields are missing, unknown or of the wrong form. The violations name each with its pointer.",
        way_out="Correct every field that a violation points to; /openapi.json has the schema.",
        statuses=(422,),
    ),
    ErrorCode.FIELD_MISSING: ErrorDescription(
        title="A field is missing",
        cause="The schema requires the field that the pointer names.",
        way_out="Send the field.",
        statuses=(422,),
        within=ErrorCode.INVALID_REQUEST,
    ),
    ErrorCode.FIELD_UNKNOWN: ErrorDescription(
        title="A field is unknown",
        cause="The schema has no field or query parameter of this name. Unknown ones are refused, since they are mostly misspelt.",
        way_out="Correct its name, or leave it out.",
        statuses=(422,),
        within=ErrorCode.INVALID_REQUEST,
    ),
    ErrorCode.FIELD_INVALID: ErrorDescription(
        title="A field has the wrong form",
        cause="The value is of another type, too long, or not of the form that the message names.",
        way_out="Send a value as the message says.",
        statuses=(422,),
        within=ErrorCode.INVALID_REQUEST,
    ),
    ErrorCode.CURSOR_UNKNOWN: ErrorDescription(
        title="The cursor is not of this list",
        cause="The query parameter after names nothing in the list that is asked for.",
        way_out="Use the next of the page before, or leave after out to begin at the start.",
        statuses=(422,),
    ),
    ErrorCode.IDEMPOTENCY_KEY_MISSING: ErrorDescription(
        title="The Idempotency-Key is missing",
        cause="Every write carries an Idempotency-Key header, so that it can be sent again without being done twice.",
        way_out="Send a key of 1 to 255 visible characters: a new one for a new request, the same one to try again.",
        statuses=(400,),
        rule="T15",
    ),
    ErrorCode.IDEMPOTENCY_KEY_INVALID: ErrorDescription(
        title="The Idempotency-Key has the wrong form",
        cause="The Idempotency-Key header is empty, too long, or holds a blank or another invisible character.",
        way_out="Send a key of 1 to 255 visible ASCII characters, such as a UUID.",
        statuses=(400,),
        rule="T15",
    ),
    ErrorCode.IDEMPOTENCY_KEY_REUSED: ErrorDescription(
        title="The Idempotency-Key belongs to another request",
        cause="The key was used within the last 30 days for a request with another path or body.",
        way_out="Send a new key for a new request, or the former request unchanged to read its answer again.",
        statuses=(422,),
        rule="T15",
    ),
    ErrorCode.REQUEST_IN_PROGRESS: ErrorDescription(
        title="The first request with this key is still under way",
        cause="An earlier request with the same Idempotency-Key has no answer yet.",
        way_out=f"Wait as long as Retry-After says. {_SAME_KEY}",
        statuses=(409,),
        rule="T15",
    ),
    ErrorCode.RECEIPT_TOO_LATE: ErrorDescription(
        title="The request could not be recorded in time",
        cause="Recording took so long that the instant of receipt would no longer be certain. Nothing was recorded.",
        way_out=_SAME_KEY,
        statuses=(503,),
        rule="G3",
    ),
    ErrorCode.REQUEST_INCOMPLETE: ErrorDescription(
        title="The request did not come whole",
        cause="The headers or the body did not arrive in time. Nothing was recorded.",
        way_out=_SAME_KEY,
        statuses=(408,),
    ),
    ErrorCode.OVERLOADED: ErrorDescription(
        title="Too many requests at once",
        cause="More requests came than can be answered in time. Nothing was recorded.",
        way_out=f"Wait as long as Retry-After says. {_SAME_KEY}",
        statuses=(503,),
    ),
    ErrorCode.ENGINE_UNREACHABLE: ErrorDescription(
        title="The workflow does not answer",
        cause="live=true asks the workflow itself, and the engine or every worker is out of reach.",
        way_out="Leave live out to read the projection, or wait as long as Retry-After says.",
        statuses=(503,),
    ),
    ErrorCode.WORKFLOW_GONE: ErrorDescription(
        title="The engine keeps this workflow no more",
        cause="An ended workflow answers for as long as the engine retains it. That time is over.",
        way_out="Leave live out: the projection holds the last state for good.",
        statuses=(409,),
    ),
    ErrorCode.DATABASE_BUSY: ErrorDescription(
        title="The database is busy",
        cause="Every connection of this process to the database is in use. Nothing was recorded.",
        way_out=f"Wait as long as Retry-After says. {_SAME_KEY}",
        statuses=(503,),
    ),
    ErrorCode.DATABASE_UNREACHABLE: ErrorDescription(
        title="The database cannot be reached",
        cause="The database does not answer, so nothing can be read or recorded.",
        way_out=f"Wait as long as Retry-After says. {_SAME_KEY}",
        statuses=(503,),
        rule="T15",
    ),
    ErrorCode.PROVIDER_UNREACHABLE: ErrorDescription(
        title="The payment provider cannot be reached",
        cause="The provider sent an event, and does not answer when it is asked for what the event is about.",
        way_out="Wait as long as Retry-After says, and send the same event again.",
        statuses=(503,),
    ),
    ErrorCode.INTERNAL_ERROR: ErrorDescription(
        title="Something went wrong on our side",
        cause="The process met a fault that nobody expected. The fault is logged under the reference of the answer.",
        way_out=f"{_SAME_KEY} If it happens again, write to support with the reference.",
        statuses=(500,),
        rule="T15",
    ),
}
