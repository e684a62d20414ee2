"""The overview of an order or a subscription, put together for support."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from api.http.rendering import in_zone, person
from api.v1.support.acts import acts_of
from api.v1.support.cancelling import cancelling_of
from api.v1.support.mail_said import mail_of
from api.v1.support.money_said import money_of, paid_of
from api.v1.support.overview_answers import (
    Band,
    Bought,
    KeptTerms,
    Links,
    Overview,
    Party,
    Related,
    Seats,
)
from api.v1.support.reading import Known, Projected
from api.v1.support.sentences import sentence_of
from api.v1.support.spoken import Spoken
from api.v1.support.waiting import agenda_words, further_waits, milestones_of, next_of, wait_of
from api.v1.timelines.answers import StoppedStep
from api.web.hosted.pages import Pages
from jalon.domain.kinds import ORDER, SUBSCRIPTION
from jalon.domain.projections import OrderProjection, SeatState, SubscriptionProjection
from jalon.integrations.mail.poles import pole
from jalon.persistence.entities.overviews import TermsKept
from jalon.settings import Settings


def overview_of(known: Known, spoken: Spoken, pages: Pages, settings: Settings, role: str) -> Overview:
    """The overview as a caller of this role finds it."""
    each, zone = known.projected, known.policy.store.zone
    return Overview(
        id=each.id,
        kind=known.entity.kind,
        store=each.store,
        number=each.number,
        purchase_order_number=each.purchase_order_number,
        status=each.status,
        standing=each.standing,
        buys=list(_bought(each, spoken)),
        zone=zone,
        clock="live" if known.live else "test",
        now=in_zone(known.now, zone),
        language=spoken.language,
        sentence=sentence_of(known, spoken, pages),
        waits=wait_of(known, spoken),
        also=further_waits(known, spoken),
        next=next_of(known, spoken),
        paid=paid_of(known, spoken),
        mail=mail_of(known, spoken),
        cancel=cancelling_of(known, spoken),
        pole=list(_bands(known, spoken)),
        agenda=agenda_words(known, spoken),
        stopped=list(_stopped(known)),
        parties=list(_parties(known)),
        money=money_of(known),
        terms=[_terms(known, kept) for kept in known.terms if kept.entity in known.concerned],
        actions=acts_of(known, spoken, role),
        links=Links(temporal=temporal_link(known, settings), trace=known.trace),
        related=list(_related(known)),
        recoveries=known.recoveries,
        mark=known.mark,
    )


def _bought(each: Projected, spoken: Spoken) -> Iterator[Bought]:
    seats = None
    if isinstance(each, SubscriptionProjection) and each.user_management:
        taken = [seat.state for seat in each.seats if seat.state is not SeatState.FREE]
        assigned = taken.count(SeatState.ASSIGNED)
        seats = Seats(total=each.seat_count, assigned=assigned, reserved=len(taken) - assigned)
    for line in each.lines if isinstance(each, OrderProjection) else (each,):
        said = spoken.say("buys", line.licence_kind) if line.licence_kind in spoken.own["buys"] else ""
        facts = {
            "quantity": str(line.quantity),
            "product": line.product or line.sku,
            "term": spoken.fmt.duration(line.term),
            "kind": said or line.licence_kind,
        }
        words = [spoken.say("buys", "line", **facts)]
        if seats is not None:
            key = "seats_reserved" if seats.reserved else "seats"
            numbers = {name: str(number) for name, number in seats.model_dump().items()}
            words.append(spoken.say("buys", key, **numbers))
        yield Bought(
            words=" · ".join(words),
            sku=line.sku,
            product=line.product,
            quantity=line.quantity,
            term=line.term,
            licence_kind=line.licence_kind,
            seats=seats,
        )


def temporal_link(known: Known, settings: Settings) -> str | None:
    """The address of the entity's workflow in the engine's own pages; None where no address of them is set."""
    if settings.temporal_ui_url is None:
        return None
    workflow = quote(f"{known.entity.kind}/{known.entity.store}/{known.entity.id}", safe="")
    return f"{settings.temporal_ui_url}/namespaces/{settings.temporal_namespace}/workflows/{workflow}"


def _bands(known: Known, spoken: Spoken) -> Iterator[Band]:
    milestones, zone = milestones_of(known), known.policy.store.zone
    for milestone, band in zip(milestones, pole(milestones, spoken.fmt, spoken.pages), strict=True):
        at = milestone.at or milestone.until
        yield Band(
            milestone=milestone.label,
            state=milestone.state,
            label=band.label,
            when=band.when,
            at=in_zone(at, zone) if at else None,
        )


def _stopped(known: Known) -> Iterator[StoppedStep]:
    for step in known.projected.parked:
        yield StoppedStep(
            step=step.step,
            cause=step.cause,
            fingerprint=step.fingerprint,
            since=step.since,
            reason=step.reason,
            editable=step.editable,
            stalled=False,
        )
    for each in known.stalled:
        yield StoppedStep(
            step=each.step,
            cause=each.cause,
            fingerprint=each.fingerprint,
            since=each.since,
            reason=None,
            editable={},
            stalled=True,
        )


def _parties(known: Known) -> Iterator[Party]:
    each, people = known.projected, known.people
    if each.buyer:
        yield Party(role="buyer", person=person(each.buyer, people, each.buyer_names))
    if isinstance(each, SubscriptionProjection):
        yield Party(role="admin", person=person(each.admin, people, each.admin_names))
        if each.transfer is not None:
            yield Party(role="new_admin", person=person(each.transfer.party, people))
        for hold in each.holds:
            yield Party(role="held", person=person(hold.party, people, hold.names))


def _terms(known: Known, kept: TermsKept) -> KeptTerms:
    each = known.projected
    documents = () if isinstance(each, OrderProjection) else each.terms_documents
    running = (
        kept.occurrence == f"term/{each.term_number}" if isinstance(each, SubscriptionProjection) else False
    )
    return KeptTerms(
        entity=kept.entity,
        occurrence=kept.occurrence,
        version=", ".join(f"{each.layer} {each.version}" for each in documents) if running else None,
        sha256=kept.sha256,
        policy_hash=kept.policy_hash,
        documents=[each.sha256 for each in documents] if running else [],
        recorded_at=kept.recorded_at,
    )


def _related(known: Known) -> Iterator[Related]:
    order = known.order
    if order is not None and order.id != known.entity.id:
        yield Related(
            id=order.id,
            kind=ORDER.name,
            number=order.number,
            status=order.status,
            standing=order.standing,
            product=None,
        )
    for line in known.lines:
        if line.id != known.entity.id:
            yield Related(
                id=line.id,
                kind=SUBSCRIPTION.name,
                number=line.number,
                status=line.status,
                standing=line.standing,
                product=line.product,
            )
