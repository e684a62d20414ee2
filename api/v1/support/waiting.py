"""What an entity waits for, whose turn it is and until when; and what happens next by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from api.http.rendering import in_zone
from api.v1.support.overview_answers import NextStep, SpokenEntry, Wait
from api.v1.support.reading import Known, Projected
from api.v1.support.sentences import standings_of_lines
from api.v1.support.spoken import Spoken
from api.v1.support.waits import ENDS, TURNS, Turn
from api.web.orders.states import UNDER_WAY
from jalon.domain.due import Due
from jalon.domain.emails import ContractReady, Milestone
from jalon.domain.kinds import KINDS
from jalon.domain.projections import AgendaEntry, OrderProjection, SubscriptionProjection, WaitingFor
from jalon.domain.statuses import AWAITED_NEWS, OrderStatus, SubscriptionStatus
from jalon.persistence.entities.overviews import LedgerMail

_MOMENTS = frozenset(
    {
        Due.CART_REMINDER, Due.ACTIVATION_REMINDER, Due.RENEWAL_NOTICE, Due.RENEWAL_UNANNOUNCED,
        Due.SEAT_LOSS_WARNING, Due.NEXT_SWITCH, Due.PURGE_WARNING,
    }
)  # fmt: skip
"""The entries that are an instant. All others are the first closed instant of something that is open until then."""


def wait_of(known: Known, spoken: Spoken) -> Wait | None:
    """The present wait; None where nothing is waited for."""
    code = known.projected.waiting_for
    if code is None:
        return None
    entry = _ends(known, code)
    turn = TURNS[code]
    if code is WaitingFor.ACTIVATION and _asks_customer(known):
        turn = Turn.CUSTOMER
    if code is WaitingFor.RENEWAL_NOTICE and entry is not None and entry.what == Due.REFUSAL:
        turn = Turn.CUSTOMER
    late = turn is Turn.CUSTOMER and entry is not None and entry.due_at <= known.now and not entry.held
    return _wait(
        known,
        spoken,
        code,
        Turn.US if late else turn,
        _since(known, code),
        None if entry is None or entry.held else entry.due_at,
        entry.rule if entry else None,
        "too_late" if late else code,
    )


def further_waits(known: Known, spoken: Spoken) -> list[Wait]:
    """What is waited for beside the first: a hold of a person, a transfer, and the tasks of support (T10, X16, X19)."""
    found = []
    each = known.projected
    if isinstance(each, SubscriptionProjection):
        for hold in each.holds:
            due = _first(each.agenda, (Due.HOLD_MAX,))
            found.append(("person_hold", Turn.COMPLIANCE, hold.opened_at, due.due_at if due else None, "X19"))
        if each.transfer is not None and each.transfer.is_open:
            found.append(
                ("admin_transfer", Turn.CUSTOMER, each.transfer.asked_at, each.transfer.accept_by, "X11")
            )
        if each.notice_missing_since is not None:
            begun = each.charge_waits_for is not None
            until = None if begun else each.term_end
            found.append(("notice_missing", Turn.SUPPORT, each.notice_missing_since, until, "X16"))
    if each.delayed_at is not None and _owes_news(each):
        found.append(("buyer_news", Turn.SUPPORT, each.delayed_at, None, "T10"))
    return [
        _wait(known, spoken, code, turn, since, until, rule, code) for code, turn, since, until, rule in found
    ]


def _owes_news(each: OrderProjection | SubscriptionProjection) -> bool:
    return each.status in AWAITED_NEWS or each.status is SubscriptionStatus.PENDING_ACTIVATION


def _wait(
    known: Known,
    spoken: Spoken,
    code: str,
    turn: Turn,
    since: datetime | None,
    until: datetime | None,
    rule: str | None,
    words: str,
) -> Wait:
    zone = known.policy.store.zone
    return Wait(
        code=code,
        words=spoken.own["waits"][words],
        turn=turn,
        turn_words=spoken.own["turns"][turn],
        since=in_zone(since, zone) if since else None,
        until=in_zone(until, zone) if until else None,
        until_words=spoken.fmt.until(until) if until else None,
        rule=rule,
    )


def _asks_customer(known: Known) -> bool:
    order = known.projected
    return isinstance(order, OrderProjection) and any(
        line.state in UNDER_WAY for line in standings_of_lines(known, order)
    )


def _ends(known: Known, code: WaitingFor) -> AgendaEntry | None:
    """The entry that ends the wait; of an order that waits for its lines, the earliest of theirs."""
    if code is WaitingFor.ACTIVATION:
        found = (_first(line.agenda, ENDS[code]) for line in known.lines)
        return min(filter(None, found), key=lambda each: each.due_at, default=None)
    return _first(known.projected.agenda, ENDS[code])


def _first(agenda: Iterable[AgendaEntry], kinds: tuple[Due, ...]) -> AgendaEntry | None:
    of_kind = {kind: next((each for each in agenda if each.what == kind), None) for kind in kinds}
    return next(filter(None, of_kind.values()), None)


def _since(known: Known, code: WaitingFor) -> datetime | None:
    each = known.projected
    if code is WaitingFor.OPERATOR:
        return min(step.since for step in each.parked)
    if isinstance(each, OrderProjection):
        held = each.hold.opened_at if each.hold and code is WaitingFor.COMPLIANCE_REVIEW else None
        return held or known.began_at or each.placed_at or each.created_at
    if each.past_due_since is not None and code in (WaitingFor.PAYMENT, WaitingFor.BUYER_PAYMENT_METHOD):
        return each.past_due_since
    if each.charge_waits_for is not None:
        return each.charge_waits_for.since
    ended = each.ended_at if code is WaitingFor.RETENTION else None
    return ended or known.began_at or each.term_start or each.ordered_at


# -- what happens next ---------------------------------------------------------------------------------------------------------------


def next_of(known: Known, spoken: Spoken) -> NextStep:
    """What happens next by itself: the earliest entry of the agenda, of an order that waits for its lines of theirs, too."""
    agendas = [(known.entity.id, known.projected)]
    if known.projected.status is OrderStatus.PROCESSING:
        agendas += [(line.id, line) for line in known.lines]
    due = [
        (entry.due_at, name, entry, of)
        for name, of in agendas
        for entry in still_to_come(known, of)
        if not entry.held
    ]
    if due:
        _, name, entry, of = min(due, key=lambda each: each[:2])
        at = in_zone(entry.due_at, known.policy.store.zone)
        words = entry_words(entry, of, spoken)
        return NextStep(
            what=entry.what, words=words, at=at, rule=entry.rule, protects=entry.protects, entity=name
        )
    return _without_date(known, spoken)


def _without_date(known: Known, spoken: Spoken) -> NextStep:
    awaited = next((each for each in milestones_of(known) if each.state != "reached"), None)
    words = spoken.own["next"]["over"]
    if awaited is not None:
        words = spoken.say("next", "milestone", milestone=spoken.pages["milestones"][awaited.label])
    what = awaited.label if awaited else None
    return NextStep(what=what, words=words, at=None, rule=None, protects=None, entity=known.entity.id)


def milestones_of(known: Known) -> tuple[Milestone, ...]:
    """The pole of the entity."""
    found: tuple[Milestone, ...] = KINDS.named(known.entity.kind).milestones(known.projected)
    return found


def still_to_come(known: Known, of: Projected) -> Iterator[AgendaEntry]:
    """The agenda without what comes to nothing: the watch for news of a line whose contract's e-mail left (T10)."""
    told = any(mail.entity == of.id and _is_news(mail) for mail in known.mails)
    for entry in of.agenda:
        if entry.what != Due.ORDER_NEWS or isinstance(of, OrderProjection) or not told:
            yield entry


