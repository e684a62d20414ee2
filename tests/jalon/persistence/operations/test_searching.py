"""Support's search on a real database: every way to find, their order, whom it may show, and what an erasure leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.searching import SearchField
from jalon.persistence.entities import transitions
from jalon.persistence.ids import new_id
from jalon.persistence.operations.searching import Purchase, search
from jalon.persistence.people import remembering
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.remembering import Part
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT, transition


@dataclass(frozen=True)
class Bought:
    """An order with a subscription of one buyer."""

    buyer: str
    order: str
    subscription: str


@dataclass(frozen=True)
class Counter:
    """Sells in a store, an hour later each time."""

    sessions: Sessions
    parties: Parties
    store: str
    hours: list[int]

    async def sell(
        self, name: str, email: str, company: str | None = None, *, number: str, po: str | None = None
    ) -> Bought:
        self.hours.append(1)
        at = AT + timedelta(hours=len(self.hours))
        order, subscription = new_id(ORDER), new_id(SUBSCRIPTION)
        async with self.sessions.of(self.store) as tx:
            buyer = await self.parties.meet(
                tx, self.store, email=email, name=name, company=company, language="fr"
            )
            seen: dict[str, object] = {
                "number": number,
                "purchase_order_number": po,
                "buyer": buyer,
                "parked": [],
            }
            await transitions.record(
                tx, transition(self.store, order, 1, at=at, view={**seen, "id": order, "status": "cart"})
            )
            await transitions.record(
                tx,
                transition(
                    self.store, subscription, 1, kind="subscription", at=at, status="active",
                    view={**seen, "id": subscription, "order_id": order, "status": "active"},
                ),
            )  # fmt: skip
        return Bought(buyer, order, subscription)

    async def find(self, query: str, limit: int = 20) -> tuple[list[Purchase], bool]:
        async with self.sessions.of(self.store) as tx:
            return await search(tx, query, limit)

    async def first(self, query: str) -> tuple[str, str, str] | None:
        """The first result with what was found of it and how."""
        found, _ = await self.find(query)
        return (found[0].entity.id, found[0].match.field, found[0].match.how) if found else None


async def pay(tx: AsyncConnection, store: str, bought: Bought) -> None:
    """A charge, whose reference comes with the provider's answer."""
    await tx.execute(
        text(
            """insert into payment (key, store_id, entity_id, purpose, cycle, generation, amount, currency, provider, state, at)
               values (:entity, :store, :entity, 'charge', 0, 0, 1, 'EUR', 'sandbox', 'sent', :at)"""
        ),
        {"store": store, "entity": bought.subscription, "at": AT},
    )
    await tx.execute(
        text("update payment set outcome = jsonb_build_object('reference', 'pi_3Kx9Q') where key = :key"),
        {"key": bought.subscription},
    )


@pytest.fixture
def counter(sessions: Sessions, parties: Parties, here: str) -> Counter:
    return Counter(sessions, parties, here, [])


async def test_one_box_finds_a_purchase_by_everything_that_is_known_of_it(counter: Counter) -> None:
    ana = await counter.sell(
        "Ana-Lou Lefèvre", "ana.l@atelier.example", "Études Lefèvre & Fils",
        number="FAS-2026-730412", po="BC/77-41 Büro",
    )  # fmt: skip
    await counter.sell("Noé Petit", "noe@autre.example", number="FAS-2026-118855")
    expected = {
        "ANA.L@atelier.example": ("email", "exact"),
        " ana lou LEFEVRE ": ("name", "exact"),
        "Lefevre": ("name", "word"),
        "lefevre ana-lou": ("name", "word"),
        "Etudes Lefèvre & fils": ("company", "exact"),
        "#fas 2026 730412": ("number", "exact"),
        "730412": ("number", "word"),
        "7304": ("number", "prefix"),
        "BC 7741 buro": ("purchase_order_number", "exact"),
        "7741": ("purchase_order_number", "substring"),
        ana.order.upper(): ("id", "exact"),
        ana.order[4:]: ("id", "word"),
        ana.order[-9:]: ("id", "substring"),
        "atelier.ex": ("email", "prefix"),
        "elier.exam": ("email", "substring"),
        "ana.l@atelier.exmaple": ("email", "typo"),
        "Lefevvre": ("name", "typo"),
        "FAS-2026-73412": ("number", "typo"),
        "Etudse Lefevre Fils": ("company", "typo"),
    }
    for query, (field, how) in expected.items():
        assert await counter.first(query) == (ana.order, field, how), query
    for nothing in ("", " # ", "%", "@", "l%f_vre", "zz", "Lefvvvre", "atelier.net"):
        assert await counter.first(nothing) is None, nothing


