"""The moves of one order, and the stage at which it stands when the faults begin."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from jalon.client import orders, subscriptions
from jalon.client.calls import Call
from jalon.client.errors import ApiError, NotAnswered
from jalon.client.shapes import Cart, Order, Placement, Signer, Subscription
from jalon.rehearsal.faults.observations import Expected
from jalon.rehearsal.faults.storefront import Storefront

SIGNER: Signer = {"name": "Ana Martin", "authorised": True}
PLACEMENT: Placement = {
    "terms_accepted": True,
    "export_control_accepted": True,
    "payment_method": {"kind": "card", "token": "card_ok"},
    "billing_address": {"lines": ["1 rue de la Paix", "75002 Paris"], "country": "FR"},
    "purchase_order_number": "PO-1",
}
THINKING_SECONDS = 2.0
PREPARED_AT_ONCE = 12

STAGES = (
    "not begun",
    "cart",
    "placing",
    "contract sent",
    "half activated",
    "signing",
    "just active",
    "prepaid cart",
)
"""The stages at which orders stand when the faults begin. The orders are distributed over them in turn."""

# The number of moves that an order of each stage has made. Those of AT_ONCE continue at the moment the faults begin.
_MOVES_BEFORE = {
    "not begun": 0, "cart": 1, "placing": 1, "contract sent": 2, "half activated": 3, "signing": 3, "just active": 4,
    "prepaid cart": 1,
}  # fmt: skip
_AT_ONCE = {"placing", "signing", "just active"}


class DeadlineLost(Exception):
    """A window closed while we stood still."""


@dataclass
class Journey:
    """One order from cart to completed. `order` and `subscription` are ids, empty until known."""

    shop: Storefront
    store: str
    number: int
    stage: str
    sku: str
    order: str = ""
    subscription: str = ""
    trouble: str = ""
    document_sha256: str = ""
    done: bool = False
    moves_done: int = 0
    chance: random.Random = field(default_factory=random.Random)

    @property
    def buyer(self) -> str:
        """An address of the order's own, by which its e-mails are found."""
        return f"buyer-{self.number:03}@example.com"

    @property
    def _moves(self) -> list[Callable[[], Awaitable[None]]]:
        if self.sku == "prepaid":
            return [self.open, self.place, self.complete]
        return [self.open, self.place_and_hear, self.activate, self.sign, self.complete]

    async def prepare(self) -> None:
        """Brings the order to its stage."""
        await self._go(_MOVES_BEFORE[self.stage], think=False)

    async def go_on(self, window: float) -> None:
        """Brings the order to its end, beginning within `window` seconds from now."""
        if self.stage not in _AT_ONCE:
            await asyncio.sleep(self.chance.uniform(0, window))
        await self._go(len(self._moves), think=True)
        self.done = not self.trouble

    async def _go(self, upto: int, *, think: bool) -> None:
        try:
            while self.moves_done < upto:
                await self._moves[self.moves_done]()
                self.moves_done += 1
                if think:
                    await asyncio.sleep(self.chance.uniform(0, THINKING_SECONDS))
        except (ApiError, NotAnswered) as error:
            self.trouble = str(error)

    def cart(self) -> Cart:
        """The body that opens a cart of one line."""
        return {
            "store": self.store,
            "buyer": {"email": self.buyer, "name": f"Buyer {self.number}", "company": "Bureau Martin"},
            "country": "FR",
            "audience": "company",
            "currency": "EUR",
            "lines": [{"sku": self.sku, "quantity": 1, "term": "P1Y", "licence_kind": "individual"}],
        }

    async def open(self) -> None:
        """Opens the cart."""
        self.order = (await self.shop.write("open", self.opening()))["id"]

    async def place(self) -> None:
        """Confirms the cart."""
        await self.shop.write("place", self.placing(), entity=self.order)

    async def place_and_hear(self) -> None:
        """Confirms the cart and waits for the contract's e-mail."""
        await self.place()
        await self.hear()

    async def hear(self) -> None:
        """Waits for the contract's e-mail of the placed order."""
        view = await self.shop.until(orders.read(self.order), "processing", "completed")
        self.subscription = view["lines"][0]["subscription"]
        pending = await self.shop.until(subscriptions.read(self.subscription), "pending_activation")
        self.document_sha256 = pending["document"]["sha256"]

    async def activate(self) -> None:
        """Clicks Activate."""
        await self.shop.write("activate", self.activating(), entity=self.subscription)

    async def sign(self) -> None:
        """Signs the contract."""
        await self.shop.write("sign", self.signing(), entity=self.subscription)

    def opening(self) -> Call[Order]:
        """The call that opens the cart."""
        return orders.open_order(self.cart())

    def placing(self) -> Call[Order]:
        """The call that confirms the cart."""
        return orders.place(self.order, PLACEMENT)

    def activating(self) -> Call[Subscription]:
        """The call that clicks Activate."""
        return subscriptions.activate(self.subscription)

    def signing(self) -> Call[Subscription]:
        """The call that signs."""
        return subscriptions.sign(self.subscription, SIGNER, self.document_sha256)

    async def activate_late(self) -> None:
        """Clicks Activate after the night, in a window that would have closed within it. Raises DeadlineLost."""
        await self.hear()
        pending = await self.shop.until(subscriptions.read(self.subscription), "pending_activation")
        closes_at = datetime.fromisoformat(pending["activation_by"])
        if closes_at <= datetime.now(UTC):
            raise DeadlineLost(f"{self.subscription} could be activated until {closes_at}")
        await self.activate()

    async def complete(self) -> None:
        """Waits until the order is completed."""
        await self.shop.until(orders.read(self.order), "completed")

    def expected(self) -> Expected:
        """The expected end: completed, active, charged once, and every e-mail received."""
        mails = {"subscription_active", "order_confirmed" if self.sku == "prepaid" else "contract_ready"}
        return Expected(
            label=f"order {self.number} ({self.stage}){': ' + self.trouble if self.trouble else ''}",
            buyer=self.buyer,
            entity=self.order or None,
            status="completed",
            subscription_status="active",
            captures=1,
            mails=frozenset(mails),
        )


async def prepared(journeys: list[Journey]) -> None:
    """Brings each order to its stage, a few at a time."""
    slots = asyncio.Semaphore(PREPARED_AT_ONCE)

    async def prepare(journey: Journey) -> None:
        async with slots:
            await journey.prepare()

    await asyncio.gather(*(prepare(journey) for journey in journeys))


def deal(shop: Storefront, store: str, number_of_orders: int) -> list[Journey]:
    """This number of orders, distributed over the stages; the same each time."""
    journeys = []
    for number in range(number_of_orders):
        stage = STAGES[number % len(STAGES)]
        sku = "prepaid" if stage == "prepaid cart" else "signed"
        journeys.append(Journey(shop, store, number, stage, sku, chance=random.Random(number)))  # noqa: S311
    return journeys
