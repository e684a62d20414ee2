"""Errors of carts against a store's policy, and reasons why a catalog does not offer a product."""

from __future__ import annotations

from jalon.domain.error_codes.codes import ErrorCode
from jalon.domain.error_codes.description import Descriptions, ErrorDescription

CARTS: Descriptions = {
    ErrorCode.NO_LINES: ErrorDescription(
        title="The cart is empty",
        cause="The cart has no line.",
        way_out="Add a line with sku, quantity, term and licence_kind.",
        statuses=(422,),
    ),
    ErrorCode.UNKNOWN_SKU: ErrorDescription(
        title="No product has this sku",
        cause="The store's catalog has no product with this sku. The message names the skus that are alike.",
        way_out="Take the sku from GET /v1/catalog.",
        statuses=(422,),
    ),
    ErrorCode.NOT_SOLD_ONLINE: ErrorDescription(
        title="The product is not sold online",
        cause="The store shows the product, but sells it in person only.",
        way_out="Ask the contact that the message names, and take the line out of the cart.",
        statuses=(422,),
        rule="D5",
    ),
    ErrorCode.SOLD_BY_RESELLERS_ONLY: ErrorDescription(
        title="The product is sold by resellers only",
        cause="The store leaves the sale of this product to its resellers.",
        way_out="Ask the contact that the message names for a reseller, and take the line out of the cart.",
        statuses=(422,),
        rule="T9",
    ),
    ErrorCode.UNKNOWN_COUNTRY: ErrorDescription(
        title="The country code is unknown",
        cause="The value is not a country code of ISO 3166-1.",
        way_out='Write the code of two capitals, as in "FR".',
        statuses=(422,),
    ),
    ErrorCode.COUNTRY_NOT_SERVED: ErrorDescription(
        title="The store does not sell to this country",
        cause="The country is not among those that the store sells to.",
        way_out="Ask the sales contact that the message names.",
        statuses=(422,),
    ),
    ErrorCode.COUNTRY_NOT_SOLD: ErrorDescription(
        title="The product is not sold to this country",
        cause="The store sells this product to some countries only, and the buyer's or the billing country is none of them.",
        way_out="Ask the contact that the message names, or take the line out of the cart.",
        statuses=(422,),
        rule="T13",
    ),
    ErrorCode.UNKNOWN_AUDIENCE: ErrorDescription(
        title="The store has no such audience",
        cause="The value of audience is none of the audiences that the store's file names.",
        way_out="Choose one of the audiences that the message lists.",
        statuses=(422,),
        rule="D4",
    ),
    ErrorCode.AUDIENCE_NOT_SOLD: ErrorDescription(
        title="The product is not sold to this audience",
        cause="The store sells this product to other audiences only.",
        way_out="Take the line out of the cart, or order for an audience that the message names if the buyer belongs to it.",
        statuses=(422,),
        rule="D4",
    ),
    ErrorCode.UNKNOWN_CURRENCY: ErrorDescription(
        title="The currency code is unknown",
        cause="The value is not a currency code of ISO 4217.",
        way_out='Write the code of three capitals, as in "EUR".',
        statuses=(422,),
    ),
    ErrorCode.CURRENCY_NOT_SOLD: ErrorDescription(
        title="Nothing is sold in this currency",
        cause="The store, or the product that the pointer names, has no price in this currency.",
        way_out="Choose one of the currencies that the message lists.",
        statuses=(422,),
    ),
    ErrorCode.TERM_NOT_SOLD: ErrorDescription(
        title="The product is not sold for this term",
        cause="The product has no price for the term of the line.",
        way_out="Choose one of the terms that the message lists.",
        statuses=(422,),
        rule="D7",
    ),
    ErrorCode.TERM_NOT_FOR_AUDIENCE: ErrorDescription(
        title="The term is not sold to this audience",
        cause="The product has this term, but the buyer's audience may not buy it.",
        way_out="Choose one of the terms that the message lists.",
        statuses=(422,),
        rule="D7",
    ),
    ErrorCode.LICENCE_KIND_NOT_SOLD: ErrorDescription(
        title="The product is not licensed this way",
        cause="The product does not come with the licence kind of the line.",
        way_out="Choose one of the licence kinds that the message lists.",
        statuses=(422,),
        rule="H15",
    ),
    ErrorCode.QUANTITY_TOO_LOW: ErrorDescription(
        title="The quantity is too low",
        cause="A line is for one unit or more.",
        way_out="Send a quantity of 1 or more, or take the line out of the cart.",
        statuses=(422,),
        rule="H16",
    ),
    ErrorCode.QUANTITY_ABOVE_SELF_SERVICE: ErrorDescription(
        title="The quantity is above what is sold online",
        cause="All lines of the product together pass the most that the store sells without its sales team.",
        way_out="Ask the contact that the message names for a price, or order less.",
        statuses=(422,),
        rule="T8",
    ),
}
