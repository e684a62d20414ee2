"""What the API lets one do with an order and its subscription: when its answers say so, and how it refuses it at any other time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.end_to_end.offers.stage import NAME, Known, Offer, Stage
from tests.support.shop import SIGNER, Answer, Subscription

CLOSED = "entity_closed"
CARDS = ("card_ok", "card_declined", "card_3ds", "card_expired")


@dataclass(frozen=True)
class Choice:
    """What a move is about: a seat or transfer number, a person by their number, a card."""

    number: int = 1
    who: int = 1
    card: str = "card_ok"


@dataclass(frozen=True)
class Move:
    """Something that may be done. `codes` are those that refuse it where it is withheld."""

    offer: Callable[[Stage, Known, Choice], Offer]
    codes: frozenset[str]
    do: Callable[[Stage, Known, Choice], Answer]
    of_line: bool = True


def _offer(offered: bool, *, done: bool = False) -> Offer:
    return Offer.OFFERED if offered else Offer.DONE if done else Offer.WITHHELD


# -- the order ---------------------------------------------------------------------------------------------------------------------


def _in_cart(_: Stage, known: Known, __: Choice) -> Offer:
    return _offer(known.order["status"] == "cart")


def _certificate(_: Stage, known: Known, __: Choice) -> Offer:
    asked = known.order["waiting_for"] == "buyer_certificate"
    return _offer(known.order["status"] == "cart" or asked)


def _cancel(_: Stage, known: Known, __: Choice) -> Offer:
    runs = known.order["status"] in ("cart", "submitted", "screening", "export_hold", "processing")
    active = any(line.get("outcome") == "active" for line in known.order["lines"])
    return _offer(runs and not active and known.order["cancel_requested_at"] is None)


def _edit(stage: Stage, known: Known, choice: Choice) -> Answer:
    (line,) = known.order["lines"]
    wanted = {name: line[name] for name in ("sku", "term", "licence_kind")} | {"quantity": 1 + choice.number}
    return Answer.of(stage.shop.store.patch(stage.order.url, {"lines": [wanted]}))


ORDER_MOVES: Mapping[str, Move] = {
    "edit": Move(_in_cart, frozenset({"order_placed", CLOSED}), _edit, of_line=False),
    "place": Move(
        _in_cart,
        frozenset({"order_placed", CLOSED}),
        lambda stage, _, choice: stage.order.place(card=choice.card),
        of_line=False,
    ),
    "certificate": Move(
        _certificate,
        frozenset({"certificate_closed", CLOSED}),
        lambda stage, _, __: stage.order.certify(),
        of_line=False,
    ),
    "cancel": Move(
        _cancel,
        frozenset({"order_closed", "order_active", CLOSED}),
        lambda stage, _, __: stage.order.cancel(),
        of_line=False,
    ),
}


# -- the subscription --------------------------------------------------------------------------------------------------------------


def step_offer(known: Known, step: str) -> Offer:
    """Whether an activation step can be taken. Opening is part of any later step; where the click is the signature, it is both."""
    line = known.line
    done = {each["step"]: each["done_at"] is not None for each in line["steps"]}
    if done.get(step):
        return Offer.DONE
    pending = line["status"] == "pending_activation" and known.before(line["activation_by"])
    earlier = line["click_is_signature"] or step != "sign" or done.get("click_activate", False)
    return _offer(pending and step in done and earlier)


def stop_offer(known: Known) -> Offer:
    """Whether the renewal can be stopped."""
    line = known.line
    renews = known.is_active and line["next_renewal_at"] is not None
    return _offer(
        renews and known.before(line["stop_by"]), done=known.is_active and bool(line["stop_requested_at"])
    )


def resume_offer(known: Known) -> Offer:
    """Whether the renewal can be resumed."""
    line = known.line
    stopped = known.is_active and line["stop_requested_at"] is not None
    return _offer(
        stopped and known.before(line["stop_by"]), done=known.is_active and bool(line["next_renewal_at"])
    )


def card_offer(known: Known) -> Offer:
    """Whether another card can be given."""
    line = known.line
    signed = line["status"] == "pending_activation" and all(each["done_at"] for each in line["steps"])
    return _offer((known.is_active or signed) and known.before(known.due(line, "recovery")))


def users_offer(known: Known) -> Offer:
    """Whether users are managed."""
    return _offer(known.is_active and known.line["user_management"])


def transfer_offer(known: Known) -> Offer:
    """Whether the administration can be passed on."""
    return _offer(known.is_active and known.line["transfer"] is None)


def _assign(stage: Stage, known: Known, choice: Choice) -> Offer:
    free = any(each["state"] == "free" for each in known.line["seats"])
    managed = users_offer(known) is Offer.OFFERED
    return _offer(managed and free and not known.holds_seat(stage.person(choice.who)))


def _reassign(stage: Stage, known: Known, choice: Choice) -> Offer:
    managed, seat = users_offer(known) is Offer.OFFERED, known.seat(choice.number)
    return _offer(managed and seat is not None and not known.holds_seat(stage.person(choice.who)))


def _reinvite(_: Stage, known: Known, choice: Choice) -> Offer:
    managed, seat = users_offer(known) is Offer.OFFERED, known.seat(choice.number)
    return _offer(managed and seat is not None and seat["state"] == "invited")


def _revoke(_: Stage, known: Known, choice: Choice) -> Offer:
    managed, seat = users_offer(known) is Offer.OFFERED, known.seat(choice.number)
    return _offer(managed and seat is not None and seat["state"] != "free", done=managed and seat is not None)


def _name_user(_: Stage, known: Known, choice: Choice) -> Offer:
    seat, admin = known.seat(choice.number), known.line["admin"]["id"]
    listed = seat is not None and seat["state"] == "assigned" and seat["user"]["id"] != admin
    return _offer(transfer_offer(known) is Offer.OFFERED and listed)


def _name_person(stage: Stage, known: Known, choice: Choice) -> Offer:
    other = known.line["admin"]["email"] != stage.person(choice.who)
    return _offer(transfer_offer(known) is Offer.OFFERED and other)


def _is_pending(known: Known, number: int) -> bool:
    pending = known.line["transfer"]
    return known.is_active and pending is not None and pending["number"] == number


def _accept(_: Stage, known: Known, choice: Choice) -> Offer:
    taken = known.events[1].count("admin_transferred") > 0
    return _offer(_is_pending(known, choice.number), done=taken)


def _call_off(_: Stage, known: Known, choice: Choice) -> Offer:
    return _offer(_is_pending(known, choice.number))


def _line(stage: Stage) -> Subscription:
    line = stage.subscription
    assert line is not None
    return line


def _patch(stage: Stage, body: Mapping[str, Any]) -> Answer:
    return Answer.of(stage.shop.store.patch(_line(stage).url, body))


def _pass_on(stage: Stage, body: Mapping[str, Any]) -> Answer:
    return _line(stage).post("transfer-admin", body)


NOT_MANAGED = frozenset({"not_active", "no_user_management", CLOSED})
LATE_STEP = frozenset({"activation_window_closed", "not_pending", "step_out_of_order", CLOSED})
NOT_SWITCHED = frozenset({"not_active", "renewal_committed", "renewal_not_automatic", CLOSED})
NOT_PASSED_ON = frozenset({"not_active", "already_admin", "transfer_pending", "user_not_listed", CLOSED})
LINE_MOVES: Mapping[str, Move] = {
    "activate": Move(
        lambda _, known, __: step_offer(known, "click_activate"),
        LATE_STEP,
        lambda stage, _, __: _line(stage).activate(SIGNER),
    ),
    "sign": Move(
        lambda _, known, __: step_offer(known, "sign"), LATE_STEP, lambda stage, _, __: _line(stage).sign()
    ),
    "stop": Move(
        lambda _, known, __: stop_offer(known), NOT_SWITCHED, lambda stage, _, __: _line(stage).stop()
    ),
    "resume": Move(
        lambda _, known, __: resume_offer(known), NOT_SWITCHED, lambda stage, _, __: _line(stage).resume()
    ),
    "purchase order": Move(
        lambda _, known, __: _offer(known.is_active),
        frozenset({"not_active", CLOSED}),
        lambda stage, known, choice: _patch(
            stage, {"purchase_order_number": f"PO-{choice.number}-{len(known.events[1])}"}
        ),
    ),
    "card": Move(
        lambda _, known, __: card_offer(known),
        frozenset({"not_active", "recovery_window_closed", CLOSED}),
        lambda stage, _, choice: _line(stage).pay_with(choice.card),
    ),
    "assign": Move(
        _assign,
        NOT_MANAGED | {"no_free_seat", "already_assigned"},
        lambda stage, _, choice: _line(stage).assign(stage.person(choice.who)),
    ),
    "reassign": Move(
        _reassign,
        NOT_MANAGED | {"unknown_seat", "already_assigned"},
        lambda stage, _, choice: _line(stage).reassign(choice.number, stage.person(choice.who)),
    ),
    "reinvite": Move(
        _reinvite,
        NOT_MANAGED | {"unknown_seat", "not_invited"},
        lambda stage, _, choice: _line(stage).reinvite(choice.number),
    ),
    "revoke": Move(
        _revoke, NOT_MANAGED | {"unknown_seat"}, lambda stage, _, choice: _line(stage).revoke(choice.number)
    ),
    "name a user": Move(
        _name_user, NOT_PASSED_ON, lambda stage, _, choice: _pass_on(stage, {"seat": choice.number})
    ),
    "name a person": Move(
        _name_person,
        NOT_PASSED_ON,
        lambda stage, _, choice: _pass_on(stage, {"email": stage.person(choice.who), "name": NAME}),
    ),
    "take over": Move(
        _accept,
        frozenset({"transfer_over", CLOSED}),
        lambda stage, _, choice: _line(stage).post(f"transfer-admin/{choice.number}/accept"),
    ),
    "call off": Move(
        _call_off,
        frozenset({"transfer_over", CLOSED}),
        lambda stage, _, choice: _line(stage).post(f"transfer-admin/{choice.number}/call-off"),
    ),
}
MOVES: Mapping[str, Move] = {**ORDER_MOVES, **LINE_MOVES}