async def test_a_purchase_is_shown_once_with_its_subscriptions(counter: Counter) -> None:
    ana = await counter.sell("Ana", "ana@a.example", number="FAS-2026-730412", po="PO-9")
    for query in ("Ana", "FAS-2026-730412", "PO-9"):
        (found,), _ = await counter.find(query)
        assert (found.entity.id, [part.entity.id for part in found.parts]) == (ana.order, [ana.subscription])
    (found,), _ = await counter.find("po9")
    assert found.parts[0].match == found.match
    (found,), _ = await counter.find(ana.subscription)
    assert (found.entity.id, found.parts) == (ana.subscription, ())


async def test_exact_comes_first_then_words_then_parts_then_typos_and_newer_before_older(
    counter: Counter,
) -> None:
    names = ("Marti", "Bo Martini", "Xmartinx", "Cy Martin", "Di Martin", "Ed Martinez")
    sold = [
        await counter.sell(name, f"{number}@m.example", number=f"FAS-2026-{number:06}")
        for number, name in enumerate(names)
    ]
    order = {each.order: name for each, name in zip(sold, names, strict=True)}

    async def found_by(query: str) -> list[tuple[str, str]]:
        found, more = await counter.find(query)
        assert not more
        return [(order[each.entity.id], each.match.how) for each in found]

    ranked = [
        ("Di Martin", "word"), ("Cy Martin", "word"), ("Ed Martinez", "prefix"), ("Bo Martini", "prefix"), ("Xmartinx", "substring"),
    ]  # fmt: skip
    assert await found_by("martin") == [*ranked, ("Marti", "typo")]
    whole = await counter.sell("Martin", "7@m.example", number="FAS-2026-000077")
    order[whole.order] = "Martin"
    assert await found_by("martin") == [("Martin", "exact"), *ranked[:-1]]
    found, _ = await counter.find("martin")
    few, more = await counter.find("martin", limit=2)
    assert ([each.entity.id for each in few], more) == ([each.entity.id for each in found[:2]], True)


async def test_who_holds_a_seat_or_was_written_to_finds_the_subscription(counter: Counter) -> None:
    ana = await counter.sell("Ana", "ana@a.example", number="FAS-2026-730412")
    async with counter.sessions.of(counter.store) as tx:
        told = {"company": None, "language": "fr"}
        holder, former = [
            await counter.parties.meet(tx, counter.store, email=f"{name}@a.example", name=name, **told)  # type: ignore[arg-type]
            for name in ("Zacharie", "Balthazar")
        ]
        view = {
            "id": ana.subscription, "order_id": ana.order, "number": "FAS-2026-730412", "buyer": ana.buyer,
            "status": "active", "parked": [], "seats": [{"number": 1, "party": holder}],
        }  # fmt: skip
        await transitions.record(
            tx,
            transition(counter.store, ana.subscription, 2, kind="subscription", status="active", view=view),
        )
        await tx.execute(
            text(
                """insert into mail (key, store_id, entity_id, party_id, template, message_id, state, at)
                   values (:key, :store, :entity, :party, 'welcome', :key, 'accepted', :at)"""
            ),
            {"key": former, "store": counter.store, "entity": ana.subscription, "party": former, "at": AT},
        )
    for name in ("zacharie", "balthaz"):
        (found,), _ = await counter.find(name)
        assert (found.entity.id, found.match.field) == (ana.subscription, "name")


