"""Errors of a placement."""

from __future__ import annotations

from jalon.domain.error_codes.codes import ErrorCode
from jalon.domain.error_codes.description import Descriptions, ErrorDescription

PLACEMENTS: Descriptions = {
    ErrorCode.TERMS_NOT_ACCEPTED: ErrorDescription(
        title="The terms of sale are not accepted",
        cause="The store requires that the buyer accepts its terms of sale, and terms_accepted is not true.",
        way_out="Let the buyer tick the terms of sale, and send terms_accepted = true.",
        statuses=(422,),
        rule="H19",
    ),
    ErrorCode.EXPORT_REQUIREMENTS_NOT_ACCEPTED: ErrorDescription(
        title="The export requirements are not accepted",
        cause="A product of the cart is under export control, and export_control_accepted is not true.",
        way_out="Let the buyer accept the export requirements, and send export_control_accepted = true.",
        statuses=(422,),
        rule="T4",
    ),
    ErrorCode.PAYMENT_KIND_NOT_OFFERED: ErrorDescription(
        title="This audience cannot pay this way",
        cause="The store does not offer this kind of payment to the buyer's audience.",
        way_out="Choose one of the kinds that the message lists.",
        statuses=(422,),
        rule="D8",
    ),
    ErrorCode.PAYMENT_METHOD_REQUIRED: ErrorDescription(
        title="The payment method is missing",
        cause="An order is placed with the token that stands for the buyer's payment method.",
        way_out="Send the token that the payment provider gave.",
        statuses=(422,),
        rule="D8",
    ),
    ErrorCode.BILLING_ADDRESS_REQUIRED: ErrorDescription(
        title="The billing address is missing",
        cause="An order needs a billing address.",
        way_out="Send billing_address.",
        statuses=(422,),
        rule="H18",
    ),
    ErrorCode.BILLING_COUNTRY_REQUIRED: ErrorDescription(
        title="The billing country is missing",
        cause="An order needs the country of its billing address.",
        way_out="Send billing_address with its country.",
        statuses=(422,),
        rule="H18",
    ),
    ErrorCode.BILLING_REGION_REQUIRED: ErrorDescription(
        title="The billing region is missing",
        cause="Export rules name regions of this country, and the billing address states none, or one that this country does not have.",
        way_out="Send billing_address.region, the ISO 3166-2 code of the address.",
        statuses=(422,),
        rule="T6",
    ),
    ErrorCode.NO_TERMS_IN_FORCE: ErrorDescription(
        title="The product has no terms of sale in force",
        cause="A product is sold under its terms of sale, and no version of them is in force at the store's instant.",
        way_out="Ask the store's sales contact, which the message names.",
        statuses=(422,),
        rule="T11",
    ),
}