def _is_news(mail: LedgerMail) -> bool:
    return mail.template == ContractReady.template and mail.state in ("accepted", "bounced")


def entry_words(entry: AgendaEntry, of: OrderProjection | SubscriptionProjection, spoken: Spoken) -> str:
    """An agenda entry in a sentence."""
    when, until = spoken.fmt.moment(entry.due_at, weekday=True), spoken.fmt.until(entry.due_at)
    if entry.held:
        return spoken.say("next", "held", when=until)
    key = str(entry.what)
    if entry.what == Due.TERM_END:
        renews = isinstance(of, SubscriptionProjection) and of.next_renewal_at is not None
        key = "term_end_renews" if renews else "term_end_ends"
    return spoken.say("next", key, when=when, until=until)


def agenda_words(known: Known, spoken: Spoken) -> list[SpokenEntry]:
    """The agenda of the entity, and of an order's subscriptions, the earliest first."""
    zone = known.policy.store.zone
    of: list[tuple[str | None, Projected]] = [(None, known.projected)]
    if isinstance(known.projected, OrderProjection):
        of += [(line.id, line) for line in known.lines]
    entries = [(entry, name, each) for name, each in of for entry in still_to_come(known, each)]
    return [
        SpokenEntry(
            due_at=in_zone(entry.due_at, zone),
            what=entry.what,
            rule=entry.rule,
            protects=entry.protects,
            held=entry.held,
            subject=entry.subject,
            entity=name,
            words=entry_words(entry, each, spoken),
        )
        for entry, name, each in sorted(entries, key=lambda row: row[0].due_at)
    ]