async def test_another_store_is_never_found_and_the_table_cannot_be_read(
    counter: Counter, sessions: Sessions
) -> None:
    ana = await counter.sell("Ana Quatrebarbes", "quatre@a.example", "Barbes", number="FAS-2026-730412")
    other = replace(counter, store=f"{counter.store}-other")
    for query in (
        "Quatrebarbes",
        "quatrebar",
        "trebarb",
        "quatrebarbse",
        "barbes",
        "quatre@a.example",
        ana.order,
        "730412",
    ):
        assert await counter.first(query) is not None, query
        assert await other.find(query) == ([], False), query
    async with sessions.unscoped() as tx:
        assert await search(tx, "Quatrebarbes", 20) == ([], False)
    for statement in (
        "select 1 from search_text",
        "insert into search_text select * from search_text",
        "delete from search_text",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with sessions.of(counter.store) as tx:
                await tx.execute(text(statement))


async def test_an_erased_person_is_not_found_and_leaves_no_text(
    counter: Counter, sessions: Sessions, owner: Sessions
) -> None:
    ana = await counter.sell("Ana Quatrebarbes", "quatre@a.example", "Barbes", number="FAS-2026-730412")
    names = {"name": "Anaïs Quatrebarbes", "company": None, "language": "fr"}
    async with sessions.of(counter.store) as tx:
        await counter.parties.keep_names(tx, counter.store, ana.buyer, names)
    assert await counter.first("anais") == (ana.order, "name", "word")
    kept = text("select count(*) from search_text where subject = :id")
    async with owner.of(counter.store) as tx:
        assert (await tx.execute(kept, {"id": ana.buyer})).scalar_one() > 0
        await tx.execute(text("update party set wrapped_key = null where id = :id"), {"id": ana.buyer})
        assert (await tx.execute(kept, {"id": ana.buyer})).scalar_one() == 0
    for query in ("anais", "quatre@a.example", "barbes"):
        assert await counter.find(query) == ([], False), query
    assert await counter.first("730412") == (ana.order, "number", "word")


async def test_a_changed_address_is_found_and_the_former_one_is_not(counter: Counter) -> None:
    ana = await counter.sell("Ana", "ana@former.example", number="FAS-2026-730412")
    async with counter.sessions.of(counter.store) as tx:
        person = (await counter.parties.read(tx, ana.buyer))[ana.buyer]
        await counter.parties.change(tx, replace(person, email="ana@later.example", name="Anne"))
    assert await counter.first("ana@later.example") == (ana.order, "email", "exact")
    assert await counter.first("former.example") is None
    assert await counter.first("anne") == (ana.order, "name", "exact")


async def test_a_changed_number_and_a_payments_reference_are_found(counter: Counter, owner: Sessions) -> None:
    ana = await counter.sell("Ana", "ana@a.example", number="FAS-2026-730412", po="PO-1")
    view = {"id": ana.subscription, "order_id": ana.order, "number": "FAS-2026-730412", "buyer": ana.buyer,
            "status": "active", "parked": [], "purchase_order_number": "Neu-55/B"}  # fmt: skip
    async with counter.sessions.of(counter.store) as tx:
        await transitions.record(
            tx,
            transition(counter.store, ana.subscription, 2, kind="subscription", status="active", view=view),
        )
        await pay(tx, counter.store, ana)
    assert await counter.first("neu 55 b") == (ana.subscription, "purchase_order_number", "exact")
    assert await counter.first("PI_3kx9q") == (ana.subscription, "payment", "exact")


async def test_a_rebuild_writes_what_was_there(counter: Counter, owner: Sessions, vault: Vault) -> None:
    """Row by row, in pages of one that are written twice; an erased person stays out."""
    ana = await counter.sell("Ana Lys", "ana@a.example", "Lys & Fils", number="FAS-2026-730412", po="BC/7")
    gone = await counter.sell("Bob", "bob@b.example", number="FAS-2026-730413")
    async with counter.sessions.of(counter.store) as tx:
        given = {"name": "Ana Petit", "company": "Atelier", "language": "fr"}
        await counter.parties.keep_names(tx, counter.store, ana.buyer, given)
        person = (await counter.parties.read(tx, ana.buyer))[ana.buyer]
        await counter.parties.change(tx, replace(person, email="ana@new.example"))
        await pay(tx, counter.store, ana)
    here = {"here": counter.store}
    texts = text("select field, s::text from search_text s where store_id = :here order by 2")
    async with owner.of(counter.store) as tx:
        await tx.execute(text("update party set wrapped_key = null where id = :id"), {"id": gone.buyer})
        written = (await tx.execute(texts, here)).all()
        await tx.execute(text("delete from search_text where store_id = :here"), here)
    assert {row.field for row in written} == set(SearchField)
    async with counter.sessions.of(counter.store) as tx:
        expected = {Part.ENTITIES: 4, Part.PAYMENTS: 1, Part.PEOPLE: 2}
        assert await remembering.totals(tx) == expected
        for part in Part:
            after, seen = "", 0
            while (page := await remembering.write_page(tx, vault, part, after, 1)).upto is not None:
                assert await remembering.write_page(tx, vault, part, after, 1) == page
                after, seen = page.upto, seen + page.written
            assert seen == expected[part]
    async with owner.of(counter.store) as tx:
        assert (await tx.execute(texts, here)).all() == written
