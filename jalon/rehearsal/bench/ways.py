"""The two ways to take an order, called as an API process would call them: the product's and the plain one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Protocol

from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncConnection
from temporalio.client import Client

from api.http.metrics import Metrics
from api.http.request_context import RequestContext
from jalon.bootstrap import Resources
from jalon.domain.kinds import ORDER
from jalon.domain.order import Cart, CartLine, Placement
from jalon.inbox.caller import Caller
from jalon.inbox.submission import Submitter
from jalon.inbox.writes import Compose, IdempotentRequest, Target
from jalon.persistence.entities.projections import subscription_of
from jalon.persistence.ids import new_id
from jalon.persistence.inbox.targets import TargetState
from jalon.rehearsal.bench.plain.order import PlainOrder, PlainOrderStart
from jalon.rehearsal.bench.plain.subscription import PlainStep, PlainSubscription
from jalon.rehearsal.bench.stage import PLAIN_QUEUE, SKU
from workflows.engine.commands import Command
from workflows.order.commands import OpenCart, Place
from workflows.subscription.commands import TakeStep

EVIDENCE = {"signer": {"name": "Ana Martin", "title": None}, "consent": {"text": "I accept this contract."}}
STEPS = ("open_contract", "click_activate", "sign")


@dataclass
class Bought:
    """One order under way. Instants are monotonic seconds of this process; `placed_unix` is wall-clock time.

    `place_seconds` is 0 where the caller did not get the placed order as an answer.
    """

    way: str
    id: str
    number: str
    email: str
    party: str = ""
    began: float = field(default_factory=time.perf_counter)
    place_seconds: float = 0.0
    placed_unix: float = 0.0
    ended: float = 0.0

    @property
    def subscription(self) -> str:
        """The subscription of the order's only line."""
        return f"sub_{self.id.removeprefix('ord_')}00"


class Way(Protocol):
    """How messages reach the workflows. Each call returns when a caller of the API would be answered."""

    name: str

    async def open(self, bought: Bought) -> None:
        """Opens a cart."""

    async def place(self, bought: Bought) -> None:
        """Places the cart."""

    async def step(self, bought: Bought, step: str) -> None:
        """Takes one activation step."""


def new_order(way: str, number: int) -> Bought:
    """An order with its own buyer."""
    return Bought(way, new_id(ORDER), f"{way.upper()}-{number}", f"{way}-{number}@example.com")


async def remember_buyer(tx: AsyncConnection, resources: Resources, store: str, bought: Bought) -> None:
    """Stores the buyer's row, which the e-mails need."""
    bought.party = await resources.parties.meet(
        tx, store, email=bought.email, name="Ana Martin", company="Martin SARL", language="fr"
    )


def cart_of(bought: Bought, term: str) -> Cart:
    """A cart with one line of the store's only product."""
    line = CartLine(sku=SKU, quantity=1, term=term, licence_kind="individual")
    return Cart(buyer=bought.party, country="FR", audience="company", currency="EUR", lines=(line,))


async def placement_of(tx: AsyncConnection, resources: Resources, store: str, bought: Bought) -> Placement:
    """The placement, with the billing address stored as a personal record."""
    address = await resources.parties.keep(tx, store, bought.party, "billing_address", {"city": "Lyon"})
    return Placement(
        terms_accepted=True,
        export_control_accepted=True,
        payment_kind="card",
        payment_method="card_ok",
        billing_address=address,
        billing_country="FR",
        purchase_order_number="PO-1",
    )


async def evidence_of(
    tx: AsyncConnection, resources: Resources, store: str, bought: Bought, step: str
) -> str | None:
    """The evidence of a signature, stored as a personal record; None for other steps."""
    if step != "sign":
        return None
    return await resources.parties.keep(tx, store, bought.party, "signature_evidence", EVIDENCE)


class WriteRefused(Exception):
    """The product refused a write that the lifecycle allows."""

    def __init__(self, command: str, entity: str) -> None:
        super().__init__(f"{command} of {entity} was refused")


