"""What is offered just before somebody acts, by the product's own pages, and what the workflow then says to it, both ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from api.web.hosted.contract import Contract
from api.web.hosted.invitation import invitation_page
from api.web.hosted.links import Opened
from api.web.hosted.transfer import state_of
from api.web.orders.opened import cart_of
from api.web.paying.debts import debt_of_order, debt_of_subscription
from api.web.portal.user_list import free_in
from api.web.portal.visits import Action, possible
from jalon.domain.projections import (
    LineOutcome,
    SeatProjection,
    SeatState,
    SubscriptionProjection,
    WaitingFor,
)
from jalon.domain.statuses import ORDER_OVER, OrderStatus, SubscriptionStatus
from jalon.integrations.links import Link
from jalon.persistence.entities.projections import order_of, subscription_of
from jalon.persistence.inbox.receipts import Receipt
from jalon.policy.decisions.placement import stands
from jalon.policy.model.store_policy import StorePolicy
from jalon.rehearsal.sim.judge.facts import Facts
from jalon.rehearsal.sim.modelled.database import EntityRow
from jalon.rehearsal.sim.world import World


class Offer(StrEnum):
    """Whether an action is offered. One that is `done` already may be sent again, and changes nothing (P7)."""

    OFFERED = "offered"
    DONE = "done"
    WITHHELD = "withheld"


def _offer(offered: bool, *, done: bool = False) -> Offer:
    return Offer.OFFERED if offered else Offer.DONE if done else Offer.WITHHELD


class Moment:
    """A subscription at the instant of a receipt, as its pages show it."""

    def __init__(self, row: EntityRow, policy: StorePolicy, receipt: Receipt) -> None:
        self.subscription: SubscriptionProjection = subscription_of(row.view)
        self.policy, self.now, self.body = policy, receipt.received_at, receipt.body

    @property
    def actions(self) -> frozenset[Action]:
        """What the portal offers to the admin."""
        return possible(self.subscription, self.now)

    @property
    def seat(self) -> SeatProjection | None:
        """The seat that the command names, where somebody has it."""
        return next((each for each in self.subscription.seats if each.number == self.body["seat"]), None)

    def has_seat(self, party: str) -> bool:
        """Whether the person is one of the users."""
        return any(each.party == party for each in self.subscription.seats)

    def opened(self, kind: str, subject: str) -> Opened:
        """A link to the subscription as its page finds it."""
        link = Link(kind, self.subscription.store, self.subscription.id, subject)
        return Opened(
            token="",
            link=link,
            policy=self.policy,
            now=self.now,
            reader=None,
            subscription=self.subscription,
        )


# -- subscriptions -----------------------------------------------------------------------------------------------------------


def _step(moment: Moment) -> Offer:
    """The step that the contract's page asks for; opening is part of any later one, and where the click signs, it is both (X1)."""
    subscription, step = moment.subscription, moment.body["step"]
    contract = Contract(subscription, moment.policy, moment.now)
    if any(each.step == step and each.done_at for each in subscription.steps):
        return Offer.DONE
    left = [each.step for each in subscription.steps if not each.done_at and each.step != "open_contract"]
    asked = [contract.step, *(left if subscription.click_is_signature else left[:1])]
    shown = subscription.document.sha256 if subscription.document else None
    signed = moment.body["evidence"] is not None and moment.body["document_sha256"] == shown
    return _offer(contract.state == "awaiting" and step in asked and (signed or not contract.signs(step)))


def _stop(moment: Moment) -> Offer:
    stopped = moment.subscription.stop_requested_at is not None
    return _offer(Action.STOP in moment.actions, done=stopped)


def _resume(moment: Moment) -> Offer:
    runs = moment.subscription.status is SubscriptionStatus.ACTIVE
    return _offer(
        Action.RESUME in moment.actions, done=runs and moment.subscription.stop_requested_at is None
    )


def _action(action: Action) -> Callable[[Moment], Offer]:
    return lambda moment: _offer(action in moment.actions)


def _card(moment: Moment) -> Offer:
    owed = debt_of_subscription(moment.subscription, moment.now)
    return _offer(owed.takes_card or Action.PAYMENT_METHOD in moment.actions)


def _assign(moment: Moment) -> Offer:
    number, subscription = moment.body["seat"], moment.subscription
    free = (
        free_in(subscription) > 0
        if number is None
        else number in subscription.seat_numbers and not moment.seat
    )
    return _offer(Action.USERS in moment.actions and free and not moment.has_seat(moment.body["party"]))


def _reassign(moment: Moment) -> Offer:
    numbered = moment.body["seat"] in moment.subscription.seat_numbers
    return _offer(Action.USERS in moment.actions and numbered and not moment.has_seat(moment.body["party"]))


def _reinvite(moment: Moment) -> Offer:
    invited = moment.seat is not None and moment.seat.state is SeatState.INVITED
    return _offer(Action.USERS in moment.actions and invited)


def _revoke(moment: Moment) -> Offer:
    manages, held = Action.USERS in moment.actions, moment.seat is not None
    numbered = moment.body["seat"] in moment.subscription.seat_numbers
    return _offer(manages and held, done=manages and numbered)


