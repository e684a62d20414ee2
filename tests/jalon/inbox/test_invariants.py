"""Each invariant finds what violates it and nothing else; a sound book violates none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.transition import AuditEntry, TimelineEntry
from jalon.inbox.invariant_keeper import InvariantKeeper
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.operations import invariant_checks
from jalon.persistence.operations.invariants import INVARIANTS
from jalon.persistence.operations.stages import STAGES
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions
from jalon.settings import ROOT
from tests.jalon.persistence.conftest import AT, transition

PAYMENT = """insert into payment (key, store_id, entity_id, purpose, cycle, generation, amount, currency, provider, state, at, settled_at)
    values (:store || '/' || cast(:key as text), :store, {entity}, '{purpose}', 0, {generation}, 100, 'EUR', 'sandbox', 'succeeded', now(),
            now() - interval '1 hour')"""
DOCUMENT = """insert into document (store_id, id, entity_id, party_id, kind, language, media_type, sha256, body, created_at)
    values (:store, :document, :subscription, :party, 'signed', 'fr', 'application/pdf', '', '', now())"""
MAIL = """insert into mail (key, store_id, entity_id, party_id, template, message_id, state, at)
    values (:mail, :store, :order, :party, 'order_confirmed', '<' || left(:mail, 40) || '@example.com>', 'accepted', now())"""
RECEIPT = """insert into receipt (id, store_id, entity_kind, entity_id, command, body, actor, role, principal, idempotency_key, fingerprint,
                                  received_at, state, delivered)
    values (:receipt, :store, 'order', :order, 'place', '{}', 'ana', 'storefront', 'key_1', :receipt, '', now(), 'applied', true)"""


def paid(entity: str, key: str, purpose: str = "charge", generation: int = 1) -> str:
    """The statement of a payment that was made an hour ago."""
    statement = PAYMENT.format(entity=entity, purpose=purpose, generation=generation)
    return statement.replace("cast(:key as text)", f"'{key}'")


@dataclass
class Book:
    """A store with a completed order, its active subscription, and one that lapsed and was given back."""

    owner: Sessions
    sessions: Sessions
    names: dict[str, str]

    async def as_owner(self, *statements: str) -> None:
        """Changes the book as only the owner of the database can."""
        async with self.owner.of(self.names["store"]) as tx:
            for statement in statements:
                await tx.execute(text(statement), self.names)

    async def violations(self) -> dict[str, list[tuple[str, str]]]:
        """What a check of the whole book finds: the entities and subjects, by invariant."""
        async with self.sessions.unscoped() as tx:
            await tx.execute(text("update invariant_check set after = ''"))
        store = self.names["store"]
        assert await InvariantKeeper(self.sessions, (store,)).check()
        found: dict[str, list[tuple[str, str]]] = {}
        async with self.sessions.of(store) as tx:
            for each in await invariant_checks.examples(tx):
                found.setdefault(each.invariant, []).append((each.entity, each.subject))
            assert await invariant_checks.counts(tx) == {name: len(rows) for name, rows in found.items()}
        return found


@pytest.fixture(scope="session")
def parties() -> Parties:
    return Parties(Vault(b"a vault key for tests, 32 bytes!"))


@pytest.fixture
async def book(postgres: object, owner: Sessions, sessions: Sessions, parties: Parties) -> Book:
    order, subscription, void = new_id(ORDER), new_id(SUBSCRIPTION), new_id(SUBSCRIPTION)
    store = f"store-{new_id('record')[4:]}"
    document, receipt = new_id("record"), new_id("receipt")
    names = {
        "store": store, "order": order, "subscription": subscription, "void": void, "document": document, "receipt": receipt,
        "mail": f"{new_id('record')}{'0' * 30}",
    }  # fmt: skip
    captured = (TimelineEntry(AT, "payment_captured", data={}),)
    entry = AuditEntry(AT, "ana", "storefront", "place")
    plain: dict[str, object] = {"number": None, "parked": [], "agenda": [], "steps": []}
    views: Mapping[str, dict[str, object]] = {
        order: {"status": "completed", "total": {"amount": "100.00", "currency": "EUR"},
                "lines": [{"subscription": subscription, "outcome": "active"}, {"subscription": void, "outcome": "void"}]},
        subscription: {"status": "active", "steps": [{"step": "sign", "done_at": AT.isoformat()}],
                       "signed_document": {"id": document}},
        void: {"status": "void", "steps": [{"step": "sign", "done_at": None}]},
    }  # fmt: skip
    async with sessions.of(store) as tx:
        names["party"] = await parties.meet(
            tx, store, email=f"a@{store}.example.com", name="A", language="fr"
        )
        for entity, view in views.items():
            kind = "order" if entity == order else "subscription"
            whole = plain | {"id": entity} | view
            step = transition(
                store,
                entity,
                1,
                str(view["status"]),
                kind=kind,
                view=whole,
                timeline=captured,
                audit=(entry, entry),
            )
            await transitions.record(tx, step)
    made = Book(owner, sessions, names)
    # The customer of the order confirmed the charge while it was being withdrawn.
    await made.as_owner(
        paid(":order", "1", "withdraw"),
        paid(":void", "2"),
        paid(":void", "3", "refund"),
        DOCUMENT,
        MAIL,
        RECEIPT,
    )
    return made


PLANTED: dict[str, tuple[tuple[str, ...], str, str]] = {
    "payment_has_entity": ((paid("'ord_nowhere'", "4"),), "ord_nowhere", "{store}/4"),
    "payment_is_known": (("delete from timeline where entity_id = :order",), "{order}", "{store}/1"),
    "charged_once": ((paid(":order", "5", generation=2),), "{order}", "{store}/5"),
    "active_is_signed": (("delete from document where id = :document",), "{subscription}", "{subscription}"),
    "completed_is_paid": (
        ("update payment set state = 'declined' where entity_id = :order",),
        "{order}",
        "{order}",
    ),
    "void_is_free": (
        ("delete from payment where entity_id = :void and purpose = 'refund'",),
        "{void}",
        "{store}/2",
    ),
    "line_exists": (
        (
            """update entity set view = jsonb_set(view, '{lines,0,subscription}', '"sub_nowhere"') where id = :order""",
        ),
        "{order}",
        "sub_nowhere",
    ),
    "mail_once": (
        ("update mail set message_id = '<' || :order || '@example.com>' where key = :mail",),
        "{order}",
        "<{order}@example.com>",
    ),
    "receipt_settled": (
        (
            "update receipt set state = 'pending', accepted_at = now() - interval '16 minutes' where id = :receipt",
        ),
        "{order}",
        "{receipt}",
    ),
    "deadline_met": (
        (
            "update entity set next_due_at = now() - interval '16 minutes' where id = :order",
            "update transition set recorded_at = now() - interval '1 hour' where entity_id = :order",
        ),
        "{order}",
        "{order}",
    ),
    "receipt_recorded": (
        ("update receipt set after_seq = 1 where id = :receipt",),
        "{order}",
        "{receipt}",
    ),
    "projection_is_last": (("update entity set seq = 0 where id = :void",), "{void}", "{void}"),
}


@pytest.mark.rule("G6")
async def test_a_sound_book_violates_nothing(book: Book) -> None:
    assert await book.violations() == {}
    # What an operator vouched for, and what is younger than the grace, is no violation.
    await book.as_owner(
        "delete from timeline where entity_id = :order",
        "update payment set settled_at = now() - interval '14 minutes' where entity_id = :order",
        "update receipt set state = 'pending', accepted_at = now() - interval '14 minutes' where id = :receipt",
        "update entity set next_due_at = now() - interval '14 minutes' where id = :subscription",
    )
    assert await book.violations() == {}


@pytest.mark.parametrize("name", PLANTED)
async def test_a_planted_violation_is_found_and_no_other(book: Book, name: str) -> None:
    statements, entity, subject = PLANTED[name]
    await book.as_owner(*statements)
    assert await book.violations() == {
        name: [(entity.format_map(book.names), subject.format_map(book.names))]
    }


async def test_a_changed_entry_of_the_audit_is_found(book: Book) -> None:
    changed = (
        "update audit set reason = 'another' where id = (select min(id) from audit where entity_id = :order)"
    )
    await book.as_owner(changed)
    ((entity, _),) = (await book.violations())["audit_continues"]
    assert entity == book.names["order"]
    await book.as_owner(
        "delete from audit where id = (select min(id) from audit where entity_id = :order)",
    )
    ((_, subject),) = (await book.violations())["audit_continues"]
    async with book.sessions.of(book.names["store"]) as tx:
        rest = "select id::text from audit where entity_id = :order"
        assert list(await tx.scalars(text(rest), book.names)) == [subject]


async def test_what_is_mended_is_forgotten_and_what_stands_is_told_once(
    book: Book, capsys: pytest.CaptureFixture[str]
) -> None:
    statements, _, _ = PLANTED["charged_once"]
    await book.as_owner(*statements)
    assert set(await book.violations()) == {"charged_once"}
    assert set(await book.violations()) == {"charged_once"}
    assert capsys.readouterr().out.count("invariant_violated") == 1
    await book.as_owner(paid(":order", "6", "refund", generation=2))
    assert await book.violations() == {}


async def test_one_process_checks_at_a_time(book: Book) -> None:
    async with book.sessions.unscoped() as other:
        assert await invariant_checks.take_turn(other)
        assert not await InvariantKeeper(book.sessions, (book.names["store"],)).check()


async def test_a_pass_goes_through_the_book_in_slices(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariant_checks, "SMALLEST_SLICE", 2)
    monkeypatch.setattr(invariant_checks, "SLICES_OF_A_PASS", 10**9)
    await book.as_owner(paid("'sub_zzz'", "7"))
    store, after = book.names["store"], ""
    seen: list[str] = []
    for _ in range(2):
        async with book.sessions.of(store) as tx:
            slice_ = await invariant_checks.next_slice(tx, after)
        seen += slice_.ids
        after = slice_.upto
    ours = [book.names[each] for each in ("order", "subscription", "void")]
    assert (sorted(seen), after) == (sorted([*ours, "sub_zzz"]), "")


def test_every_invariant_says_what_to_do() -> None:
    assert {each.name for each in INVARIANTS} == {*PLANTED, "audit_continues"}
    assert all(each.words.endswith(".") and each.remedy.endswith(".") for each in INVARIANTS)


def test_the_operations_page_has_every_invariant_and_stage() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    told = dict(re.findall(r"^\| `(\w+)` \| (critical|warning) \| ", page, re.MULTILINE))
    assert told == {each.name: str(each.severity) for each in INVARIANTS}
    table = page.partition("| stage | what waits |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) >= {stage.name for stage in STAGES}
