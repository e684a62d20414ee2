"""The pages of payment in their states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from api.web.hosted.page_models import Form
from api.web.paying.debts import Occasion, State
from api.web.paying.page_models import DeparturePage, PaymentPage, Problem
from jalon.domain.due import Due
from jalon.domain.projections import (
    AgendaEntry,
    OrderLine,
    OrderProjection,
    Payment,
    PaymentState,
    SubscriptionProjection,
)
from jalon.domain.statuses import OrderStatus
from jalon.integrations.mail.formats import Language
from tests.api.web.hosted.test_pages import CONTRACT, PAGES
from tests.browser.portal_samples import BASE, PENDING, RUNNING, SETTLE
from tests.jalon.integrations.mail import samples
from tests.jalon.integrations.mail.samples import ACTIVATION, PLACED, PRICE, STOP, STORE

TOKEN = "/h/payment/token"
BANK = "https://bank.example.com/challenge"
DECLINED = Payment(state=PaymentState.DECLINED, code="expired_card", action_url=None)
UNPAID_TERM = replace(RUNNING, past_due_since=PLACED, agenda=(SETTLE,), payment=DECLINED)
KEPT_CART = AgendaEntry(due_at=STOP, what=Due.CART_ABANDONED, rule=None, protects="vendor", held=False)
DECLINED_ORDER = OrderProjection(
    id=samples.ORDER,
    store="fastening",
    status=OrderStatus.CART,
    standing=OrderStatus.CART,
    agenda=(KEPT_CART,),
    parked=(),
    number="FAS-2026-K7QN2X",
    buyer="pty_1",
    buyer_names=None,
    language="fr",
    country="FR",
    audience="design_office",
    currency="EUR",
    lines=(
        OrderLine(
            sku="shoring-pro", quantity=3, term="P1Y", licence_kind="floating", product="Étaiement Pro"
        ),
    ),
    total=PRICE,
    purchase_order_number=None,
    created_at=PLACED,
    placed_at=PLACED,
    delayed_at=None,
    declined_at=PLACED,
    cancel_requested_at=None,
    terms_sha256="ab",
    policy_hash="ab",
    certificate=None,
    hold=None,
    payment=DECLINED,
    waiting_for=None,
    due_now=PRICE,
)
STATES: tuple[State, ...] = ("declined", "confirm", "working", "paid", "late")
"""The states that every occasion has."""


def unpaid(occasion: Occasion) -> SubscriptionProjection:
    """A term whose payment was declined: the first one, or one after it."""
    if occasion == "renewal":
        return UNPAID_TERM
    steps = tuple(replace(each, done_at=PLACED) for each in PENDING.steps)
    return replace(PENDING, steps=steps, agenda=(SETTLE,), payment=DECLINED)


def payment_pages(language: Language) -> Iterator[tuple[str, str]]:
    """Every page of payment by the name of its state."""
    page = PaymentPage(
        language=language,
        store=STORE,
        state="declined",
        occasion="renewal",
        amount=PRICE,
        product=CONTRACT.product,
        more_lines=0,
        order_number="FAS-2026-K7QN2X",
        settle_by=ACTIVATION,
        code="expired_card",
        portal_url=BASE,
    )
    for occasion in get_args(Occasion):
        for state in STATES:
            yield f"payment-{occasion}-{state}", PAGES.show(_in(page, occasion, state))
    ordered = replace(page, occasion="order", more_lines=2)
    yield "payment-order-changed", PAGES.show(replace(ordered, state="changed"))
    yield "payment-order-received", PAGES.show(replace(ordered, state="received"))
    yield "payment-order-closed", PAGES.show(replace(ordered, state="closed", settle_by=None))
    yield "payment-order-late-undated", PAGES.show(replace(ordered, state="late", settle_by=None))
    yield "payment-nothing", PAGES.show(replace(page, state="nothing"))
    yield "payment-ended", PAGES.show(replace(page, state="ended"))
    yield "payment-activating", PAGES.show(replace(page, state="paid", contract_url="/h/contract/token"))
    change = replace(page, state="change", home=BASE, form=Form(f"{BASE}/card", {"nonce": "1"}))
    yield "payment-change", PAGES.show(change)
    for problem in get_args(Problem):
        form = None if problem == "offer_changed" else change.form
        yield f"payment-problem-{problem}", PAGES.show(replace(ordered, problem=problem, form=form))
    yield "payment-departure", PAGES.show(DeparturePage(language, STORE, page.order_number, BANK))


def _in(page: PaymentPage, occasion: Occasion, state: State) -> PaymentPage:
    confirms = state == "confirm"
    gives = state == "declined" or (confirms and occasion in ("activation", "renewal"))
    form = Form(f"{TOKEN}/card", {"nonce": "1"}) if gives else None
    return replace(page, occasion=occasion, state=state, form=form, bank_url=BANK if confirms else None)