def _accept(moment: Moment) -> Offer:
    opened = moment.opened("invitation", f"{moment.body['seat']}.{moment.body['invitation']}")
    state = invitation_page(opened, "").state
    held = moment.seat is not None and moment.seat.state is SeatState.ASSIGNED
    done = held and moment.seat is not None and moment.seat.invitation == moment.body["invitation"]
    return _offer(state == "open", done=done)


def _transfer(moment: Moment) -> Offer:
    party, number = moment.body["party"], moment.body["seat"]
    held = [each for each in moment.subscription.seats if each.number == number and each.party == party]
    listed = number is None or any(each.state is SeatState.ASSIGNED for each in held)
    return _offer(Action.TRANSFER in moment.actions and listed and party != moment.subscription.admin)


def _take_over(moment: Moment) -> Offer | None:
    """The page of a transfer's link. Who has become of it is told by events, which are not read here: it may be accepted again."""
    state = state_of(moment.opened("transfer", str(moment.body["transfer"])))
    return Offer.OFFERED if state == "open" else None if moment.subscription.admin_since else Offer.WITHHELD


def _call_off(moment: Moment) -> Offer:
    pending = moment.subscription.transfer
    named = pending is not None and pending.number == moment.body["transfer"]
    return _offer(Action.CALL_OFF in moment.actions and named)


_SUBSCRIPTION: Mapping[str, Callable[[Moment], Offer | None]] = {
    "take_step": _step,
    "stop_renewal": _stop,
    "resume_renewal": _resume,
    "change_purchase_order": _action(Action.PURCHASE_ORDER),
    "change_payment_method": _card,
    "assign_seat": _assign,
    "reassign_seat": _reassign,
    "reinvite_seat": _reinvite,
    "revoke_seat": _revoke,
    "accept_invitation": _accept,
    "transfer_admin": _transfer,
    "accept_transfer": _take_over,
    "call_off_transfer": _call_off,
}


# -- orders ------------------------------------------------------------------------------------------------------------------


def _of_order(facts: Facts, receipt: Receipt) -> Offer | None:
    order = order_of(facts.row.view)
    match receipt.command:
        case "place_again":
            owed = debt_of_order(order, receipt.received_at)
            return _offer(owed.takes_card and stands_as_confirmed(facts, receipt.received_at))
        case "edit_cart" | "place":
            # What is wrong with a cart is told by the answer; the page leads to the shop.
            return None if order.status is OrderStatus.CART else Offer.WITHHELD
        case "cancel":
            active = any(line.outcome == LineOutcome.ACTIVE for line in order.lines)
            over = order.status in ORDER_OVER or order.cancel_requested_at is not None
            return Offer.WITHHELD if active or over else None
        case "answer_certificate":
            if order.status is OrderStatus.SUBMITTED:
                # Until it is screened, a submitted order takes new answers from the shop; nobody is told when that is.
                return Offer.OFFERED if order.waiting_for == WaitingFor.BUYER_CERTIFICATE else None
            return _offer(order.status is OrderStatus.CART)
    return None


def stands_as_confirmed(facts: Facts, at: datetime) -> bool:
    """Whether the order would be placed again at `at` on the lines that its buyer confirmed (G6, T11)."""
    confirmed, order = facts.order_terms, order_of(facts.row.view)
    return confirmed is not None and stands(facts.world.policy, cart_of(order), confirmed, at)


# -- the judge ---------------------------------------------------------------------------------------------------------------


class Offers:
    """Compares each answer with what was offered at the instant of its receipt, where nothing else was under way."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._seen: dict[str, Offer] = {}
        world.db.receipt_recorded.append(self._recorded)
        world.db.settled.append(self._settled)

    def _recorded(self, receipt: Receipt) -> None:
        row = self._world.db.entities.get(receipt.entity)
        if row is None or receipt.role == "entity" or not self._is_quiet(row, receipt):
            return
        offer: Offer | None
        if row.kind == "order":
            offer = _of_order(Facts(self._world, row), receipt)
        else:
            moment = Moment(row, self._world.policy, receipt)
            judged = _SUBSCRIPTION.get(receipt.command)
            offer = judged(moment) if judged else None
        if offer is not None:
            self._seen[receipt.id] = offer

    def _is_quiet(self, row: EntityRow, receipt: Receipt) -> bool:
        """Whether the row is all that there is: no earlier receipt is open, no deadline overdue, no effect under way, no reset."""
        db = self._world.db
        mine = (each for each in db.receipts.values() if each.entity == row.id and each.id != receipt.id)
        if row.busy or any(each.state == "pending" or each.id not in db.delivered for each in mine):
            return False
        dues = (datetime.fromisoformat(each["due_at"]) for each in row.view["agenda"] if not each["held"])
        overdue = any(due <= receipt.received_at for due in dues)
        return not overdue and self._world.workflow_of(row) not in self._world.engine.resets

    def _settled(self, receipt: Receipt, applied: bool, outcome: dict[str, Any]) -> None:
        offer, row = self._seen.pop(receipt.id, None), self._world.db.entities.get(receipt.entity)
        if offer is None or row is None or row.seq > receipt.after + 1:
            return
        if offer is not Offer.DONE and applied == (offer is Offer.WITHHELD):
            said = "applied" if applied else outcome["violations"][0]["code"]
            text = f"{receipt.command} of {receipt.entity} at {receipt.received_at} was {offer}, and {said}"
            self._world.violated("offer", text)
        self._world.marks(f"offer: {receipt.command} {offer}")
