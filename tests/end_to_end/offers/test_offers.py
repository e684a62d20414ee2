"""What is offered is taken, and what is not offered is refused: random courses of an order and its subscription, on the real engines.

Before each move the API and the pages are asked what they offer. The suite runs a few courses; `--hypothesis-profile=long` runs hundreds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.end_to_end.offers import moves, pages
from tests.end_to_end.offers.moves import CARDS, MOVES, ORDER_MOVES, Choice
from tests.end_to_end.offers.pages import Form, Place, filled, forms_of, is_refused, send
from tests.end_to_end.offers.stage import Known, Offer, Stage, is_legal, may_follow
from tests.support.portal import Guest
from tests.support.shop import SIGNER, TICK, OpenShop, Shop

SKUS = ("level", "theodolite", "total-station", "compass")
RARELY = {"cancel"}
"""What ends an order, after which there is little to do."""
KEPT_FORMS = 40
AHEAD = timedelta(days=400)
"""No deadline further away is waited for."""

CHOICES = st.builds(Choice, number=st.integers(1, 3), who=st.integers(0, 3), card=st.sampled_from(CARDS))


class Courses(RuleBasedStateMachine):
    """Does what may be done and what may not, by the API and on pages, at ever later instants."""

    shop: Shop
    guests: dict[str, Guest]
    examples = 0

    @initialize(
        sku=st.sampled_from(SKUS), card=st.sampled_from(CARDS), far=st.sampled_from([3, 2, 1, 0, 3, 3])
    )
    def begin(self, sku: str, card: str, far: int) -> None:
        """Opens a cart; most examples go on to an order that was placed, and some to an active subscription."""
        Courses.examples += 1
        self.old: list[tuple[Place, Form]] = []
        self.turn = 0
        order = self.shop.order({"sku": sku, "quantity": 2})
        self.stage = Stage(self.shop, order, self.examples, self.guests)
        if far:
            if sku == "total-station" and far > 1:
                assert order.certify().ok
            assert order.place(card="card_ok" if far > 1 else card).ok
            self.shop.settle()
        line = self.stage.subscription
        if far > 2 and line is not None and line["steps"]:
            assert line.activate(SIGNER).ok
            line.sign()
            self.shop.settle()
        self.last = self.stage.known()

    def teardown(self) -> None:
        """Lets nothing of this example renew beside the later ones."""
        if hasattr(self, "stage"):
            self.stage.order.cancel()
            if (line := self.stage.subscription) is not None:
                line.stop()

    # -- what is checked -----------------------------------------------------------------------------------------------------------

    def _settled(self) -> Known:
        """Everything as it is once nothing is under way. Its states are legal, and follow the former ones."""
        self.shop.settle()
        known = self.stage.known()
        assert is_legal(known), known
        for kind, before, after in zip(
            ("order", "subscription"), self.last.entities, known.entities, strict=False
        ):
            assert may_follow(kind, before["status"], after["status"]), (before["status"], after["status"])
        self.last = known
        return known

    def _judged(self, before: Known, offer: Offer, *, refused: bool, what: object) -> None:
        """An offered action takes effect; any other leaves everything as it was."""
        after = self._settled()
        same = before == after
        if offer is Offer.OFFERED:
            assert not refused, f"{what} was offered, and refused"
            assert not same, f"{what} was offered, and did nothing"
        else:
            assert same, f"{what} was {offer}, and took effect"
            assert refused or offer is Offer.DONE, f"{what} was {offer}, and nobody refused it"

    # -- moves ---------------------------------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 4, 12, 40]))
    def time_passes(self, days: int) -> None:
        """Moves the clock on by days."""
        self.shop.to(self.shop.now + timedelta(days=days))
        self._settled()

    @rule(number=st.integers(0, 2), offset=st.sampled_from([-TICK, timedelta(0), TICK]))
    def to_a_deadline(self, number: int, offset: timedelta) -> None:
        """Moves the clock to a microsecond before, at or after one of the next deadlines."""
        dues = sorted({each["due_at"] for entity in self.last.entities for each in entity["agenda"]})
        when = datetime.fromisoformat(dues[min(number, len(dues) - 1)]) + offset if dues else self.last.now
        if self.last.now < when < self.last.now + AHEAD:
            self.shop.to(when)
            self._settled()

    @rule(choice=CHOICES, data=st.data())
    def ask_the_api(self, choice: Choice, data: st.DataObject) -> None:
        """Does something by the API, whether or not its answers offer it."""
        known = self.last
        names = sorted((MOVES if known.subscription else ORDER_MOVES).keys() - RARELY)
        name = data.draw(st.sampled_from([*names, *names, *RARELY]))
        move = MOVES[name]
        offer = move.offer(self.stage, known, choice)
        answer = move.do(self.stage, known, choice)
        what = f"{name} {choice}: {answer.text[:300]}"
        assert answer.status < 500, what
        refused = answer.status >= 400
        if refused:
            assert answer.refused[1] in move.codes, what
        self._judged(known, offer, refused=refused, what=what)

    @precondition(lambda self: bool(self.last.bank))
    @rule(decision=st.sampled_from(["approve", "deny"]))
    def answer_the_bank(self, decision: str) -> None:
        """Confirms a payment, or refuses to, where the page of the payment leads to the bank."""
        known = self.last
        (where,) = known.bank
        self.shop.bank.decide(where, decision)
        self._judged(known, Offer.OFFERED, refused=False, what=f"{decision} at {where}")

    @rule(card=st.sampled_from(CARDS), data=st.data())
    def use_a_page(self, card: str, data: st.DataObject) -> None:
        """Fills in a form that a page shows now."""
        known = self.last
        kind = data.draw(st.sampled_from(pages.KINDS if known.subscription else pages.OF_ORDER))
        found = list(pages.shown(self.stage, known, kind))
        self.old = [*self.old, *found][-KEPT_FORMS:]
        if found:
            place, form = data.draw(st.sampled_from(found))
            self._send(known, place, form, card, Offer.OFFERED)

    @precondition(lambda self: bool(self.old))
    @rule(card=st.sampled_from(CARDS), data=st.data())
    def use_an_old_page(self, card: str, data: st.DataObject) -> None:
        """Fills in a form that a page has shown before, in a window that was left open."""
        place, form = data.draw(st.sampled_from(self.old))
        now = {each.about for each in forms_of(place.open())}
        self._send(self.last, place, form, card, Offer.OFFERED if form.about in now else Offer.DONE)

    def _send(self, known: Known, place: Place, form: Form, card: str, offer: Offer) -> None:
        self.turn += 1
        sent = send(place.guest, filled(self.stage, known, form, self.turn), card)
        what = f"{form.action} of {place.path}: {sent.status} {sent.response.url} {sent.text[:400]}"
        assert sent.status < 500, what
        self._judged(known, offer, refused=is_refused(sent), what=what)

    @precondition(lambda self: self.last.subscription is not None)
    @rule()
    def the_portal_offers_what_the_api_offers(self) -> None:
        """Compares the admin's page with what the API's answers say."""
        known = self.last
        guest = self.stage.guest(known.line["admin"]["email"])
        base = f"{guest.base}/subscriptions/{known.line['id']}"
        screen = guest.see(base)
        ways = {each.removeprefix(base) for each in (*screen.links, *screen.forms) if each.startswith(base)}
        expected = {
            "/stop": moves.stop_offer(known),
            "/resume": moves.resume_offer(known),
            "/users": moves.users_offer(known),
            "/transfer": moves.transfer_offer(known),
            "/payment-method": moves.card_offer(known),
            "/purchase-order": Offer.OFFERED if known.is_active else Offer.WITHHELD,
        }
        if known.line["status"] == "void":
            assert screen.status == 404
            return
        for way, offer in expected.items():
            assert (way in ways) == (offer is Offer.OFFERED), (way, offer, screen.text)
        self._enter_from_the_contract(known, base)

    def _enter_from_the_contract(self, known: Known, base: str) -> None:
        """Takes the way into the portal that the admin's contract shows, in a browser that nobody has signed in with."""
        link = self.stage.link("contract", known.line["id"], reader=known.line["admin"]["id"])
        with Guest(self.shop) as admin:
            contract = admin.see(link)
            if f"{link}/portal" in contract.forms:
                entered = admin.send(contract, "/portal")
                assert (entered.status, entered.response.url.path) == (200, base), entered.text


LONG = settings.get_current_profile_name() == "long"
SUITE = settings(
    max_examples=6,
    stateful_step_count=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""A few courses, the same in every run. A course that fails is not made smaller: the clock of its store has moved on."""


def run(shop: Shop, wanted: settings) -> None:
    """Runs courses in a shop."""
    guests: dict[str, Guest] = {}
    machine = type("Courses", (Courses,), {"shop": shop, "guests": guests})
    try:
        run_state_machine_as_test(machine, settings=wanted)
    finally:
        for guest in guests.values():
            guest.browser.close()


@pytest.mark.timeout(0 if LONG else 120)
@pytest.mark.rule("X22", "P9")
def test_what_is_offered_is_taken_and_nothing_else(open_shop: OpenShop) -> None:
    shop = open_shop("offered", "2026-01-15 10:30")
    run(shop, settings() if LONG else SUITE)
