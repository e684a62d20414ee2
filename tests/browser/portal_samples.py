"""The pages of the portal in their states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from api.web.hosted.page_models import Form
from api.web.portal.page_models import (
    Happened,
    HomePage,
    Listed,
    SignInPage,
    StopPage,
    SubscriptionPage,
    Used,
)
from jalon.domain.due import Due
from jalon.domain.kinds import SUBSCRIPTION
from jalon.domain.projections import (
    AgendaEntry,
    ChargeAt,
    ChargeWait,
    Document,
    FewerSeats,
    OrderLine,
    OrderProjection,
    SeatProjection,
    SeatState,
    StepProgress,
    SubscriptionProjection,
)
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from jalon.integrations.mail.formats import Language
from tests.api.web.hosted.test_pages import CONTRACT, PAGES
from tests.jalon.integrations.mail import samples
from tests.jalon.integrations.mail.samples import ACTIVATION, DATA, INVITED, PLACED, PRICE, STOP, STORE, TERM

BASE = "/portal/fastening/FR"
RUNNING = SubscriptionProjection(
    id=samples.SUBSCRIPTION,
    store="fastening",
    status=SubscriptionStatus.ACTIVE,
    standing=SubscriptionStatus.ACTIVE,
    agenda=(),
    parked=(),
    order_id=samples.ORDER,
    number="FAS-2026-K7QN2X",
    delayed_at=None,
    buyer="pty_1",
    buyer_names=None,
    purchase_order_number="BC-2026-0042",
    sku="shoring-pro",
    product=CONTRACT.product,
    licence_kind="floating",
    quantity=3,
    term="P1Y",
    amount=PRICE,
    ordered_at=PLACED,
    click_is_signature=False,
    charge_at=ChargeAt.ACTIVATION,
    user_management=True,
    invitation_window="PT72H",
    steps=(),
    activation_by=None,
    document=Document(id="doc_1", sha256="ab" * 32),
    term_number=0,
    term_start=PLACED,
    term_end=TERM,
    stop_by=STOP,
    stop_requested_at=None,
    renewal_committed_at=None,
    past_due_since=None,
    next_renewal_at=TERM,
    renewal_amount=PRICE,
    ended_at=None,
    retained_until=None,
    seat_count=3,
    seats=(),
    policy_hash="ab",
    payment=None,
    waiting_for=None,
    activated_at=PLACED,
)
PENDING = replace(
    RUNNING,
    status=SubscriptionStatus.PENDING_ACTIVATION,
    steps=(StepProgress(step="sign", done_at=None),),
    activation_by=ACTIVATION,
    term_start=None,
    term_end=None,
    stop_by=None,
    next_renewal_at=None,
    renewal_amount=None,
    activated_at=None,
)
ORDERED = OrderProjection(
    id=samples.ORDER, store="fastening", number="FAS-2026-K7QN2X", purchase_order_number=None, agenda=(), payment=None,
    waiting_for=None, delayed_at=None, policy_hash="ab", status=OrderStatus.PROCESSING, standing=OrderStatus.PROCESSING,
    language="fr", country="FR", audience="company", currency="EUR",
    lines=(OrderLine(sku="shoring-pro", quantity=3, term="P1Y", licence_kind="floating"),), total=PRICE, created_at=PLACED,
    placed_at=PLACED, declined_at=None, cancel_requested_at=None, terms_sha256="ab", buyer="pty_1", buyer_names=None,
    certificate=None, hold=None, parked=(),
)  # fmt: skip
COMPLETED = replace(
    ORDERED, status=OrderStatus.COMPLETED, standing=OrderStatus.COMPLETED, completed_at=PLACED
)
SETTLE = AgendaEntry(due_at=STOP, what=Due.RECOVERY, rule="X3", protects="vendor", held=False)
FEWER = FewerSeats(at=TERM, seat_count=1, choose_by=STOP, staying=(), leaving=(2, 3))
GIVEN = tuple(
    SeatProjection(
        number=number,
        state=SeatState.ASSIGNED,
        party=f"pty_{number}",
        invitation=None,
        invited_at=None,
        open_until=None,
        assigned_at=PLACED,
    )
    for number in (1, 2, 3)
)
STATES = {
    "renews": RUNNING,
    "pending": PENDING,
    "pending-over": replace(PENDING, activation_by=PLACED),
    "stopped": replace(RUNNING, stop_requested_at=PLACED, next_renewal_at=None, renewal_amount=None),
    "stopped-over": replace(
        RUNNING,
        stop_by=PLACED,
        stop_requested_at=PLACED - timedelta(days=1),
        next_renewal_at=None,
        renewal_amount=None,
    ),
    "fewer": replace(RUNNING, seats=GIVEN, fewer_seats=FEWER),
    "fewer-late": replace(RUNNING, stop_by=PLACED, seats=GIVEN, fewer_seats=replace(FEWER, choose_by=PLACED)),
    "locked": replace(RUNNING, stop_by=PLACED, renewal_committed_at=PLACED),
    "unheard": replace(RUNNING, notice_missing_since=PLACED),
    "charge-waits": replace(
        RUNNING,
        term_start=PLACED,
        charge_waits_for=ChargeWait(what="renewal_notice", since=PLACED),
        notice_missing_since=PLACED,
    ),
    "refusable": replace(
        RUNNING,
        term_start=PLACED,
        charge_waits_for=ChargeWait(what="renewal_notice", since=PLACED, until=STOP),
    ),
    "unpaid": replace(RUNNING, past_due_since=PLACED, agenda=(SETTLE,)),
    "unpaid-over": replace(RUNNING, past_due_since=PLACED, recovery_over_at=PLACED),
    "ended": replace(
        RUNNING,
        status=SubscriptionStatus.DATA_RETAINED,
        next_renewal_at=None,
        ended_at=TERM,
        retained_until=DATA,
    ),
    "purged": replace(
        RUNNING, status=SubscriptionStatus.PURGED, next_renewal_at=None, ended_at=TERM, retained_until=DATA
    ),
}
USED = (
    Used(CONTRACT.product, "Jean Dupont", "jean.dupont@bureau-detudes.example.com"),
    Used(CONTRACT.product, "Jean Dupont", "jean.dupont@bureau-detudes.example.com", "/h/invitation/token", INVITED),
    Used(CONTRACT.product, "", "", "/h/invitation/token"),
    Used(CONTRACT.product, "Jean Dupont", "jean.dupont@bureau-detudes.example.com", leaves_at=TERM),
)  # fmt: skip
SWITCHED = (
    Happened(PLACED, "renewal_stopped", samples.RECEIPT),
    Happened(PLACED, "renewal_resumed", samples.RECEIPT),
)
ACTIONS = {
    "renews": {"stop", "purchase-order", "contract", "users", "payment-method"},
    "pending": {"contract"},
    "fewer": {"stop", "users", "who-stays"},
    "stopped": {"resume", "purchase-order", "contract"},
    "locked": {"purchase-order", "contract"},
    "unheard": {"stop", "purchase-order", "contract", "payment-method"},
    "charge-waits": {"stop", "purchase-order", "contract", "payment-method"},
    "refusable": {"stop", "purchase-order", "contract", "payment-method"},
    "unpaid": {"stop", "purchase-order", "contract", "payment-method"},
}


def portal_pages(language: Language) -> Iterator[tuple[str, str]]:
    """Every page of the portal by the name of its state."""
    sign_in = SignInPage(language, STORE, BASE)
    asked = replace(sign_in, email="amelie.durand-lefevre@bureau-detudes.example.com")
    yield "portal-sign-in", PAGES.show(sign_in)
    yield "portal-sign-in-wrong", PAGES.show(replace(sign_in, problem="email_wrong", typed="amelie"))
    yield "portal-code", PAGES.show(asked)
    yield "portal-code-wrong", PAGES.show(replace(asked, problem="code_wrong"))
    again = replace(asked, confirms=True, action=f"{BASE}/x", pending={"reason": "x"}, code_over_at=PLACED)
    over = replace(again, code_over_at=None)
    yield "portal-code-again", PAGES.show(replace(again, sent=True))
    yield "portal-code-again-still", PAGES.show(again)
    yield "portal-code-again-wrong", PAGES.show(replace(again, problem="code_wrong"))
    yield "portal-code-again-over", PAGES.show(replace(over, problem="code_over"))
    yield "portal-code-again-later", PAGES.show(replace(over, action="", again_at=PLACED))
    yield from _homes(language)
    yield from ((f"portal-{name}", PAGES.show(portal_page(language, name))) for name in STATES)
    yield (
        "portal-by-link",
        PAGES.show(replace(portal_page(language, "stopped"), home=None, signs_in=BASE, happened=SWITCHED)),
    )
    yield "portal-done", PAGES.show(replace(portal_page(language, "stopped"), done="stopped"))
    yield "portal-late", PAGES.show(replace(portal_page(language, "locked"), problem="out_of_date"))
    stop = StopPage(language, STORE, BASE, RUNNING, Form(f"{BASE}/stop"), needs_reason=True, data_until=DATA)
    wrong = replace(
        portal_page(language, "renews"), problem="number_unreadable", number="4242 4242 4242 4242"
    )
    yield "portal-number-wrong", PAGES.show(wrong)
    yield "portal-stop-1-reason", PAGES.show(stop)
    yield "portal-stop-1-wrong", PAGES.show(replace(stop, problem="reason_missing"))
    refusal = replace(stop, subscription=STATES["refusable"], warns=True, reason="Le projet est fini")
    yield "portal-stop-3-refusal", PAGES.show(refusal)
    yield "portal-stop-2-warning", PAGES.show(replace(stop, warns=True, reason="Le projet est fini"))


def _homes(language: Language) -> Iterator[tuple[str, str]]:
    email = "amelie.durand-lefevre@bureau-detudes.example.com"
    home = HomePage(language, STORE, BASE, "Amélie Durand-Lefèvre", email, PLACED + timedelta(days=30))
    listed = tuple(
        Listed(f"{BASE}/{name}", subscription=each, milestones=SUBSCRIPTION.milestones(each))
        for name, each in STATES.items()
    )
    ordered = Listed("/h/order/token", order=ORDERED)
    completed = replace(ordered, order=COMPLETED)
    yield (
        "portal-home",
        PAGES.show(replace(home, subscriptions=listed, used=USED, orders=(ordered,), earlier=(completed,))),
    )
    paged = replace(
        home, earlier=(completed,), more=f"{BASE}?after=sub_1", more_earlier=f"{BASE}?earlier_after=ord_1"
    )
    yield "portal-home-paged", PAGES.show(replace(paged, is_paged=True))
    yield "portal-home-empty", PAGES.show(home)
    yield "portal-home-elsewhere", PAGES.show(replace(home, elsewhere="/portal/fastening/DE", country="DE"))


def portal_page(language: Language, name: str) -> SubscriptionPage:
    """The page of a subscription in this state."""
    subscription = STATES[name]
    return SubscriptionPage(
        language,
        STORE,
        f"{BASE}/subscriptions/{subscription.id}",
        BASE,
        subscription,
        PLACED + timedelta(days=30),
        Form(BASE, {"nonce": "ab"}),
        frozenset(ACTIONS.get(name, ())),
        SUBSCRIPTION.milestones(subscription),
        (
            *(SWITCHED if subscription.stop_requested_at else ()),
            Happened(PLACED, "subscription_active"),
            Happened(PLACED, "subscription_begun"),
        ),
        "/h/contract/token",
        seats_used=len(subscription.seats),
    )
