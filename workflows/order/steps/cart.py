"""Cart: edits, a reminder, abandonment, and the placement that freezes the terms (H17–H19, D9, T4, T8, T13, G6)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from activities.contracts.mail import MailRequest
from activities.contracts.policy import ASK_POLICY, CartAnswer, CartQuestion
from activities.contracts.records import ReceivedCommand
from jalon.domain import events
from jalon.domain.calendar.deadlines import closes_at, reminder_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.emails import CartReminder
from jalon.domain.error_codes import ErrorCode
from jalon.domain.order import Cart, Placement
from jalon.domain.statuses import OrderStatus
from workflows.engine.agenda import Due, Entry
from workflows.engine.commands import Refused, refused
from workflows.engine.state import known
from workflows.engine.step import Step, takes
from workflows.order.commands import EditCart, OpenCart, Place, PlaceAgain
from workflows.order.life import OrderLife


async def until_placed(order: OrderLife) -> None:
    """Waits until the cart is placed, abandoned or cancelled, or until Temporal suggests continue-as-new."""
    await order.until(
        lambda: order.is_over() or order.state.status is OrderStatus.SUBMITTED or order.history_long
    )


async def _ask(
    order: OrderLife, message: ReceivedCommand, cart: Cart, placement: Placement | None = None
) -> CartAnswer:
    state = order.state
    question = CartQuestion(
        state.store, state.id, message.id, cart, state.now, placement, state.placements + 1
    )
    return await order.local(ASK_POLICY, question)


async def open_cart(
    order: OrderLife, request: OpenCart, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Opens the order as a cart. A cart that the store cannot sell is refused, and no order is opened."""
    state = order.state
    answer = await _ask(order, message, request.cart)
    if answer.violations:
        state.move_to(OrderStatus.CANCELLED)
        return Refused(answer.violations, 422)
    state.number, state.cart, state.created_at = request.number, request.cart, state.now
    state.move_to(OrderStatus.CART)
    _adopt(order, answer)
    order.transition.record_event(
        state.now, events.CartOpened(lines=len(request.cart.lines)), actor=message.actor
    )
    return {"order": state.id}


def _adopt(order: OrderLife, answer: CartAnswer) -> None:
    state = order.state
    state.cart_terms, state.cart_store = known(answer.cart), known(answer.store)
    state.products, state.total = answer.products, answer.total
    state.software_classes = answer.software_classes
    calendar = state.cart_store.calendar
    remind_at = reminder_at(state.now, Duration.parse(state.cart_terms.reminder_after), calendar)
    let_go_at = closes_at(state.now, Duration.parse(state.cart_terms.abandoned_after), calendar)
    if state.reminded_at is None and state.agenda.find(Due.CART_REMINDER) is None:
        state.agenda.put(Entry(Due.CART_REMINDER, remind_at, Due.CART_REMINDER, None, "customer"))
    state.agenda.put(Entry(Due.CART_ABANDONED, let_go_at, Due.CART_ABANDONED, None, "vendor", closing=True))


