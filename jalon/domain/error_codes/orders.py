"""Errors of commands to an order."""

from __future__ import annotations

from jalon.domain.error_codes.codes import ErrorCode
from jalon.domain.error_codes.description import Descriptions, ErrorDescription

ORDERS: Descriptions = {
    ErrorCode.NOT_YET_OPEN: ErrorDescription(
        title="The order is still on its way",
        cause="The request that opened it was recorded, but is not carried out yet.",
        way_out="Wait as long as Retry-After says, and send the same request again.",
        statuses=(409,),
    ),
    ErrorCode.ORDER_PLACED: ErrorDescription(
        title="The order is placed already",
        cause="Only a cart can be changed or placed, and this order has left that state.",
        way_out="Read the order to see how it stands; to change it, cancel it and open a new one.",
        statuses=(409,),
    ),
    ErrorCode.ORDER_ACTIVE: ErrorDescription(
        title="A line of the order is active",
        cause="An order with an active subscription cannot be cancelled any more.",
        way_out="Stop the renewal of the subscription, or ask for a refund.",
        statuses=(409,),
    ),
    ErrorCode.ORDER_CLOSED: ErrorDescription(
        title="Nothing is left to cancel",
        cause="The order is over, or its cancellation is under way.",
        way_out="Read the order to see how it ends.",
        statuses=(409,),
    ),
    ErrorCode.ORDER_NOT_DECLINED: ErrorDescription(
        title="No declined payment waits",
        cause="Only an order whose payment was declined is placed again with another payment method.",
        way_out="Read the order to see how it stands.",
        statuses=(409,),
    ),
    ErrorCode.OFFER_CHANGED: ErrorDescription(
        title="The offer is another one now",
        cause="The cart, a price or the terms of sale differ from what the buyer confirmed before the payment was declined.",
        way_out="Show the buyer the order as it is now, and place it on a new confirmation.",
        statuses=(409,),
        rule="G6",
    ),
    ErrorCode.ENTITY_CLOSED: ErrorDescription(
        title="This is over",
        cause="The order or subscription has come to its end, and takes no command any more.",
        way_out="Read it to see how it ended, and open a new order; a completed order's subscriptions are changed themselves.",
        statuses=(409,),
    ),
}
