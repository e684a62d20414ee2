"""Screens the parties of an order, and who joins them later, and decides on the findings (T5, T6, X19)."""

from __future__ import annotations

from temporalio import activity

from activities.contracts.screening import (
    SCREEN,
    SCREEN_PERSON,
    PersonScreened,
    PersonScreening,
    ScreeningRequest,
)
from activities.errors import translated
from jalon.domain.compliance.certificates import Certificate
from jalon.domain.compliance.export import ScreeningOutcome, decide, decide_person
from jalon.integrations.screening.port import PartyScreener
from jalon.persistence.people.parties import Parties, Party
from jalon.persistence.sessions import Sessions


class Screening:
    """Reads the certificate, asks the screening provider and decides. The answer to the workflow names no person."""

    def __init__(self, sessions: Sessions, parties: Parties, screener: PartyScreener) -> None:
        self._sessions = sessions
        self._parties = parties
        self._screener = screener

    @activity.defn(name=SCREEN.name)
    async def screen(self, request: ScreeningRequest) -> ScreeningOutcome:
        """The decision and its reasons. A list that cannot be used is a fault, so nobody is cleared by it."""
        certificate, names = await self._parties_of(request)
        countries = set(request.countries) | ({certificate.country_of_use} if certificate else set())
        with translated():
            answer = await self._screener.screen(names, sorted(countries))
        classes = {each for line in request.terms.lines for each in line.software_classes}
        return decide(
            certificate,
            sorted(countries),
            answer.matches,
            request.terms.export,
            sorted(classes),
            request.region,
        )

    @activity.defn(name=SCREEN_PERSON.name)
    async def screen_person(self, request: PersonScreening) -> PersonScreened:
        """The decision on one person by today's lists, and its reasons; and whether they have an identity.

        They are screened by the names that they have now, which are kept, so that a later change hides nothing (X18).
        """
        async with self._sessions.of(request.store) as tx:
            person = (await self._parties.read(tx, request.party)).get(request.party)
        names = _names_of(person)
        with translated():
            answer = await self._screener.screen(names, request.countries)
        identity_at = person.identity_at if person else None
        has_identity = identity_at is not None and identity_at <= request.at
        outcome = decide_person(names, answer.matches, request.export)
        return PersonScreened(outcome, has_identity, await self._kept(request, person))

    async def _kept(self, request: PersonScreening, person: Party | None) -> str | None:
        if person is None:
            return None
        names = {"name": person.name, "company": person.company, "language": person.language}
        async with self._sessions.of(request.store) as tx:
            return await self._parties.keep_names(tx, request.store, request.party, names)

    async def _parties_of(self, request: ScreeningRequest) -> tuple[Certificate | None, tuple[str, ...]]:
        asked = request.buyer_names or request.buyer
        async with self._sessions.of(request.store) as tx:
            people = await self._parties.read(tx, asked)
            answers = await self._parties.recall(tx, request.certificate) if request.certificate else None
        names = _names_of(people.get(asked))
        certificate = Certificate.from_answers(answers) if answers is not None else None
        if isinstance(certificate, Certificate):
            return certificate, tuple(dict.fromkeys((*names, *certificate.parties)))
        return None, names


def _names_of(person: Party | None) -> tuple[str, ...]:
    return tuple(name for name in (person.name, person.company) if name) if person else ()