async def edit_cart(
    order: OrderLife, request: EditCart, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Changes the cart as a whole, or not at all."""
    state = order.state
    if state.status is not OrderStatus.CART:
        return refused(
            ErrorCode.ORDER_PLACED, "A placed order cannot be edited; cancel it and open a new one."
        )
    fields = vars(request).items()
    changes = {name: value for name, value in fields if value is not None and name != "renamed"}
    cart = replace(known(state.cart), **changes)
    answer = await _ask(order, message, cart)
    if answer.violations:
        return Refused(answer.violations, 422)
    declared = _declared(order)
    state.cart = cart
    _adopt(order, answer)
    order.transition.record_event(
        state.now, events.CartChanged(changed=tuple(sorted(changes))), actor=message.actor
    )
    if state.certificate is not None and (request.renamed or _declared(order) != declared):
        state.certificate = None
        order.transition.record_event(state.now, events.CertificateDropped())
    return {"order": state.id}


def _declared(order: OrderLife) -> tuple[str, str, tuple[str, ...]]:
    """What the end-use certificate is about: its buyer, its destination and the classes of its products (X19)."""
    cart = known(order.state.cart)
    return cart.buyer, cart.country, order.state.software_classes


async def place(order: OrderLife, request: Place, message: ReceivedCommand) -> dict[str, Any] | Refused:
    """Places the cart: refuses it with every violation at once, or freezes the terms (G6)."""
    state = order.state
    if state.status is not OrderStatus.CART:
        return refused(ErrorCode.ORDER_PLACED, f"This order was placed already and is {state.status}.", "T15")
    answer = await _ask(order, message, known(state.cart), request.placement)
    if answer.violations:
        return Refused(answer.violations, 422)
    return _placed(order, answer, request.placement, message)


async def place_again(
    order: OrderLife, request: PlaceAgain, message: ReceivedCommand
) -> dict[str, Any] | Refused:
    """Places a declined order again with another payment method, on what its buyer has accepted.

    Another cart, price or version of the terms than the buyer confirmed needs a new confirmation (G6, T11).
    """
    state = order.state
    if state.status is not OrderStatus.CART or state.declined_at is None:
        return refused(ErrorCode.ORDER_NOT_DECLINED, f"This order is {state.status}; no payment of it waits.")
    placement = replace(known(state.placement), payment_method=request.payment_method)
    answer = await _ask(order, message, known(state.cart), placement)
    if answer.violations:
        return Refused(answer.violations, 422)
    if known(answer.order).lines != known(state.terms).lines:
        return refused(
            ErrorCode.OFFER_CHANGED, "The order differs from what was confirmed: place it as a new one.", "G6"
        )
    return _placed(order, answer, placement, message)


def _placed(
    order: OrderLife, answer: CartAnswer, placement: Placement, message: ReceivedCommand
) -> dict[str, Any]:
    state = order.state
    state.terms, state.placement = known(answer.order), placement
    state.move_to(OrderStatus.SUBMITTED)
    state.placements += 1
    state.placed_at, state.waits, state.payment = state.now, [], None
    state.cleared_at = state.hold = state.delayed_at = state.declined_at = None
    state.products, state.total = answer.products, state.terms.total
    state.agenda.remove(Due.CART_REMINDER, Due.CART_ABANDONED)
    order.transition.record_event(
        state.now,
        events.OrderPlaced(
            total=state.terms.total, terms=state.terms.sha256, policy=state.terms.store.policy_hash
        ),
        actor=message.actor,
    )
    return {"order": state.id, "number": state.number}


async def remind(order: OrderLife, entry: Entry) -> None:
    """Reminds the buyer of a cart once. A reminder that comes too late to be true stays out (X21)."""
    state = order.state
    let_go = state.agenda.find(Due.CART_ABANDONED)
    if let_go is None or state.status is not OrderStatus.CART or state.present() >= let_go.due_at:
        return
    state.reminded_at = state.now
    order.transition.record_event(state.now, events.CartReminded())
    facts = order.line_facts()
    order.mail(
        CartReminder(**facts, total=order.cart_total(), kept_until=let_go.due_at),
        "cart-reminder",
        order.buyer,
    )


async def abandon(order: OrderLife, entry: Entry) -> None:
    """Expires a cart that was abandoned, at no charge."""
    order.state.move_to(OrderStatus.EXPIRED)
    order.state.agenda.clear()
    order.transition.record_event(order.state.now, events.CartAbandoned())
    order.expire("cart_abandoned", None)


def _is_cart(order: OrderLife, _: MailRequest) -> bool:
    return order.state.status is OrderStatus.CART


STEP = Step(
    takes=(
        takes(OpenCart, open_cart),
        takes(EditCart, edit_cart),
        takes(Place, place),
        takes(PlaceAgain, place_again),
    ),
    due={Due.CART_REMINDER: remind, Due.CART_ABANDONED: abandon},
    stands={CartReminder: _is_cart},
)
