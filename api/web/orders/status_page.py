"""Where an order stands: the content of its page."""

from __future__ import annotations

from starlette.requests import Request

from api.web.orders.opened import CAUSES, OpenedOrder, signed_path
from api.web.orders.page_models import OrderPage, Paid, ShownLine
from api.web.orders.states import LineStanding, Standing, line_standing, standing_of
from jalon.domain.kinds import ORDER
from jalon.domain.kinds.order import CLOSED
from jalon.domain.money import Money
from jalon.domain.projections import OrderLine, PaymentState
from jalon.domain.statuses import OrderStatus

WITHOUT_POLE = frozenset({"cart", "cart_over"})
"""The states in which nothing was ordered yet, of which a pole of one band would tell nothing."""


def order_page(request: Request, opened: OpenedOrder) -> OrderPage:
    """The page for the order's present state."""
    order = opened.order
    lines = tuple(_standing(opened, line) for line in order.lines)
    standing = standing_of(order, tuple(filter(None, lines)), opened.now)
    if standing.state == "declined" and not opened.stands:
        standing = Standing("cart", standing.until)
    ended = opened.last(*CAUSES) if order.status is OrderStatus.CANCELLED else None
    return OrderPage(
        language=opened.language,
        store=opened.store,
        order_number=order.number,
        purchase_order_number=order.purchase_order_number,
        standing=standing,
        lines=tuple(
            _line(request, opened, line, found) for line, found in zip(order.lines, lines, strict=True)
        ),
        total=order.total,
        terms=opened.terms,
        late_contact=opened.policy.route("order_late"),
        milestones=ORDER.milestones(order) if _shows_pole(opened, standing) else (),
        act_url=_act_url(request, opened, standing),
        cause=ended.event if ended else "",
        paid=_paid(opened),
        line_delayed=any(line.delayed_at is not None for line in opened.begun.values()),
    )


def _shows_pole(opened: OpenedOrder, standing: Standing) -> bool:
    never_placed = opened.order.status in CLOSED and opened.order.placed_at is None
    return standing.state not in WITHOUT_POLE and not never_placed


def _standing(opened: OpenedOrder, line: OrderLine) -> LineStanding | None:
    if line.subscription is None:
        return None
    return line_standing(opened.begun.get(line.subscription), opened.now)


def _act_url(request: Request, opened: OpenedOrder, standing: Standing) -> str | None:
    """Where the buyer does what the order waits for; None for anybody else who holds a link to it."""
    if not opened.is_buyers:
        return None
    if standing.state == "certificate":
        return signed_path(request, opened, "certificate", opened.order.id)
    if standing.state in ("declined", "confirmation"):
        return signed_path(request, opened, "payment", opened.order.id)
    return None


def _paid(opened: OpenedOrder) -> Paid:
    """What became of money: a basket and a rejected order took none, and a payment that was called off may have been taken before."""
    order = opened.order
    if order.payment is not None and order.payment.state is PaymentState.CAPTURED:
        return "returned"
    called_off = order.status is OrderStatus.CANCELLED and order.placed_at is not None
    return "unknown" if called_off else "nothing"


def _line(request: Request, opened: OpenedOrder, line: OrderLine, standing: LineStanding | None) -> ShownLine:
    price, amount = _price(opened, line)
    begun = opened.begun.get(line.subscription or "")
    # The contract's link was sent to whoever bought the line; where an admin has followed, it is no longer this reader's.
    mine = begun is not None and opened.is_buyers and begun.admin == opened.order.buyer
    return ShownLine(
        product=_product(opened, line),
        quantity=line.quantity,
        licence_kind=line.licence_kind,
        term=line.term,
        price=price,
        amount=amount,
        standing=standing,
        contract_url=signed_path(request, opened, "contract", begun.id)
        if mine and begun is not None and begun.document is not None
        else None,
        portal_url=f"{opened.site}/subscriptions/{begun.id}"
        if mine and begun is not None and standing is not None and standing.state in ("active", "ended")
        else None,
    )


def _product(opened: OpenedOrder, line: OrderLine) -> str:
    """The name under which it was bought (X18); in a basket that of today, in the reader's language."""
    if line.product is not None and opened.order.status is not OrderStatus.CART:
        return line.product
    product = opened.policy.products.get(line.sku)
    if product is None:
        return line.product or line.sku
    names = {str(spoken): name for spoken, name in product.name.items()}
    return names.get(opened.language) or names[opened.policy.store.default_language]


def _price(opened: OpenedOrder, line: OrderLine) -> tuple[Money | None, Money | None]:
    """The frozen price of one unit and of the line; for a basket those of today, as long as they make its total."""
    order = opened.order
    if order.status is not OrderStatus.CART and line.price is not None:
        return line.price, line.amount
    prices = [_unit_price(opened, each) for each in order.lines]
    if order.total is None or any(each is None for each in prices):
        return None, None
    amounts = [price * each.quantity for price, each in zip(prices, order.lines, strict=True) if price]
    if sum(amounts, Money.zero(order.total.currency)) != order.total:
        return None, None
    price = _unit_price(opened, line)
    return price, price * line.quantity if price else None


def _unit_price(opened: OpenedOrder, line: OrderLine) -> Money | None:
    product = opened.policy.products.get(line.sku)
    return product.price(opened.order.currency or "", line.term) if product else None
