"""Errors of commands to a subscription: its activation, its term, its seats."""

from __future__ import annotations

from jalon.domain.error_codes.codes import ErrorCode
from jalon.domain.error_codes.description import Descriptions, ErrorDescription

SUBSCRIPTIONS: Descriptions = {
    ErrorCode.NOT_PENDING: ErrorDescription(
        title="The subscription does not wait for activation",
        cause="Activation steps are taken before the subscription is active, and this one has left that state.",
        way_out="Read the subscription to see how it stands.",
        statuses=(409,),
        rule="P4",
    ),
    ErrorCode.ACTIVATION_WINDOW_CLOSED: ErrorDescription(
        title="The time to activate is over",
        cause="The step arrived when the activation window was closed. The line is void, and nothing is charged for it.",
        way_out="Open a new order.",
        statuses=(409,),
        rule="P5",
    ),
    ErrorCode.STEP_OUT_OF_ORDER: ErrorDescription(
        title="An earlier step comes first",
        cause="The product's activation steps have an order, and a step before this one is still open.",
        way_out="Take the steps that the message names first.",
        statuses=(409,),
        rule="H1",
    ),
    ErrorCode.SIGNER_MISSING: ErrorDescription(
        title="The signature names no signer",
        cause="A contract is signed by a named person who may sign for the buyer.",
        way_out="Send signer.name and signer.authorised = true.",
        statuses=(422,),
        rule="H4",
    ),
    ErrorCode.DOCUMENT_UNNAMED: ErrorDescription(
        title="The signed document is not named",
        cause="A signature belongs to one document, and the request does not say which one was read.",
        way_out="Send document_sha256, which the subscription names as document.sha256.",
        statuses=(422,),
        rule="H4",
    ),
    ErrorCode.DOCUMENT_CHANGED: ErrorDescription(
        title="Another document was shown",
        cause="The digest in document_sha256 is not that of the contract to sign.",
        way_out="Read the contract again, and sign with the digest of that document.",
        statuses=(409,),
        rule="H4",
    ),
    ErrorCode.NOT_ACTIVE: ErrorDescription(
        title="The subscription is not active",
        cause="Seats, renewal and payment are managed while the subscription runs: once it is activated, and until it ends.",
        way_out="Activate it first; if it has ended, open a new order.",
        statuses=(409,),
    ),
    ErrorCode.RECOVERY_WINDOW_CLOSED: ErrorDescription(
        title="The time to settle the payment is over",
        cause="The new payment method arrived when the time to recover the failed payment was over.",
        way_out="Open a new order.",
        statuses=(409,),
        rule="X3",
    ),
    ErrorCode.RENEWAL_COMMITTED: ErrorDescription(
        title="The renewal is committed",
        cause="The time to stop or resume the renewal of this term is over.",
        way_out="Wait until the new term starts; the message names the instant at which the switch opens again.",
        statuses=(409,),
        rule="D15",
    ),
    ErrorCode.REASON_MISSING: ErrorDescription(
        title="The reason is missing",
        cause="The store wants to know why a renewal is stopped. A consumer is asked too, and may leave it out.",
        way_out="Send reason.",
        statuses=(422,),
        rule="H24",
    ),
    ErrorCode.RENEWAL_NOT_AUTOMATIC: ErrorDescription(
        title="The subscription does not renew by itself",
        cause="The store's terms end this subscription with its term, so there is no renewal to resume.",
        way_out="Order again to go on after the end of the term.",
        statuses=(409,),
        rule="D14",
    ),
    ErrorCode.NO_USER_MANAGEMENT: ErrorDescription(
        title="The product has no user management",
        cause="Seats are assigned for some products only, and this is none of them.",
        way_out="Use the product without assigning seats.",
        statuses=(409,),
        rule="P1",
    ),
    ErrorCode.UNKNOWN_SEAT: ErrorDescription(
        title="The subscription has no such seat",
        cause="Seats are numbered from 1, and the number is above the last one.",
        way_out="Read the subscription, which lists its seats.",
        statuses=(404,),
        rule="H22",
    ),
    ErrorCode.NO_FREE_SEAT: ErrorDescription(
        title="No seat is free",
        cause="Every seat, or the seat that was asked for, is assigned or reserved by an invitation.",
        way_out="Revoke a seat first, or choose another one.",
        statuses=(409,),
        rule="D3",
    ),
    ErrorCode.ALREADY_ASSIGNED: ErrorDescription(
        title="This person has a seat already",
        cause="A person has one seat of a subscription at most.",
        way_out="Assign the seat to somebody else; the subscription lists who has one.",
        statuses=(409,),
        rule="D3",
    ),
    ErrorCode.NOT_INVITED: ErrorDescription(
        title="The seat has no open invitation",
        cause="An invitation is sent again while it is open. The seat is free, the person has it already, or the hours are over.",
        way_out="Read the seats; give the seat anew where it is free.",
        statuses=(409,),
        rule="T3",
    ),
    ErrorCode.INVITATION_EXPIRED: ErrorDescription(
        title="The invitation has expired",
        cause="The set-up was not completed in time, or a newer invitation has taken the place of this one.",
        way_out="Ask the account owner for a new invitation.",
        statuses=(409,),
    ),
}
