"""What the portal says of a subscription is true at its last open moment, and from then on, while no worker has closed it yet (P5, X3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from api.web.portal.page_models import HomePage, Listed
from jalon.domain.due import Due
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import AgendaEntry, ChargeWait, SubscriptionProjection, WaitingFor
from jalon.domain.statuses import OrderStatus
from tests.api.web.hosted.test_pages import PAGES
from tests.browser.portal_samples import BASE, ORDERED, PENDING, RUNNING, SETTLE, portal_page
from tests.jalon.integrations.mail.samples import ACTIVATION, PLACED, STOP, STORE, TERM

TICK = timedelta(microseconds=1)
ACTIVATE = "Read and activate the contract"
SIGNED = replace(PENDING, steps=(replace(PENDING.steps[0], done_at=PLACED),), agenda=(SETTLE,))
STOPPED = replace(RUNNING, stop_requested_at=PLACED, next_renewal_at=None, renewal_amount=None)
REFUSABLE = ChargeWait(what="renewal_notice", since=PLACED, until=STOP)


def page_of(subscription: SubscriptionProjection, now: datetime) -> str:
    return PAGES.show(replace(portal_page("en", "pending"), subscription=subscription, now=now))


def card_of(listed: Listed, now: datetime) -> str:
    home = HomePage("en", STORE, BASE, "Ana Lefèvre", "ana@example.com", now)
    return PAGES.show(
        replace(
            home,
            subscriptions=(listed,) if listed.subscription else (),
            orders=(listed,) if listed.order else (),
        )
    )


@pytest.mark.rule("P5", "G1")
@pytest.mark.parametrize(
    ("subscription", "closes_at", "before", "after"),
    [
        (PENDING, ACTIVATION, "read the contract and activate it until", "could be activated until"),
        (SIGNED, STOP, "still to be settled, until", "could be settled until"),
        (replace(SIGNED, agenda=(), recovery_over_at=STOP), STOP, "being activated", "could be settled until"),
        (replace(RUNNING, past_due_since=PLACED, agenda=(SETTLE,)), STOP, "settle the payment until", "could be settled until"),
        (replace(RUNNING, charge_waits_for=REFUSABLE), STOP, "you can stop it until", "its new term is under way"),
        (RUNNING, TERM, "It renews by itself on", "Its new term was to begin on"),
        (STOPPED, TERM, "Ready to use until", "It ended: you could use it until"),
    ],
    ids=["activation", "first payment", "asked for", "payment", "refusal", "renewal", "end"],
)  # fmt: skip
def test_page_and_list_say_what_is_true_to_the_microsecond(
    subscription: SubscriptionProjection, closes_at: datetime, before: str, after: str
) -> None:
    listed = Listed(f"{BASE}/1", subscription=subscription, milestones=SUBSCRIPTION.milestones(subscription))
    for now, said, unsaid in ((closes_at - TICK, before, after), (closes_at, after, before)):
        for shown in (page_of(subscription, now), card_of(listed, now)):
            assert (said in shown, unsaid in shown) == (True, False)


@pytest.mark.rule("P5", "H3")
def test_what_can_no_longer_be_activated_has_no_button_for_it() -> None:
    assert ACTIVATE in page_of(PENDING, ACTIVATION - TICK)
    assert ACTIVATE not in page_of(PENDING, ACTIVATION)
    held = AgendaEntry(due_at=ACTIVATION, what=Due.ACTIVATION_WINDOW, rule="P5", protects="vendor", held=True)
    assert ACTIVATE in page_of(replace(PENDING, agenda=(held,)), ACTIVATION)


@pytest.mark.rule("X22")
@pytest.mark.parametrize(
    ("waiting_for", "due", "before", "after"),
    [
        (WaitingFor.BUYER_TO_PLACE, Due.CART_ABANDONED, "The basket waits for you", "Nobody came back for it in time"),
        (WaitingFor.BUYER_CERTIFICATE, Due.CERTIFICATE_WINDOW, "waits for your end-use certificate", "We are working on the order"),
        (WaitingFor.BUYER_PAYMENT_CONFIRMATION, Due.AUTHENTICATION, "to confirm the payment", "We are working on the order"),
    ],
)  # fmt: skip
def test_an_order_waits_for_its_buyer_no_longer_than_it_does(
    waiting_for: WaitingFor, due: Due, before: str, after: str
) -> None:
    agenda = (AgendaEntry(due_at=STOP, what=due, rule=None, protects="vendor", held=False),)
    order = replace(ORDERED, status=OrderStatus.SUBMITTED, waiting_for=waiting_for, agenda=agenda)
    for now, said, unsaid in ((STOP - TICK, before, after), (STOP, after, before)):
        shown = card_of(Listed("/h/order/token", order=order), now)
        assert (said in shown, unsaid in shown) == (True, False)
