"""The reader of a life: holds each e-mail against what is so when it arrives, and follows its links then and in each later state."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from api.web.hosted.pages import Pages
from jalon.domain.statuses import SubscriptionStatus
from jalon.integrations.mail.formats import Language, formats
from jalon.rehearsal.sim.modelled.database import EntityRow, MailRow
from jalon.rehearsal.sim.modelled.mail_server import Letter
from jalon.rehearsal.sim.reading.figures import allowed, plain, seen, stated
from jalon.rehearsal.sim.reading.moments import Moment, Offer, View
from jalon.rehearsal.sim.reading.offers import Held, can_act
from jalon.rehearsal.sim.reading.pages import LINK, Browser
from jalon.rehearsal.sim.reading.paper import TEMPLATES, written
from jalon.rehearsal.sim.reading.sayings import SAYINGS
from jalon.rehearsal.sim.wiring import Paper
from jalon.rehearsal.sim.world import World

Read = TypeVar("Read")
Unjudged = tuple[str, str, Language, MailRow]
"""An e-mail that is held against a later projection: what it is, its text, its language and its row of the ledger."""
ASKING = frozenset(
    {
        "activation_reminder",
        "admin_transfer_pending",
        "certificate_requested",
        "contract_ready",
        "invitation",
        "payment_action_required",
        "payment_failed",
    }
)
"""The e-mails that ask their reader to act."""
OF_ORDER = frozenset({"order", "certificate"})
"""The links that lead to a page of an order, whatever sent them."""
IDLE = re.compile(r"[Nn]othing (?:more |you need )to do|n'avez (?:plus )?rien à faire")
MARKUP = re.compile(r"</?\w+[^>]*>|&\w+;")


class Reader:
    """Everybody who reads in one life."""

    def __init__(self, world: World, pages: Pages) -> None:
        self._world = world
        self._paper = world.paper
        self._browser = Browser(world, self._paper, pages)
        self._views: dict[str, list[tuple[datetime, View]]] = defaultdict(list)
        self._begun: dict[str, datetime] = {}
        self._offers: dict[Offer, datetime] = {}
        self._sent: dict[Offer, Unjudged] = {}
        self._ahead: dict[str, list[Unjudged]] = defaultdict(list)
        self._links: dict[str, dict[str, Held]] = defaultdict(dict)
        self._moments: dict[tuple[str, str, datetime], list[tuple[str, bool]]] = defaultdict(list)
        world.db.changed.append(self._guarded(self._changed))
        world.mail_server.arrived.append(self._guarded(self._arrived))

    def _guarded(self, read: Callable[[Read], None]) -> Callable[[Read], None]:
        """The same, where a fault of the reader ends no effect of the product, which would be tried again for ever."""

        def guarded(what: Read) -> None:
            try:
                read(what)
            except Exception as crash:  # noqa: BLE001 (whatever it was, the life goes on, and has failed)
                self._world.violated("crash", f"the reader of {what}: {type(crash).__name__}: {crash}"[:300])

        return guarded

    # -- e-mails -----------------------------------------------------------------------------------------------------------

    def _arrived(self, letter: Letter) -> None:
        mails = self._world.db.mails.values()
        intent = next(each for each in mails if each.message_id == letter.message_id)
        row = self._world.db.entities.get(intent.entity)
        if row is None or self._was_reset(row):
            # A run that was reset lives its past again, and writes with the dates of then.
            return
        person = self._world.db.parties[intent.party]
        language: Language = "fr" if person.language == "fr" else "en"
        self._hold(letter, intent, language)
        text = plain(letter.mail.subject) + " " + seen(letter.mail.html)
        offer = next(
            (held.offer for held in self._links[row.id].values() if held.token in letter.mail.text), None
        )
        what = f"{letter.template} to {intent.party}"
        self._world.marks(f"read: {letter.template} {language}")
        for held in self._links[row.id].values():
            if held.token in letter.mail.text:
                self._follow(held, row)
        views = self._in_force(row, intent)
        if any(_is_behind(row.kind, view, intent) for view in views):
            return
        moments = [self._moment(row, view, language, intent.party, offer, intent.at) for view in views]
        if letter.template == "invitation" and offer is not None and offer not in self._offers:
            # Its hours run from the sending, so their end is known only once the sending is recorded (T2).
            self._sent[offer] = (what, text, language, intent)
        elif row.at < intent.at:
            # It left while the database was away, before the transition that it tells of was recorded.
            self._ahead[row.id].append((what, text, language, intent))
        else:
            self._judge(what, text, moments)
        self._judge_text_part(what, letter, language)
        idle = bool(IDLE.search(text)) and letter.template not in ("renewal_notice", "purge_warning")
        self._together(what, row, intent, letter.template, idle=idle)

    def _was_reset(self, row: EntityRow) -> bool:
        return self._world.workflow_of(row) in self._world.engine.resets

    def _in_force(self, row: EntityRow, intent: MailRow) -> list[View]:
        """The projections in force from the moment for which the e-mail was written until now."""
        told = self._views[row.id]
        since = [view for at, view in told if at >= intent.at]
        return since or [row.view]

    def _hold(self, letter: Letter, intent: MailRow, language: Language) -> None:
        for kind, token in LINK.findall(letter.mail.text):
            link = self._paper.links.open(token)
            offer = None
            if kind == "invitation":
                seat, invitation = link.subject.split(".")[:2]
                offer = (link.entity, int(seat), int(invitation))
            self._links[link.entity][token] = Held(
                kind, token, link.entity, intent.party, language, letter.template, offer, link.subject
            )

    def _judge_text_part(self, what: str, letter: Letter, language: Language) -> None:
        text = letter.mail.text
        if MARKUP.search(text):
            self._world.violated("words", f"{what}: the text part holds markup")
        visible = re.sub(r'<div class="preheader".*?</div>', "", letter.mail.html, flags=re.DOTALL)
        missing = stated(seen(visible), language) - stated(plain(text) + plain(letter.mail.subject), language)
        if missing:
            self._world.violated("words", f"{what}: the text part lacks {sorted(missing)}")

    def _together(self, what: str, row: EntityRow, intent: MailRow, template: str, *, idle: bool) -> None:
        order = str(row.view.get("order_id") or row.id)
        moment = self._moments[order, intent.party, intent.at]
        moment.append((template, idle))
        asks = [name for name, _ in moment if name in ASKING]
        if asks and any(says for _, says in moment):
            self._world.violated("words", f"{what}: nothing to do, beside {asks}")

    # -- pages -------------------------------------------------------------------------------------------------------------

    def _changed(self, row: EntityRow) -> None:
        self._views[row.id].append((self._world.now, row.view))
        if row.kind == "subscription":
            if row.view["term_start"] and row.view["term_number"] == 0:
                self._begun[row.id] = datetime.fromisoformat(row.view["term_start"])
            for seat in row.view["seats"]:
                if seat["open_until"] and seat["invitation"]:
                    offer = (row.id, seat["number"], seat["invitation"])
                    self._offers[offer] = datetime.fromisoformat(seat["open_until"])
                    self._judge_sent(offer, row)
        for what, text, language, intent in self._ahead.pop(row.id, ()):
            self._judge(what, text, [self._moment(row, row.view, language, intent.party, None, intent.at)])
        order = self._world.db.entities.get(str(row.view.get("order_id")))
        for changed in (row, *([order] if order is not None else [])):
            # The page of an order tells of its lines.
            for held in self._links[changed.id].values():
                told_of = [changed, *(self._others(changed) if held.kind in OF_ORDER else ())]
                if (changed is row or held.kind in OF_ORDER) and not any(map(self._was_reset, told_of)):
                    self._follow(held, changed)

    def _judge_sent(self, offer: Offer, row: EntityRow) -> None:
        if offer in self._sent:
            what, text, language, intent = self._sent.pop(offer)
            self._judge(what, text, [self._moment(row, row.view, language, intent.party, offer, intent.at)])

    def _follow(self, held: Held, row: EntityRow) -> None:
        """Opens a link, and judges the page that it leads to."""
        what = f"the {held.kind} link of {held.template} to {held.party} for {row.id}, {row.view['standing']}"
        shown = self._browser.open(held.kind, held.token)
        moment = self._moment(row, row.view, held.language, held.party, held.offer, self._world.now)
        self._world.marks(f"followed: {held.kind} {row.status} {held.language}")
        if shown.status != 200:
            self._world.violated("links", f"{what}: {shown.status} {shown.text[:90]}")
            return
        if shown.language != held.language:
            self._world.violated("links", f"{what}: the page is in {shown.language}")
        for name in moment.named_by(held.kind):
            if plain(name) not in shown.text:
                self._world.violated("links", f"{what}: the page does not name {name}")
        if shown.has_form != can_act(held, moment):
            self._world.violated("links", f"{what}: a form is {'' if shown.has_form else 'not '}there")
        others = self._others(row) if held.kind in OF_ORDER else ()
        told = [
            self._moment(each, each.view, held.language, held.party, None, self._world.now) for each in others
        ]
        self._judge(f"page of {what}", shown.text, [moment, *told])

    def _others(self, row: EntityRow) -> list[EntityRow]:
        """The other entities of an order, which its page tells of: the order, and its lines."""
        order = str(row.view.get("order_id") or row.id)
        rows = self._world.db.entities.values()
        return [each for each in rows if each is not row and order in (each.id, each.view.get("order_id"))]

    # -- words -------------------------------------------------------------------------------------------------------------

    def _moment(
        self,
        row: EntityRow,
        view: View,
        language: Language,
        reader: str,
        offer: Offer | None,
        written: datetime,
    ) -> Moment:
        begun, live = self._begun.get(row.id), self._world.live
        # A sandbox store sends an e-mail at the instant for which it was written, wherever its test clock has come to.
        now = self._world.now if live else written
        return Moment(self._world, row, view, language, reader, begun, offer, self._offers, written, now)

    def _judge(self, what: str, text: str, moments: list[Moment]) -> None:
        language = moments[0].language
        fmt = formats(language, self._world.policy.store.zone)
        facts = {fact for moment in moments for fact in moment.facts()}
        for figure in sorted(stated(text, language) - allowed(facts, fmt)):
            self._world.violated("words", f"{what}: {figure} is no fact: {_around(text, figure)}")
        for saying in SAYINGS:
            for said in saying.pattern(language).finditer(text):
                self._world.marks(f"heard: {saying.en}")
                if not any(saying.holds(moment, said) for moment in moments):
                    self._world.violated("words", f"{what}: not so: {said[0]}")


def _is_behind(kind: str, view: View, intent: MailRow) -> bool:
    """Whether a parked charge keeps the next term from starting, so that the e-mail is about a term that the projection does not show."""
    if kind != "subscription" or view["status"] != SubscriptionStatus.ACTIVE:
        return False
    return datetime.fromisoformat(view["term_end"]) <= intent.at


def _around(text: str, figure: str) -> str:
    place = text.find(figure)
    return f"…{text[max(0, place - 50) : place + len(figure) + 20]}…"


@dataclass(frozen=True)
class Reading:
    """Reads lives whose e-mails and pages are made of these templates."""

    paper: Paper
    pages: Pages

    @classmethod
    def of(cls, templates: Path = TEMPLATES) -> Reading:
        """Reads what these templates say. They are compiled once for all lives."""
        return cls(written(templates), Pages(templates))

    def attend(self, world: World) -> None:
        """Reads everything that is written in a world."""
        Reader(world, self.pages)
