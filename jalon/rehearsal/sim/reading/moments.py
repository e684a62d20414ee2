"""What is so at the moment in which somebody reads: the projections, the timeline, the provider's book and the store's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import closes_at, news_closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.calendar.periods import term_bounds
from jalon.domain.due import Due
from jalon.domain.events import DeadlineExtended, RenewalResumed, RenewalStopped
from jalon.domain.statuses import OrderStatus
from jalon.integrations.mail.formats import Formats, Language, formats
from jalon.rehearsal.sim.judge.facts import Facts
from jalon.rehearsal.sim.modelled.database import EntityRow, TimelineRow
from jalon.rehearsal.sim.modelled.gateway import Charge
from jalon.rehearsal.sim.reading.figures import facts_in, plain
from jalon.rehearsal.sim.world import World

View = dict[str, Any]
Offer = tuple[str, int, int]
"""An invitation: the subscription, the number of the seat and that of the invitation."""
UNDER_WAY = timedelta(minutes=2)
"""The time for which an e-mail is under way at most, from its rendering on."""
BY_HAND = {"payment", "charge", "refund", "release", "withdraw", "find"}


@dataclass(frozen=True)
class Moment:
    """One entity as its reader, the person `reader`, finds it written in `language`.

    `view` is a projection that was in force at that moment, `begun` the instant of the first term, `offer` the invitation that the
    reader holds a link to, `offers` until when each invitation was open, as far as anybody saw. The text was asked for at `written` and
    is read `now`.
    """

    world: World
    row: EntityRow
    view: View
    language: Language
    reader: str
    begun: datetime | None
    offer: Offer | None
    offers: dict[Offer, datetime]
    written: datetime
    now: datetime

    @property
    def status(self) -> str:
        """The status of the entity."""
        return str(self.view["status"])

    @cached_property
    def fmt(self) -> Formats:
        """How the reader writes dates and amounts."""
        return formats(self.language, self.world.policy.store.zone)

    @property
    def calendar(self) -> Calendar:
        """The store's calendar."""
        return Facts(self.world, self.row).calendar

    def at(self, name: str) -> datetime | None:
        """An instant of the projection."""
        value = self.view.get(name)
        return None if value is None else self.instant(value)

    @staticmethod
    def instant(text: str) -> datetime:
        """An instant of a projection."""
        return datetime.fromisoformat(text)

    def dues(self, *names: str) -> list[datetime]:
        """When these entries of the agenda are due."""
        return [self.instant(each["due_at"]) for each in self.view["agenda"] if each["what"] in names]

    def comes_before(self, closes_at: datetime | None) -> bool:
        """Whether an instant is still to come for the reader; an e-mail may have been under way for a while."""
        if closes_at is None:
            return False
        return max(self.written, self.now - UNDER_WAY) < closes_at

    def is_until(self, said: str, closes_at: datetime | None) -> bool:
        """Whether the words name the last open moment, or the day, before this instant."""
        if closes_at is None:
            return False
        return said in (plain(self.fmt.until(closes_at)), plain(self.fmt.through(closes_at)))

    def is_day(self, said: str, at: datetime | None) -> bool:
        """Whether the words name the day of this instant."""
        return at is not None and said == plain(self.fmt.day(at))

    # -- what the entity did -----------------------------------------------------------------------------------------------

    def told(self, event: str) -> Iterator[TimelineRow]:
        """The events of this name in the timeline."""
        rows = self.world.db.timeline
        return (row for row in rows if row.entity == self.row.id and row.entry.event == event)

    def has(self, event: str) -> bool:
        """Whether the timeline holds the event."""
        return any(self.told(event))

    @property
    def steps_done(self) -> bool:
        """Whether every activation step is done."""
        return all(step["done_at"] for step in self.view.get("steps", ()))

    @property
    def payment(self) -> str | None:
        """The state of the latest payment."""
        return (self.view["payment"] or {}).get("state")

    # -- pages -------------------------------------------------------------------------------------------------------------

    def named_by(self, kind: str) -> Iterator[str]:
        """What the page of a link of this kind names: the order's number, and what was ordered."""
        yield self.view["number"]
        if kind == "order" and "lines" in self.view and self.status != OrderStatus.CART:
            yield from (each["product"] for each in self.view["lines"] if each.get("product"))
        elif kind != "certificate" and "product" in self.view:
            yield self.view["product"]

    @property
    def takes_answers(self) -> bool:
        """Whether an order that asked for a certificate takes its answers now."""
        if self.status not in (OrderStatus.CART, OrderStatus.SUBMITTED) or self.view["certificate"]:
            return False
        closes = self.dues(Due.CERTIFICATE_WINDOW, Due.CART_ABANDONED)
        rules = (self.world.policy.rules_for(each["sku"], each["term"]) for each in self.view["lines"])
        return all(self.now < each for each in closes) and any(
            each.export.certificate_required for each in rules
        )

    # -- seats -------------------------------------------------------------------------------------------------------------

    def seats(self, state: str) -> Iterator[View]:
        """The reader's seats in a state; those of the invitation, where the reader holds a link to one."""
        for seat in self.view.get("seats", ()):
            mine = seat["party"] == self.reader
            if self.offer is not None:
                mine = (seat["number"], seat["invitation"]) == self.offer[1:]
            if mine and seat["state"] == state:
                yield seat

    # -- money -------------------------------------------------------------------------------------------------------------

    def charges(self) -> list[Charge]:
        """What the provider took for the entity; for a line that was paid with its order, what it took for the order."""
        mine = {self.row.id}
        if self.row.kind == "subscription" and self.view["charge_at"] == "order":
            mine.add(self.view["order_id"])
        book = self.world.gateway.charges.values()
        return [each for each in book if each.metadata["entity"] in mine and each.status == "succeeded"]

    def took(self, said: str) -> bool:
        """Whether the provider took this amount."""
        return self.by_hand or any(said == plain(self.fmt.money(each.amount)) for each in self.charges())

    @cached_property
    def by_hand(self) -> bool:
        """Whether an operator settled money outside the product, of which the provider's book knows nothing."""
        ids = {self.row.id, str(self.view.get("order_id"))}
        rows = [self.world.db.entities[each] for each in ids if each in self.world.db.entities]
        return any(Facts(self.world, row).by_hand & BY_HAND for row in rows)

    # -- figures -----------------------------------------------------------------------------------------------------------

    @cached_property
    def refusable_until(self) -> list[datetime]:
        """Until when a late notice of this moment leaves to refuse: by the store's notices, or by the law's (C1, X16)."""
        line = Facts(self.world, self.row).line_terms(int(self.view.get("term_number") or 0))
        if line is None or self.row.kind != "subscription":
            return []
        begun = next(Facts(self.world, self.row).said("begin"), None)
        law = (begun.body.get("notice_by_law") or {}) if begun else {}
        leads = {*line.renewal.notices_before, *filter(None, [law.get("latest")])}
        instants = (self.now, self.now - UNDER_WAY)
        return [
            closes_at(at, Duration.parse(each), self.calendar) for each in sorted(leads) for at in instants
        ]

    @property
    def next_end(self) -> datetime | None:
        """The end of the term that follows the running one."""
        if self.begun is None:
            return None
        number, term = int(self.view["term_number"]), Duration.parse(self.view["term"])
        return term_bounds(self.begun, term, number + 1, self.calendar)[1]

    def facts(self) -> list[object]:
        """Every instant and amount that may be stated: of the projection, of its order, and of what happened since then."""
        found: list[object] = [*facts_in(self.view), self.now]
        for row in self.world.db.entities.values():
            if row.id == self.view.get("order_id"):
                found += facts_in(row.view)
        for told in self.world.db.timeline:
            if told.entity == self.row.id and told.entry.at >= self.written:
                found += [told.entry.at, *facts_in(told.entry.data)]
        found += [until for (entity, *_), until in self.offers.items() if entity == self.row.id]
        past = (each for term in self.past_terms for each in term)
        return [
            *found,
            *past,
            *self.transfers_until,
            *self.switched_at,
            *self._of_basket(),
            self.next_end,
            self.news_by,
            *self.refusable_until,
        ]

    def _of_basket(self) -> Iterator[object]:
        """What the pages of an order tell besides: the prices of its lines in the store, and what happened to its certificate."""
        if self.row.kind != "order":
            return
        for line in self.view["lines"]:
            product = self.world.policy.products.get(line["sku"])
            price = product.price(self.view["currency"], line["term"]) if product else None
            if price is not None:
                yield from (price, price * line["quantity"])
        for event in ("certificate_answered", "certificate_requested", DeadlineExtended.name):
            for told in self.told(event):
                yield from (told.entry.at, *facts_in(told.entry.data))

    @property
    def past_terms(self) -> Iterator[tuple[datetime, datetime]]:
        """The terms that are over: their beginning and their end."""
        if self.begun is None:
            return
        term = Duration.parse(self.view["term"])
        for number in range(int(self.view["term_number"]) + 1):
            begins, ends = term_bounds(self.begun, term, number, self.calendar)
            if ends <= self.now:
                yield begins, ends

    @property
    def transfers_until(self) -> list[datetime]:
        """Until when each transfer of the administration was or is open."""
        return [self.instant(each.entry.data["accept_by"]) for each in self.told("admin_transfer_requested")]

    @property
    def switched_at(self) -> list[datetime]:
        """When the renewal was stopped and resumed, which its page lists with the receipts (D15)."""
        switches = (RenewalStopped.name, RenewalResumed.name)
        return [told.entry.at for name in switches for told in self.told(name)]

    @property
    def news_by(self) -> datetime | None:
        """Until when a placed order has news, where nobody has to wait for its buyer (T10)."""
        terms = Facts(self.world, self.row).order_terms if self.row.kind == "order" else None
        placed_at = self.at("placed_at")
        if terms is None or placed_at is None:
            return None
        return news_closes_at(placed_at, Duration.parse(terms.order_news_within), self.calendar, ())
