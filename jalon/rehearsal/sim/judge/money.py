"""Money moves once, at the frozen price, and is kept only for lines that became active."""

from __future__ import annotations

from datetime import datetime

from jalon.domain import events
from jalon.domain.money import Money
from jalon.domain.terms import LineTerms, OrderTerms
from jalon.policy.decisions.placement import OfferWithdrawn, freeze_line
from jalon.rehearsal.sim.judge.facts import Facts
from jalon.rehearsal.sim.kernel import microseconds
from jalon.rehearsal.sim.modelled.gateway import Charge

HANDS_ON = {"payment", "charge", "refund", "release", "withdraw", "find"}
"""Steps after whose skipping or compensation the provider's records do not show what was paid."""
OVER = ("void", "ended", "data_retained", "purged")
CALLED_OFF = ("cancelled", "expired", "rejected")


def judge(facts: Facts) -> None:
    """Judges one entity by the provider's records."""
    charges = [
        each for each in facts.world.gateway.charges.values() if each.metadata["entity"] == facts.row.id
    ]
    for charge in charges:
        if charge.status == "action_required" and not facts.by_hand & HANDS_ON:
            facts.world.violated(
                "money", f"{facts.row.id}: the confirmation of {charge.reference} is still open"
            )
    if facts.row.kind == "order":
        _order(facts, charges)
    else:
        _subscription(facts, charges)


def _kept(charges: list[Charge], currency: str) -> Money:
    return sum(
        (charge.kept for charge in charges if charge.amount.currency == currency), Money.zero(currency)
    )


def _order(facts: Facts, charges: list[Charge]) -> None:
    row = facts.row
    _paid_order(facts, charges)
    if row.status in CALLED_OFF and not facts.by_hand & HANDS_ON:
        _mandates_given_back(facts)
    cancelled = any(receipt.state == "applied" for receipt in facts.said("cancel"))
    # A reset decides the cancellation again, on what has become of its lines by then: the customer hears of that answer too.
    decided_again = facts.was_reset
    if cancelled and row.status == "completed" and not decided_again:
        facts.world.violated(
            "cancelled", f"{row.id} was cancelled by an applied command and completed all the same"
        )
    _frozen_at_placement(facts)


def _paid_order(facts: Facts, charges: list[Charge]) -> None:
    """Checks that the amount kept is the amount due for the lines that became active."""
    world, row = facts.world, facts.row
    currency = row.view["currency"] or "EUR"
    kept, expected = _kept(charges, currency), _due(facts, currency)
    for charge in charges:
        other = charge.amount.currency
        if charge.kept.amount and other != currency:
            former = _of_another_course(facts, other) if facts.was_reset else Money.zero(other)
            if _kept(charges, other).amount > former.amount:
                world.violated("money", f"{row.id} is in {currency}, and {charge.kept} is kept")
    if facts.was_reset and expected.amount == 0:
        expected = _of_another_course(facts, currency)
    if kept.amount > expected.amount and not facts.by_hand & {"refund", "withdraw", "find"}:
        world.violated("money", f"{row.id} is {row.status}: {kept} is kept, {expected} is due")
    if kept.amount < expected.amount and not facts.by_hand & HANDS_ON:
        world.violated("money", f"{row.id} is {row.status}: only {kept} is kept of {expected}")


def _due(facts: Facts, currency: str) -> Money:
    row, terms = facts.row, facts.order_terms
    due = Money.zero(currency)
    if row.status == "completed" and terms is not None:
        for line, view in zip(terms.lines, row.view["lines"], strict=True):
            if view["outcome"] == "active" and line.charge_at == "order":
                due += line.amount
    return due


def _of_another_course(facts: Facts, currency: str) -> Money:
    """The amount due for subscriptions of a former epoch that are still running although a reset ended the order otherwise."""
    due = Money.zero(currency)
    for row in facts.db.entities.values():
        line = Facts(facts.world, row).line_terms(0) if row.view.get("order_id") == facts.row.id else None
        if line is None or line.amount.currency != currency:
            continue
        if row.view["activated_at"] and line.charge_at == "order":
            due += line.amount
    return due


def _mandates_given_back(facts: Facts) -> None:
    row = facts.row
    for mandate in facts.world.gateway.mandates.values():
        if mandate.metadata["entity"] == row.id and mandate.status in ("stored", "action_required"):
            facts.world.violated("money", f"{row.id} is {row.status}: its mandate is still {mandate.status}")


def _mandate_given_up(facts: Facts) -> None:
    """Checks that no mandate is left of an order whose lines have all ended."""
    row, world = facts.row, facts.world
    order = row.view["order_id"]
    lines = [each for each in facts.db.entities.values() if each.view.get("order_id") == order]
    whole = [Facts(world, each) for each in (*lines, facts.db.entities[order])]
    told = any(each.was_reset or each.by_hand & HANDS_ON for each in whole)
    if told or any(each.status not in OVER for each in lines):
        return
    for mandate in world.gateway.mandates.values():
        if mandate.metadata["entity"] == order and mandate.status == "stored":
            world.violated("money", f"{row.id} is {row.status}: the mandate of {order} is still stored")


