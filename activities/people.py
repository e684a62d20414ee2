"""People of a store: looks up and sets up identities, and destroys what is purged."""

from __future__ import annotations

from temporalio import activity

from activities.contracts.base import Done
from activities.contracts.people import (
    FIND_IDENTITY,
    PURGE,
    SET_UP_IDENTITY,
    IdentityRequest,
    PartyAnswer,
    PartyQuestion,
    PurgeRequest,
)
from jalon.persistence.entities import records
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions


class People:
    """Reads and writes people, each under the person's own key."""

    def __init__(self, sessions: Sessions, parties: Parties) -> None:
        self._sessions = sessions
        self._parties = parties

    @activity.defn(name=FIND_IDENTITY.name)
    async def find_identity(self, question: PartyQuestion) -> PartyAnswer:
        """Whether the person had an identity by the given instant (T1). One set up later does not change the answer after a reset."""
        async with self._sessions.of(question.store) as tx:
            people = await self._parties.read(tx, question.party)
        person = people.get(question.party)
        identity_at = person.identity_at if person is not None else None
        return PartyAnswer(identity_at is not None and identity_at <= question.at)

    @activity.defn(name=SET_UP_IDENTITY.name)
    async def set_up_identity(self, request: IdentityRequest) -> Done:
        """Records the person's completed set-up (T2). Safe to repeat."""
        async with self._sessions.of(request.store) as tx:
            await self._parties.set_up_identity(tx, request.party, request.at)
        return Done()

    @activity.defn(name=PURGE.name)
    async def purge(self, request: PurgeRequest) -> Done:
        """Destroys what was stored for the customer's use (D17). Safe to repeat."""
        async with self._sessions.of(request.store) as tx:
            await records.purge(tx, request.subscription)
        return Done()
