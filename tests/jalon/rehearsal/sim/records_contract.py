"""The contract of the smaller records, for the product and its model."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jalon.domain.kinds import ORDER, SUBSCRIPTION, Kind
from jalon.domain.transition import TimelineEntry
from jalon.persistence.entities.records import OUTAGE, SILENCE, Availability, Document
from jalon.persistence.ids import new_id
from tests.jalon.persistence.conftest import AT, transition
from tests.jalon.rehearsal.sim.sayings import DAY, TICK, write
from tests.jalon.rehearsal.sim.sides import Side

OVER = {
    ORDER: ("completed", "rejected", "cancelled", "expired"),
    SUBSCRIPTION: ("void", "purged"),
}
NOT_OVER = {
    ORDER: ("cart", "submitted", "screening", "processing", "purged", "a word"),
    SUBSCRIPTION: ("pending_activation", "active", "ended", "data_retained", "completed", "a word"),
}
SECOND = timedelta(seconds=1)


def document(entity: str, party: str, language: str = "fr") -> Document:
    id_ = new_id("document")
    return Document(id_, entity, language, f"sha of {id_}", "text/html", party, b"sealed")


class RecordsContract:
    """A stored record is not changed; outages and silences of the API are reported as they were."""

    async def test_terms_are_frozen_once_for_an_occurrence(self, side: Side, here: str, entity: str) -> None:
        body = {"price": "1200.00", "steps": [1, None, {"é": True}]}
        async with side.sessions.of(here) as tx:
            assert await side.records.frozen_terms(tx, entity, "term/1") is None
            before = await side.now(tx)
            await side.records.freeze_terms(tx, here, entity, "term/1", body)
            after = await side.now(tx)
            await side.records.freeze_terms(tx, here, entity, "term/1", {"price": "9.00"})
            assert await side.records.frozen_terms(tx, entity, "term/1") == body
            assert before <= await side.frozen_at(tx, entity, "term/1") <= after
            assert await side.records.frozen_terms(tx, entity, "term/2") is None
            assert await side.records.frozen_terms(tx, new_id(ORDER), "term/1") is None

    async def test_a_document_is_kept_once_for_an_entity_a_kind_and_a_language(
        self, side: Side, here: str, entity: str
    ) -> None:
        async with side.sessions.of(here) as tx:
            party = await side.person(tx, here)
            first, again = document(entity, party), document(entity, party)
            for each in (first, again):
                kept = await side.records.keep_document(tx, here, each, "contract", AT)
                assert kept == (first.id, first.sha256)
            english, others = document(entity, party, "en"), document(new_id(ORDER), party)
            for each, kind in ((again, "certificate"), (english, "contract"), (others, "contract")):
                assert await side.records.keep_document(tx, here, each, kind, AT) == (each.id, each.sha256)
            assert await side.records.read_document(tx, english.id) == english
            assert await side.records.read_document(tx, again.id) == again
            assert await side.records.read_document(tx, new_id("document")) is None

    @pytest.mark.rule("D17")
    async def test_a_purge_destroys_the_customers_data_and_nothing_else(
        self, side: Side, here: str, entity: str
    ) -> None:
        ended = {"id": entity, "status": "data_retained", "retained_until": AT.isoformat()}
        await write(side, transition(here, entity, 1, view=ended))
        async with side.sessions.of(here) as tx:
            party = await side.person(tx, here)
            mine = ("contract", "customer_data", "certificate", "invoice", "a kind to come")
            kinds = [*((entity, kind) for kind in mine), (new_id(ORDER), "customer_data")]
            for owner, kind in kinds:
                await side.records.keep_document(tx, here, document(owner, party), kind, AT)
            await side.records.purge(tx, entity)
            fresh = [(document(owner, party), kind) for owner, kind in kinds]
            kept = [await side.records.keep_document(tx, here, each, kind, AT) for each, kind in fresh]
        gone = [what for what, (id_, _), (each, _) in zip(kinds, kept, fresh, strict=True) if id_ == each.id]
        assert gone == [(entity, "customer_data")]

    @pytest.mark.parametrize("kind", [ORDER, SUBSCRIPTION], ids=lambda kind: kind.name)
    async def test_a_life_is_over_by_the_status_of_its_kind(
        self, side: Side, here: str, kind: Kind[Any]
    ) -> None:
        said, entity = {}, new_id(kind)
        for seq, status in enumerate((*OVER[kind], *NOT_OVER[kind])):
            await write(side, replace(transition(here, entity, seq, status), kind=kind.name))
            async with side.sessions.of(here) as tx:
                said[status] = await side.records.is_over(tx, entity)
                assert not await side.records.is_over(tx, new_id(kind))
        assert said == dict.fromkeys(OVER[kind], True) | dict.fromkeys(NOT_OVER[kind], False)

    async def test_the_view_is_the_last_one_recorded(self, side: Side, here: str, entity: str) -> None:
        views = [{"id": entity, "n": n, "parked": [{"at": None}]} for n in range(2)]
        for seq, view in enumerate(views):
            await write(side, transition(here, entity, seq, view=view))
        async with side.sessions.of(here) as tx:
            assert await side.records.view_of(tx, entity) == views[1]
            assert await side.records.view_of(tx, new_id(ORDER)) is None

    async def test_rest_is_noted_in_the_row_alone(self, side: Side, here: str, entity: str) -> None:
        await write(side, transition(here, entity, 1, timeline=(TimelineEntry(AT, "opened"),)))
        async with side.sessions.of(here) as tx:
            before = await side.projection(tx, entity)
            busy = []
            for given in (True, True, False):
                await side.records.note_rest(tx, entity, given)
                row = await side.projection(tx, entity)
                busy.append(row is not None and row.busy)
            await side.records.note_rest(tx, f"{entity}-other", True)
            assert await side.projection(tx, f"{entity}-other") is None
            assert await side.projection(tx, entity) == before
        assert busy == [True, True, False]

    async def test_outages_near_a_deadline_are_told_to_the_microsecond_earliest_first(
        self, side: Side, here: str
    ) -> None:
        first, last = AT - DAY, AT + 40 * DAY
        near = [(first - DAY, first + TICK), (AT, AT + DAY), (last - TICK, last + DAY)]
        async with side.undone(here) as tx:
            for outage in (*near[::-1], (first - DAY, first), (last, last + DAY)):
                await side.declare(tx, here, *outage)
            assert await side.records.availability_around(tx, here, AT, live=False) == Availability(
                tuple(near), False
            )
            assert await side.records.availability_around(tx, here, AT, live=True) == Availability(
                tuple(near), False
            )

    @pytest.mark.parametrize("ago", [DAY, OUTAGE - 2 * SECOND, timedelta()])
    async def test_a_case_knows_no_silence(self, side: Side, here: str, ago: timedelta) -> None:
        async with side.undone(here) as tx:
            await side.last_seen(tx, ago)
            assert await side.records.availability_around(tx, here, AT, live=False) == Availability((), False)

    @pytest.mark.parametrize("ago", [timedelta(), SILENCE - 2 * SECOND, SILENCE + TICK, OUTAGE - 2 * SECOND])
    async def test_a_live_stores_silence_is_no_outage_yet(
        self, side: Side, here: str, ago: timedelta
    ) -> None:
        async with side.undone(here) as tx:
            await side.last_seen(tx, ago)
            told = await side.records.availability_around(tx, here, AT, live=True)
        assert told == Availability((), ago > SILENCE)

    async def test_a_live_stores_long_silence_is_an_outage_up_to_now(self, side: Side, here: str) -> None:
        declared: tuple[datetime, datetime] = (AT, AT + DAY)
        async with side.undone(here) as tx:
            await side.declare(tx, here, *declared)
            seen, before = await side.last_seen(tx, OUTAGE + TICK), await side.now(tx)
            told = await side.records.availability_around(tx, here, AT, live=True)
            after = await side.now(tx)
        first, (began, ended) = told.outages
        assert (first, began, told.silent) == (declared, seen, False)
        assert before <= ended <= after
