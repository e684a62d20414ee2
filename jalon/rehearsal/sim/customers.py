"""Customers of orders: they open carts, place, confirm, answer the certificate, cancel, come too late, and act twice."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from jalon.domain.order import Cart, CartLine, Placement
from jalon.domain.statuses import ORDER_OVER, OrderStatus
from jalon.policy.model.catalog import Product
from jalon.rehearsal.sim.conduct import CARDS, EDGES, Conduct, Situation, deadlines_of, instant_of
from jalon.rehearsal.sim.end_use import ANSWERS
from jalon.rehearsal.sim.kernel import SECOND, microseconds
from jalon.rehearsal.sim.modelled.database import EntityRow
from workflows.engine.commands import Command
from workflows.order.commands import AnswerCertificate, Cancel, EditCart, OpenCart, Place, PlaceAgain

ADDRESS = {"lines": ["1 rue de la Paix", "75002 Paris"], "country": "FR"}
SIGNATURE = {"signer": {"name": "Ana Lefèvre", "title": None}, "consent": {"text": "I accept this contract."}}


class Customers:
    """The buyers in the world's store. They react to the projections of their orders."""

    def __init__(self, conduct: Conduct) -> None:
        self._conduct, self._world = conduct, conduct.world
        self._world.db.personal["rec_address"] = dict(ADDRESS)
        self._world.db.personal["rec_signature"] = dict(SIGNATURE)
        self._world.db.changed.append(self._noticed)

    def _say(self, order: str, command: Command) -> None:
        self._conduct.say("order", order, command)

    # -- carts -------------------------------------------------------------------------------------------------------------

    def open_carts(self) -> None:
        """Opens one to four carts, the later ones after some time."""
        carts = self._world.chance.between("carts", 1, 4)
        for number in range(carts if self._world.chance.keeps("more_carts") else 1):
            after_us = 0 if number == 0 else self._conduct.soon("next cart", 60, 90 * 86_400)
            self._conduct.after(after_us, partial(self._open, number))

    def _open(self, number: int) -> None:
        cart = self._cart(self._conduct.person(f"buyer {number}"))
        self._say(f"ord_{number}", OpenCart(f"ORD-{number}", cart))
        self._world.marks("said: open_cart")

    def _cart(self, buyer: str) -> Cart:
        chance, policy, conduct = self._world.chance, self._world.policy, self._conduct
        every = list(policy.products.values())
        products = [product for product in every if product.buyable] or every
        first = chance.pick("customers: product", products)
        audience = chance.pick("customers: audience", sorted(policy.audiences))
        fitting = [each for each in sorted(policy.audiences) if first.sold_to_audience(each)]
        if fitting and conduct.says_yes("fits", 19, 1):
            audience = chance.pick("customers: fitting", fitting)
        currency = chance.pick("customers: currency", first.priced_in(policy.store.currencies) or ("EUR",))
        term = chance.pick("customers: term", sorted(first.prices.get(currency, {"P1Y": ""})))
        lines = [self._line(first, term)]
        if conduct.says_yes("second line", 1, 2) and chance.keeps("second_line"):
            lines.append(self._line(chance.pick("customers: second product", products), term))
        return Cart(buyer, self._country(first), audience, currency, tuple(lines), None)

    def _country(self, first: Product) -> str:
        if "CA" in first.countries:
            return "CA"
        return self._conduct.pick("country", {"FR": 12, "BE": 2, "US": 1, "KP": 0.4, "SY": 0.6})

    def _line(self, product: Product, term: str) -> CartLine:
        chance = self._world.chance
        quantity = chance.between("customers: quantity", 1, 4)
        return CartLine(product.sku, quantity, term, chance.pick("customers: licence", product.licence_kinds))

    # -- reactions ---------------------------------------------------------------------------------------------------------

    def _noticed(self, row: EntityRow) -> None:
        if row.kind == "order" and self._conduct.interested:
            self._conduct.react(row, list(self._situations(row)))

    def _situations(self, row: EntityRow) -> Iterator[Situation]:
        view, deadlines = row.view, deadlines_of(row)
        payment = view["payment"] or {}
        yield Situation(
            ("order_status", row.status, view["placed_at"], payment.get("state")),
            lambda: self._has_status(row),
        )
        if "certificate_window" in deadlines:
            window = deadlines["certificate_window"]
            yield Situation(("certificate", window), lambda: self._is_asked_for_a_certificate(row.id, window))
        if row.status == OrderStatus.CART and row.view["declined_at"] is not None:
            kept = deadlines.get("cart_abandoned")
            yield Situation(("declined", row.view["placed_at"]), lambda: self._is_declined(row.id, kept))
        if payment.get("state") == "action_required":
            url, due_at = payment["action_url"], deadlines.get("authentication")
            yield Situation(
                ("confirmation", url, due_at), lambda: self._is_asked_to_confirm_a_payment(url, due_at)
            )

    def _has_status(self, row: EntityRow) -> None:
        match row.status:
            case "cart":
                self._at_the_cart(row)
            case "processing":
                self._while_processing(row.id)
            case _:
                self._maybe_cancel(row.id)
        if row.status in ORDER_OVER and self._world.chance.strikes("late_command"):
            self._conduct.go_on_too_late([lambda: self._cancel(row.id), lambda: self._certify(row.id)])

    def _at_the_cart(self, row: EntityRow) -> None:
        conduct, now_us = self._conduct, self._world.now_us
        choice = conduct.pick(
            "cart",
            {"place": 9, "edge": 2, "edit": 2, "cancel": 0.5, "leave": 1, "twice": 1, "certificate": 2},
        )
        match choice:
            case "edit":
                conduct.at(now_us + conduct.soon("edit", 1, 86_400), lambda: self._edit(row.id))
            case "certificate":
                conduct.at(now_us + conduct.soon("edit", 1, 86_400), lambda: self._certify(row.id))
            case "cancel":
                conduct.at(now_us + conduct.soon("cancel cart"), lambda: self._cancel(row.id))
            case "leave":
                return
        when_us = now_us + conduct.soon("place", 1, 10 * 86_400)
        abandoned_at = instant_of(deadlines_of(row).get("cart_abandoned"))
        if choice == "edge" and abandoned_at is not None:
            when_us = conduct.edge(abandoned_at)
        for _ in range(2 if choice == "twice" else 1):
            conduct.at(when_us, lambda: self._place(row))
        if conduct.says_yes("cancel early", 1, 12):
            conduct.at(when_us + conduct.soon("cancel early", 0.001, 5), lambda: self._cancel(row.id))

    def _place(self, row: EntityRow) -> None:
        card = self._conduct.pick("card", CARDS)
        method = f"{card}.{self._world.chance.between('customers: card', 1, 10**6)}"
        accepted = self._conduct.says_yes("accepts", 30, 1)
        country = row.view["country"]
        placement = Placement(accepted, True, "card", method, "rec_address", country, "PO-1")
        self._say(row.id, Place(placement))

    def _is_declined(self, order: str, kept_until: str | None) -> None:
        """The buyer places the order again behind the e-mail of the decline: soon, at the edge of the cart, twice, or never (P10, X22)."""
        chance, conduct = self._world.chance, self._conduct
        choice = chance.weighed("again: when", {"soon": 4.0, "twice": 1.0, "edge": 3.0, "never": 2.0})
        due = instant_of(kept_until)
        if choice == "never" or due is None or not chance.keeps("placed_again"):
            return
        when_us = microseconds(due) + chance.pick("again: edge", EDGES)
        if choice != "edge":
            when_us = self._world.now_us + int(chance.span("again: after", 1, 12 * 86_400) * SECOND)
        for _ in range(2 if choice == "twice" else 1):
            conduct.at(when_us, lambda: self._place_again(order))

    def _place_again(self, order: str) -> None:
        chance = self._world.chance
        card = chance.weighed("again: card", CARDS)
        self._say(order, PlaceAgain(f"{card}.{chance.between('again: number', 1, 10**6)}"))

    def _edit(self, order: str) -> None:
        cart = self._cart(self._world.db.entities[order].view["buyer"])
        body = EditCart(
            lines=cart.lines, audience=cart.audience, currency=cart.currency, country=cart.country
        )
        self._say(order, body)

    def _cancel(self, order: str) -> None:
        self._say(order, Cancel("changed our mind"))

    def _maybe_cancel(self, order: str) -> None:
        if self._conduct.says_yes("cancel anyway", 1, 7):
            after_us = self._conduct.soon("cancel anyway", 0.001, 40 * 86_400)
            self._conduct.after(after_us, lambda: self._cancel(order))

    def _while_processing(self, order: str) -> None:
        if self._conduct.says_yes("cancel while processing", 1, 6):
            after_us = self._conduct.soon("cancel processing", 0.01, 60 * 86_400)
            self._conduct.after(after_us, lambda: self._cancel(order))

    def _has_not_heard(self, order: str) -> bool:
        """Whether the e-mail that requests the certificate has not been sent, so that the buyer cannot know of it."""
        parked = self._world.db.entities[order].view["parked"]
        return any(each["step"].startswith("mail/certificate-requested/") for each in parked)

    def _certify(self, order: str) -> None:
        if self._has_not_heard(order):
            return
        db = self._world.db
        flaw = self._conduct.pick("certificate", {"none": 8, "state_owned": 2, "nuclear": 0.5, "space": 1})
        record = f"rec_{db.number('record')}"
        db.personal[record] = ANSWERS | ({flaw: True} if flaw != "none" else {})
        self._say(order, AnswerCertificate(record))

    def _is_asked_for_a_certificate(self, order: str, due_at: str) -> None:
        weights: dict[str, float] = {"soon": 6, "edge": 3, "never": 1}
        self._conduct.by_choice(
            "certificate window", weights, instant_of(due_at), lambda: self._certify(order)
        )

    def _is_asked_to_confirm_a_payment(self, url: str, due_at: str | None) -> None:
        weights: dict[str, float] = {"soon": 6, "edge": 2, "never": 1}
        self._conduct.by_choice(
            "confirmation", weights, instant_of(due_at), lambda: self._conduct.answer_bank(url)
        )