class SpineWay:
    """The API's own submission without HTTP: a receipt, then an update, answered when the projection is committed."""

    def __init__(self, resources: Resources, store: str, term: str = "P1Y") -> None:
        self.name = "spine"
        self._resources = resources
        self._store = store
        self._term = term
        self._intake = Submitter(resources, Metrics(CollectorRegistry()))
        self._caller = Caller("bench", "bench", "storefront", (store,))

    async def open(self, bought: Bought) -> None:
        """Opens the cart by update-with-start."""

        async def compose(tx: AsyncConnection, _: TargetState) -> Command:
            await remember_buyer(tx, self._resources, self._store, bought)
            return OpenCart(bought.number, cart_of(bought, self._term))

        await self._write(bought.id, OpenCart.name, compose, new=True)

    async def place(self, bought: Bought) -> None:
        """Places the cart; the answer is the placed order."""

        async def compose(tx: AsyncConnection, _: TargetState) -> Command:
            placement = await placement_of(tx, self._resources, self._store, bought)
            return Place(placement)

        bought.placed_unix, began = time.time(), time.perf_counter()
        if await self._write(bought.id, Place.name, compose):
            bought.place_seconds = time.perf_counter() - began

    async def step(self, bought: Bought, step: str) -> None:
        """Takes the step; the answer is the subscription after it."""

        async def compose(tx: AsyncConnection, target_state: TargetState) -> Command:
            evidence = await evidence_of(tx, self._resources, self._store, bought, step)
            document = subscription_of(target_state.view or {}).document
            return TakeStep(step, "portal", evidence, document.sha256 if document else None)

        await self._write(bought.subscription, TakeStep.name, compose, kind="subscription")

    async def _write(
        self, entity: str, command: str, compose: Compose, *, kind: str = "order", new: bool = False
    ) -> bool:
        """One write as the API makes it. False when it was deferred (202) and the relay will deliver it."""
        target = Target(kind, entity, self._store if new else None, new=new)
        posted = IdempotentRequest(new_id("receipt"), b"", RequestContext())
        receipt = (await self._intake.submit(self._caller, posted, target, compose)).receipt
        if receipt.state == "refused":
            raise WriteRefused(command, entity)
        return not receipt.deferred


class PlainWay:
    """A workflow for each order, a signal for each message. The caller is answered when the server has the signal."""

    def __init__(self, resources: Resources, client: Client, store: str, *, bundled: bool) -> None:
        self.name = "bundled" if bundled else "plain"
        self._resources = resources
        self._client = client
        self._store = store
        self._bundled = bundled

    async def open(self, bought: Bought) -> None:
        """Starts the order's workflow."""
        async with self._resources.sessions.of(self._store) as tx:
            await remember_buyer(tx, self._resources, self._store, bought)
        cart = cart_of(bought, "P1Y")
        start = PlainOrderStart(self._store, bought.id, bought.number, cart, bundled=self._bundled)
        await self._client.start_workflow(
            PlainOrder.run, start, id=f"plain-order/{self._store}/{bought.id}", task_queue=PLAIN_QUEUE
        )

    async def place(self, bought: Bought) -> None:
        """Signals the order. The instant of the placement is read from the timeline afterwards."""
        bought.placed_unix = time.time()
        async with self._resources.sessions.of(self._store) as tx:
            placement = await placement_of(tx, self._resources, self._store, bought)
        handle = self._client.get_workflow_handle_for(
            PlainOrder.run, f"plain-order/{self._store}/{bought.id}"
        )
        await handle.signal(PlainOrder.place, placement)

    async def step(self, bought: Bought, step: str) -> None:
        """Signals the subscription."""
        evidence = None
        if step == "sign":
            async with self._resources.sessions.of(self._store) as tx:
                evidence = await evidence_of(tx, self._resources, self._store, bought, step)
        handle = self._client.get_workflow_handle_for(
            PlainSubscription.run, f"plain-subscription/{self._store}/{bought.subscription}"
        )
        await handle.signal(PlainSubscription.take_step, PlainStep(step, evidence))
