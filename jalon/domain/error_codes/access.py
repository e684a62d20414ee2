"""Errors of authentication and of access to other stores."""

from __future__ import annotations

from jalon.domain.error_codes.codes import ErrorCode
from jalon.domain.error_codes.description import Descriptions, ErrorDescription

ACCESS: Descriptions = {
    ErrorCode.KEY_MISSING: ErrorDescription(
        title="The API key is missing",
        cause="The request has no Authorization header with a key.",
        way_out="Send Authorization: Bearer with your key; an admin issues keys.",
        statuses=(401,),
    ),
    ErrorCode.KEY_INVALID: ErrorDescription(
        title="The API key is not valid",
        cause="No key has this token, or the key was revoked.",
        way_out="Check the token for missing characters, or ask an admin for a new key.",
        statuses=(401,),
    ),
    ErrorCode.ROLE_NOT_ALLOWED: ErrorDescription(
        title="The key's role may not do this",
        cause="The key is valid, but its role does not reach this far. The detail names the roles that do.",
        way_out="Use a key of one of these roles; an admin issues keys.",
        statuses=(403,),
    ),
    ErrorCode.NOT_FOUND: ErrorDescription(
        title="Nothing with this id can be seen",
        cause="Nothing has this id, or it belongs to a store that your key does not reach.",
        way_out="Check the id, and that the key is of the right store.",
        statuses=(404,),
    ),
    ErrorCode.PERSON_ERASED: ErrorDescription(
        title="The person was erased",
        cause="Personal data of this person was erased, so nothing of theirs can be read or added.",
        way_out="Name another person in the request; an erasure cannot be undone.",
        statuses=(409,),
    ),
    ErrorCode.LINK_INVALID: ErrorDescription(
        title="The link is not valid",
        cause="The link was cut short or changed, or belongs to another page.",
        way_out="Open the link again from the latest e-mail, whole.",
        statuses=(404,),
    ),
    ErrorCode.FORM_OUT_OF_DATE: ErrorDescription(
        title="The form was not sent by its page",
        cause="The form lacks the hidden number that its page puts in, so it could not be told from a repetition.",
        way_out="Open the link again and send the form from there.",
        statuses=(400,),
    ),
    ErrorCode.WEBHOOK_REFUSED: ErrorDescription(
        title="The event is not a signed one of the provider",
        cause="The signature of the webhook does not hold, is too old, or covers something that is not an event.",
        way_out="Check the webhook secret on both sides and the clock of the sender; the provider then sends the event again.",
        statuses=(400,),
    ),
}
