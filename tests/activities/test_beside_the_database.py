"""The database activities: each has one effect, and a repeated call has none."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from activities.contracts.documents import ContractRequest
from activities.contracts.people import IdentityRequest, PartyQuestion, PurgeRequest
from activities.contracts.policy import CartQuestion, RenewalQuestion
from activities.contracts.records import ClosingCheck, RestNote
from activities.contracts.screening import ScreeningRequest
from activities.documents import Documents
from activities.people import People
from activities.policies import Policies
from activities.records import Records
from activities.screening import Screening
from jalon.domain.compliance.export import Decision
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.money import Money
from jalon.domain.order import CartLine
from jalon.integrations.documents import ContractRenderer
from jalon.integrations.screening.registry import SAMPLE_LIST, SCREENERS
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.inbox import receipts
from jalon.persistence.inbox.receipts import NewReceipt
from jalon.persistence.operations import outages
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from jalon.policy.authoring.loader import load_store
from jalon.policy.model.store_policy import StorePolicy
from jalon.rehearsal.sim.end_use import ANSWERS
from tests.activities.conftest import AT, ROOT, SKU, STORE, cart, placement
from tests.jalon.persistence.conftest import transition


async def test_a_transition_is_recorded_once_and_rest_is_noted(sessions: Sessions, entity: str) -> None:
    records = Records(sessions)
    step = transition(STORE, entity, 1, busy=True)
    assert [(await records.record_transition(step)).epoch for _ in range(2)] == [0, 0]
    for busy in (False, False, True):
        await records.note_rest(RestNote(STORE, entity, busy))
        async with sessions.of(STORE) as tx:
            noted = text("select busy from entity where id = :id")
            assert (await tx.execute(noted, {"id": entity})).scalar_one() is busy


@pytest.mark.rule("G3", "G7")
async def test_a_closing_hears_of_pending_receipts_and_of_outages(sessions: Sessions, entity: str) -> None:
    check = ClosingCheck(STORE, entity, False, AT)
    receipt = new_id("receipt")
    async with sessions.of(STORE) as tx:
        asked = NewReceipt(
            receipt, STORE, "order", entity, "cancel", {"reason": "x"}, "a", "ops", "k", receipt, b""
        )
        await receipts.record(tx, asked, AT - timedelta(microseconds=1), 0.0)
    down = (AT - timedelta(minutes=6), AT + timedelta(minutes=1))
    for store in (STORE, "another"):
        async with sessions.of(store) as tx:
            await outages.declare(
                tx, store=store, started_at=down[0], ended_at=down[1], actor="ops", reason="a fire"
            )
    facts = await Records(sessions).check_closing(check)
    assert [each.id for each in facts.pending] == [receipt]
    assert facts.outages == (down,)
    assert await Records(sessions).check_closing(check) == facts


@pytest.mark.rule("G7")
async def test_a_closing_does_not_hear_of_an_outage_that_was_withdrawn(
    sessions: Sessions, entity: str
) -> None:
    store = f"{STORE}-{entity}"
    down = (AT - timedelta(minutes=6), AT + timedelta(minutes=1))
    async with sessions.of(store) as tx:
        for _ in range(2):
            mistaken = await outages.declare(
                tx, store=store, started_at=down[0], ended_at=down[1], actor="ops", reason="a fire"
            )
        await outages.withdraw(tx, mistaken, "Ada", "another day")
    check = ClosingCheck(store, entity, False, AT)
    assert (await Records(sessions).check_closing(check)).outages == (down,)
    async with sessions.of(f"{store}-other") as tx:
        assert await outages.read_outage(tx, mistaken.id) is None
        with pytest.raises(ProgrammingError, match="row-level security"):
            await outages.withdraw(tx, mistaken, "Mallory", "not theirs")


@pytest.mark.rule("G6")
async def test_a_placement_keeps_its_terms_whatever_becomes_of_the_file(
    sessions: Sessions, policies: dict[str, StorePolicy], entity: str, dearer: StorePolicy
) -> None:
    question = CartQuestion(STORE, entity, "req_1", cart(), AT, placement(), 1)
    first = await Policies(sessions, policies).ask_policy(question)
    assert first.order is not None
    assert first.order.total == Money(Decimal("1200.00"), "EUR")
    later = Policies(sessions, policies | {STORE: dearer})
    assert await later.ask_policy(question) == first
    again = await later.ask_policy(dataclasses.replace(question, receipt="req_2", turn=2))
    assert again.order is not None
    assert again.order.total == Money(Decimal("1500.00"), "EUR")


@pytest.mark.rule("G6")
async def test_a_placement_has_the_terms_of_its_own_cart_whatever_was_asked_before(
    sessions: Sessions, policies: dict[str, StorePolicy], entity: str
) -> None:
    asked = Policies(sessions, policies)
    for _ in range(2):
        for quantity, receipt in ((1, "req_refused"), (2, "req_placed")):
            wanted = cart(lines=(CartLine(SKU, quantity, "P1Y", "individual"),))
            answer = await asked.ask_policy(CartQuestion(STORE, entity, receipt, wanted, AT, placement(), 1))
            assert answer.order is not None
            assert [line.quantity for line in answer.order.lines] == [quantity]


@pytest.mark.rule("G6", "T15")
async def test_who_was_told_once_is_told_the_same_whatever_becomes_of_the_file(
    sessions: Sessions, policies: dict[str, StorePolicy], entity: str
) -> None:
    left = {sku: product for sku, product in policies[STORE].products.items() if sku != SKU}
    withdrawn = policies | {STORE: dataclasses.replace(policies[STORE], products=left)}
    for number, asked in enumerate((None, placement())):
        taken = CartQuestion(STORE, entity, f"req_taken_{number}", cart(), AT, asked, 1)
        refused = dataclasses.replace(taken, receipt=f"req_refused_{number}")
        first, second = Policies(sessions, policies), Policies(sessions, withdrawn)
        answers = await first.ask_policy(taken), await second.ask_policy(refused)
        assert [bool(answer.violations) for answer in answers] == [False, True]
        assert (await second.ask_policy(taken), await first.ask_policy(refused)) == answers


async def test_every_objection_is_told_at_once_and_nothing_is_frozen(
    sessions: Sessions, policies: dict[str, StorePolicy], entity: str
) -> None:
    asked = Policies(sessions, policies)
    wrong = placement(terms_accepted=False, payment_kind="cheque", billing_address=None, billing_country=None)
    refused = await asked.ask_policy(CartQuestion(STORE, entity, "req_1", cart(), AT, wrong, 1))
    assert {each.rule for each in refused.violations} >= {"H18", "H19"}
    assert refused.order is None
    accepted = await asked.ask_policy(CartQuestion(STORE, entity, "req_2", cart(), AT, placement(), 1))
    assert not accepted.violations


@pytest.mark.rule("G6", "T11", "X15")
async def test_a_renewal_takes_the_terms_then_in_force_once(
    sessions: Sessions, policies: dict[str, StorePolicy], dearer: StorePolicy
) -> None:
    subscription = new_id(SUBSCRIPTION)
    placed = await Policies(sessions, policies).ask_policy(
        CartQuestion(STORE, new_id(ORDER), "req_1", cart(), AT, placement(), 1)
    )
    assert placed.order is not None
    line = placed.order.lines[0]
    question = RenewalQuestion(STORE, subscription, 1, line, AT.replace(year=2027))
    renewed = await Policies(sessions, policies | {STORE: dearer}).renewal_terms(question)
    assert renewed.line.amount == Money(Decimal("1500.00"), "EUR")
    assert await Policies(sessions, policies).renewal_terms(question) == renewed
    promised = dataclasses.replace(question, term=3, bound=line)
    bound = await Policies(sessions, policies | {STORE: dearer}).renewal_terms(promised)
    assert (bound.line, bound.in_force.amount) == (line, Money(Decimal("1500.00"), "EUR"))
    left = {sku: product for sku, product in policies[STORE].products.items() if sku != SKU}
    withdrawn = dataclasses.replace(policies[STORE], products=left)
    unsold = Policies(sessions, policies | {STORE: withdrawn})
    kept = await unsold.renewal_terms(dataclasses.replace(question, term=2))
    assert kept.line == line


@pytest.mark.rule("T1")
async def test_an_identity_is_set_up_once(sessions: Sessions, parties: Parties, ana: str) -> None:
    people = People(sessions, parties)
    assert not (await people.find_identity(PartyQuestion(STORE, ana, AT))).has_identity
    for year in (2026, 2027):
        await people.set_up_identity(IdentityRequest(STORE, ana, AT.replace(year=year)))
    assert (await people.find_identity(PartyQuestion(STORE, ana, AT))).has_identity
    before = PartyQuestion(STORE, ana, AT - timedelta(microseconds=1))
    assert not (await people.find_identity(before)).has_identity
    async with sessions.of(STORE) as tx:
        assert (await parties.read(tx, ana))[ana].identity_at == AT
    assert not (await people.find_identity(PartyQuestion(STORE, new_id("party"), AT))).has_identity


@pytest.mark.rule("H4", "H23")
async def test_a_contract_is_drawn_up_once_and_the_purge_keeps_it(
    sessions: Sessions, parties: Parties, policies: dict[str, StorePolicy], ana: str
) -> None:
    placed = await Policies(sessions, policies).ask_policy(
        CartQuestion(STORE, new_id(ORDER), "req_1", cart(ana), AT, placement(), 1)
    )
    assert placed.order is not None
    subscription = new_id(SUBSCRIPTION)
    request = ContractRequest(
        STORE, subscription, "FAS-1", ana, None, placed.order.lines[0], placed.order.store, AT, None, AT
    )
    documents = Documents(sessions, parties, ContractRenderer(ROOT / "templates"))
    drawn = await documents.draw_up_contract(request)
    later = dataclasses.replace(request, order_number="FAS-2", at=AT.replace(year=2027))
    assert await documents.draw_up_contract(later) == drawn
    ended = {"id": subscription, "status": "data_retained", "retained_until": AT.isoformat()}
    async with sessions.of(STORE) as tx:
        await transitions.record(tx, transition(STORE, subscription, 1, view=ended))
    for _ in range(2):
        await People(sessions, parties).purge(PurgeRequest(STORE, subscription, AT))
    assert await documents.draw_up_contract(later) == drawn


@pytest.mark.rule("T6", "X18")
async def test_screening_names_no_person_and_asks_every_name(
    sessions: Sessions, parties: Parties, policies: dict[str, StorePolicy]
) -> None:
    store = "geomatics"
    async with sessions.of(store) as tx:
        buyer = await parties.meet(
            tx, store, email="ana@example.com", name="Ana Martin", company="Martin SARL", language="fr"
        )
        clear = await parties.keep(tx, store, buyer, "certificate", ANSWERS)
        listed = await parties.keep(
            tx, store, buyer, "certificate", ANSWERS | {"majority_owners": ["ADT Analog and Digital Technik"]}
        )
        armed = await parties.keep(tx, store, buyer, "certificate", ANSWERS | {"missile": True})
    surveyed = dataclasses.replace(
        cart(buyer, audience="company"), lines=(dataclasses.replace(cart().lines[0], sku="survey-office"),)
    )
    placed = await Policies(sessions, policies).ask_policy(
        CartQuestion(store, new_id(ORDER), "req_1", surveyed, AT, placement(), 1)
    )
    assert placed.order is not None
    screening = Screening(sessions, parties, SCREENERS["list_file"](SAMPLE_LIST))
    for record, decision in ((clear, Decision.CLEAR), (listed, Decision.HOLD), (armed, Decision.REJECT)):
        request = ScreeningRequest(store, new_id(ORDER), buyer, ("FR",), record, placed.order)
        outcome = await screening.screen(request)
        assert outcome.decision == decision
        assert await screening.screen(request) == outcome
        for word in ("Technik", "Martin", "Ana"):
            assert word not in str(outcome)
    async with sessions.of(store) as tx:
        given = {"name": "Ana", "company": "ADT Analog and Digital Technik", "language": "fr"}
        names = await parties.keep_names(tx, store, buyer, given)
    request = ScreeningRequest(store, new_id(ORDER), buyer, ("FR",), clear, placed.order, buyer_names=names)
    assert (await screening.screen(request)).decision == Decision.HOLD


@pytest.fixture
def dearer(tmp_path_factory: pytest.TempPathFactory) -> StorePolicy:
    """The store with another price."""
    file = tmp_path_factory.mktemp("dearer") / "fastening.toml"
    file.write_text((ROOT / "stores" / "fastening.toml").read_text().replace('"1200.00"', '"1500.00"'))
    return load_store(file)