def _frozen_at_placement(facts: Facts) -> None:
    terms = facts.order_terms
    if terms is None:
        return
    placed_at = datetime.fromisoformat(facts.row.view["placed_at"])
    *_, turn = (
        key
        for key, body in facts.db.frozen.items()
        if key[0] == facts.row.id and body.get("sha256") == terms.sha256
    )
    for line in terms.lines:
        _price(facts, line, placed_at, turn)
    _of_its_cart(facts, terms)


def _of_its_cart(facts: Facts, terms: OrderTerms) -> None:
    """Checks that what is sold is what was in the cart (G6)."""
    row, view = facts.row, facts.row.view
    sold = [(line.sku, line.quantity, line.term, line.amount.currency) for line in terms.lines]
    cart = [(line["sku"], line["quantity"], line["term"], view["currency"]) for line in view["lines"]]
    if row.status == "completed" and sold != cart:
        facts.world.violated("cart", f"{row.id} has {cart} in its cart, and is sold {sold}")


def _price(facts: Facts, frozen: LineTerms, since: datetime, turn: tuple[str, str]) -> None:
    """Checks that the frozen price was in force between the instant it counts from and the freezing."""
    world, amount = facts.world, frozen.amount
    until = facts.db.frozen_at[turn]
    allowed: set[Money | None] = set()
    for version in world.versions_between(
        microseconds(since), None if not world.live else microseconds(until)
    ):
        policy = world.versions[version]
        try:
            line = freeze_line(
                policy,
                frozen.sku,
                frozen.licence_kind,
                frozen.quantity,
                frozen.term,
                amount.currency,
                since,
            )
        except OfferWithdrawn:
            allowed.add(None)
        else:
            allowed.add(line.amount)
    if amount not in allowed and None not in allowed:
        world.violated(
            "price", f"{facts.row.id} {turn[1]}: {amount} is frozen, in force was {sorted(map(str, allowed))}"
        )


def _subscription(facts: Facts, charges: list[Charge]) -> None:
    world, row = facts.world, facts.row
    captured = {event.entry.data["term"] for event in facts.named(events.PaymentCaptured)}
    for charge in charges:
        cycle = int(charge.metadata["cycle"])
        terms = facts.line_terms(cycle)
        if terms is not None and charge.amount != terms.amount:
            world.violated(
                "price", f"{row.id} term {cycle}: {charge.amount} was asked for, {terms.amount} is frozen"
            )
        if charge.kept.amount and cycle not in captured and not facts.by_hand & HANDS_ON:
            world.violated(
                "money",
                f"{row.id} is {row.status}: {charge.kept} is kept for term {cycle}, which was never paid",
            )
    _paid_terms(facts, charges, captured)
    _mandate_given_up(facts)
    _frozen_at_renewal(facts)


def _frozen_at_renewal(facts: Facts) -> None:
    row = facts.row
    for term in range(1, int(row.view["term_number"] or 0) + 1):
        line = facts.line_terms(term)
        started = next((e for e in facts.named(events.TermStarted) if e.entry.data["term"] == term), None)
        former = facts.line_terms(term - 1)
        bound = line is not None and _was_announced(facts, term, line.amount)
        changed = former is not None and line is not None and line.amount != former.amount
        if line is not None and started is not None and changed and not bound:
            _price(facts, line, started.entry.at, (row.id, f"term/{term}"))
        if line is not None and started is not None and term == row.view["term_number"]:
            shown = row.view["amount"]
            if shown != line.amount.as_dict():
                facts.world.violated(
                    "price", f"{row.id} term {term}: {shown} is shown, {line.amount} is frozen"
                )


def _was_announced(facts: Facts, term: int, amount: Money) -> bool:
    """Whether a notice of this term's renewal promised the amount. The last one that was taken in time binds (X15)."""
    begun = {event.entry.data["term"]: event.seq for event in facts.named(events.TermStarted)}
    notices = (
        event.entry.data["price"]
        for event in facts.named(events.RenewalAnnounced)
        if begun.get(term - 1, 0) <= event.seq < begun[term]
    )
    return amount.as_dict() in notices


def _paid_terms(facts: Facts, charges: list[Charge], captured: set[int]) -> None:
    row = facts.row
    for cycle in captured:
        kept = (charge.kept.amount for charge in charges if int(charge.metadata["cycle"]) == cycle)
        amounts = [amount for amount in kept if amount]
        if len(amounts) > 1 and "withdraw" not in facts.by_hand:
            facts.world.violated("charged twice", f"{row.id} term {cycle}: kept {len(amounts)} times")
        if not amounts and not facts.by_hand & HANDS_ON:
            facts.world.violated("money", f"{row.id} term {cycle} counts as paid and nothing was taken")
    if (
        row.status == "void"
        and any(charge.kept.amount for charge in charges)
        and not facts.by_hand & HANDS_ON
    ):
        facts.world.violated("money", f"{row.id} is void and its charge is kept")
