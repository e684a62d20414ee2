"""Customers of subscriptions: they activate, assign seats, accept invitations, stop and resume renewals, change payment, and come too
late.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from jalon.domain.statuses import SUBSCRIPTION_OVER, Standing, SubscriptionStatus
from jalon.rehearsal.sim.conduct import CARDS, Conduct, Situation, deadlines_of, instant_of
from jalon.rehearsal.sim.kernel import DAY
from jalon.rehearsal.sim.modelled.database import EntityRow
from jalon.rehearsal.sim.successors import Successors
from workflows.engine.commands import Command
from workflows.subscription.commands import (
    AcceptInvitation,
    AssignSeat,
    ChangePaymentMethod,
    ChangePurchaseOrder,
    ReassignSeat,
    ReinviteSeat,
    ResumeRenewal,
    RevokeSeat,
    StopRenewal,
    TakeStep,
)

STOPPABLE = (
    SubscriptionStatus.ACTIVE,
    Standing.PAST_DUE,
    Standing.CHARGE_WAITS,
    Standing.RENEWAL_COMMITTED,
)
SWITCHED = tuple(Standing)
OTHER_DOCUMENT = "0" * 64
UNKNOWN_SEAT = 99


class Subscribers:
    """The people with a subscription. They react to its projection."""

    def __init__(self, conduct: Conduct) -> None:
        self._conduct, self._world = conduct, conduct.world
        self._successors = Successors(conduct)
        self._world.db.changed.append(self._noticed)

    def _say(self, subscription: str, command: Command) -> None:
        self._conduct.say("subscription", subscription, command)

    # -- reactions ---------------------------------------------------------------------------------------------------------

    def _noticed(self, row: EntityRow) -> None:
        if row.kind == "subscription" and self._conduct.interested:
            self._conduct.react(row, list(self._situations(row)))

    def _situations(self, row: EntityRow) -> Iterator[Situation]:
        view, deadlines = row.view, deadlines_of(row)
        yield Situation(
            ("subscription_status", view["standing"], view["term_number"]), lambda: self._has_status(row)
        )
        missing = [step["step"] for step in view["steps"] if step["done_at"] is None]
        if row.status == SubscriptionStatus.PENDING_ACTIVATION and missing:
            step, close = missing[0], deadlines.get("activation_window")
            yield Situation(("steps", step, close), lambda: self._is_asked_for_a_step(row.id, step, close))
        if "recovery" in deadlines:
            due_at, url = deadlines["recovery"], (view["payment"] or {}).get("action_url")
            yield Situation(("recovery", due_at, url), lambda: self._is_asked_to_pay(row.id, due_at, url))
        wait = view["charge_waits_for"]
        if wait is not None and wait["until"] is not None:
            yield Situation(("refusable", wait["until"]), lambda: self._maybe_refuse(row))
        yield from self._successors.situations(row)
        for seat in view["seats"]:
            if seat["state"] == "invited" and seat["open_until"]:
                about = (seat["number"], seat["invitation"], seat["open_until"])
                yield Situation(("invited", *about), partial(self._is_invited, row.id, *about))

    def _has_status(self, row: EntityRow) -> None:
        if row.view["standing"] == SubscriptionStatus.ACTIVE:
            self._during_term(row)
        elif row.view["standing"] == Standing.CHARGE_WAITS:
            self._maybe_refuse(row)
        elif row.view["standing"] in SWITCHED:
            self._regret(row)
        elif row.status in SUBSCRIPTION_OVER and self._world.chance.strikes("late_command"):
            self._conduct.go_on_too_late(
                [
                    lambda: self._take_step(row.id, "sign"),
                    lambda: self._stop(row.id),
                    lambda: self._pay_with_another_card(row.id),
                    lambda: self._change_seats(row.id),
                ]
            )

    # -- activation and payment --------------------------------------------------------------------------------------------

    def _is_asked_for_a_step(self, subscription: str, step: str, due_at: str | None) -> None:
        conduct, deadline = self._conduct, instant_of(due_at)
        wanted = conduct.pick("which step", {step: 20, "sign": 2, "click_activate": 1})
        weights = {"soon": 7, "edge": 3, "never": 1.2}
        conduct.by_choice("activation step", weights, deadline, lambda: self._take_step(subscription, wanted))
        if conduct.says_yes("step again", 1, 10) and deadline is not None:
            conduct.at(conduct.edge(deadline), lambda: self._take_step(subscription, "sign"))

    def _take_step(self, subscription: str, step: str) -> None:
        view = self._world.db.entities[subscription].view
        shown = (view["document"] or {}).get("sha256")
        if self._conduct.pick("document", {"shown": 10, "other": 1}) == "other":
            shown = OTHER_DOCUMENT
        evidence = "rec_signature" if self._conduct.says_yes("signer", 20, 1) else None
        body = TakeStep(step, "link", evidence if step != "open_contract" else None, shown)
        self._say(subscription, body)

    def _is_asked_to_pay(self, subscription: str, due_at: str, url: str | None) -> None:
        conduct, deadline = self._conduct, instant_of(due_at)
        if url is not None and conduct.says_yes("confirm instead", 3, 1):
            weights: dict[str, float] = {"soon": 5, "edge": 2, "never": 1}
            conduct.by_choice("bank of term", weights, deadline, lambda: conduct.answer_bank(url))
        else:
            weights = {"soon": 5, "edge": 3, "never": 1.5}
            conduct.by_choice(
                "recovery", weights, deadline, lambda: self._pay_with_another_card(subscription)
            )

    def _pay_with_another_card(self, subscription: str) -> None:
        card = self._conduct.pick("new card", CARDS)
        method = f"{card}.{self._world.chance.between('customers: new card', 1, 10**6)}"
        self._say(subscription, ChangePaymentMethod(method))

    # -- seats -------------------------------------------------------------------------------------------------------------

    def _is_invited(self, subscription: str, seat: int, invitation: int, open_until: str) -> None:
        conduct, body = self._conduct, AcceptInvitation(seat, invitation)
        weights = {"soon": 3, "edge": 5, "never": 1.5}
        conduct.by_choice(
            "invitation",
            weights,
            instant_of(open_until),
            lambda: self._say(subscription, body),
        )
        if conduct.says_yes("revoke invited", 1, 6):
            after_us = conduct.soon("revoke invited", 60, 5 * 86_400)
            conduct.after(after_us, lambda: self._revoke(subscription, seat))
        self._maybe_change_invitation(subscription, seat)

    def _maybe_change_invitation(self, subscription: str, seat: int) -> None:
        conduct = self._conduct
        choice = conduct.pick("change invited", {"nothing": 6, "again": 1.5, "other": 1})
        command = ReassignSeat(conduct.person("user"), seat) if choice == "other" else ReinviteSeat(seat)
        if choice != "nothing":
            after_us = conduct.soon("change invited", 60, 4 * 86_400)
            conduct.after(after_us, lambda: self._say(subscription, command))

    def _change_seats(self, subscription: str) -> None:
        chance, view = self._world.chance, self._world.db.entities[subscription].view
        taken = [seat["party"] for seat in view["seats"]]
        highest = max(1, view["seat_count"])
        choice = self._conduct.pick(
            "seats", {"assign": 6, "same": 0.7, "revoke": 1.5, "unknown": 0.4, "one": 1}
        )
        if choice == "revoke":
            self._revoke(subscription, chance.between("customers: revoked", 1, highest))
        elif choice == "unknown":
            self._revoke(subscription, UNKNOWN_SEAT)
        else:
            party = taken[0] if choice == "same" and taken else self._conduct.person("user")
            seat = chance.between("customers: seat", 1, highest) if choice == "one" else None
            self._say(subscription, AssignSeat(party, seat))

    def _revoke(self, subscription: str, seat: int) -> None:
        self._say(subscription, RevokeSeat(seat))

    # -- terms -------------------------------------------------------------------------------------------------------------

    def _during_term(self, row: EntityRow) -> None:
        conduct = self._conduct
        changes = self._world.chance.between("seat changes", 0, 3)
        for _ in range(changes if self._world.chance.keeps("seat_changes") else 0):
            conduct.after(conduct.soon("seat", 1, 60 * 86_400), lambda: self._change_seats(row.id))
        self._maybe_stop(row)
        self._successors.maybe_named(row)
        match conduct.pick("other change", {"number": 1, "method": 1.5, "nothing": 6}):
            case "number":
                body = ChangePurchaseOrder("PO-2")
                conduct.after(
                    conduct.soon("number", 60, 200 * 86_400),
                    lambda: self._say(row.id, body),
                )
            case "method":
                conduct.after(
                    conduct.soon("method", 60, 300 * 86_400), lambda: self._pay_with_another_card(row.id)
                )

    def _maybe_stop(self, row: EntityRow) -> None:
        conduct = self._conduct
        stop_by, end = instant_of(row.view["stop_by"]), instant_of(row.view["term_end"])
        choice = conduct.pick("stop", {"soon": 1, "edge": 3, "end": 0.7, "never": 5})
        if choice == "edge" and stop_by is not None:
            conduct.at(conduct.edge(stop_by), lambda: self._stop(row.id))
        elif choice == "end" and end is not None:
            conduct.at(conduct.edge(end), lambda: self._stop(row.id))
        elif choice == "soon":
            conduct.after(conduct.soon("stop", 60, 200 * 86_400), lambda: self._stop(row.id))

    def _maybe_refuse(self, row: EntityRow) -> None:
        """Refuses a term that was not announced in time: soon, at the end of the time for it, or not at all."""
        conduct, until = self._conduct, instant_of(row.view["charge_waits_for"]["until"])
        conduct.by_choice("refuse", {"soon": 1, "edge": 2, "never": 4}, until, lambda: self._stop(row.id))

    def _stop(self, subscription: str) -> None:
        self._say(subscription, StopRenewal("project over"))

    def _regret(self, row: EntityRow) -> None:
        conduct, stop_by = self._conduct, instant_of(row.view["stop_by"])
        choice = conduct.pick("regret", {"soon": 2, "edge": 2, "never": 4})
        if not self._world.chance.keeps("second_thoughts"):
            return
        if choice == "edge" and stop_by is not None:
            conduct.at(conduct.edge(stop_by), lambda: self._resume(row.id))
        elif choice == "soon":
            conduct.after(conduct.soon("regret", 60, 20 * 86_400), lambda: self._resume(row.id))

    def _resume(self, subscription: str) -> None:
        self._say(subscription, ResumeRenewal())

    # -- the end -----------------------------------------------------------------------------------------------------------

    def wind_down(self) -> None:
        """Stops renewals until every subscription has ended."""
        self._world.db.changed.append(self._let_go)
        for row in list(self._world.db.entities.values()):
            self._let_go(row)

    def _let_go(self, row: EntityRow) -> None:
        if row.kind != "subscription" or row.view["standing"] not in STOPPABLE:
            return
        if self._conduct.is_new(row, "let go", row.view["term_number"], row.view["standing"]):
            self._world.plan(self._world.now_us + DAY, lambda: self._stop(row.id))
