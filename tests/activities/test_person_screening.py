"""A person who joins is screened by the names of that moment, which are kept, and held where there are none (X18, X19)."""

from __future__ import annotations

import dataclasses

import pytest

from activities.contracts.screening import PersonScreening
from activities.screening import Screening
from jalon.domain.compliance.export import Decision
from jalon.integrations.screening.registry import SAMPLE_LIST, SCREENERS
from jalon.persistence.ids import new_id
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from tests.activities.conftest import AT
from tests.workflows.subscription.screened import export

HERE = "geomatics"


@pytest.fixture
def screening(sessions: Sessions, parties: Parties) -> Screening:
    """Screens by the sample list."""
    return Screening(sessions, parties, SCREENERS["list_file"](SAMPLE_LIST))


def asked(party: str) -> PersonScreening:
    return PersonScreening(HERE, party, ("FR",), export().terms, AT)


@pytest.mark.rule("X18", "X19")
async def test_the_names_that_were_screened_stay_as_they_were(
    screening: Screening, sessions: Sessions, parties: Parties
) -> None:
    async with sessions.of(HERE) as tx:
        adam = await parties.meet(
            tx, HERE, email=f"{new_id('party')}@example.com", name="Adam Al Herz", language="fr"
        )
    found = await screening.screen_person(asked(adam))
    assert (found.outcome.decision, "Adam" in str(found)) == (Decision.HOLD, False)
    assert found.names is not None
    async with sessions.of(HERE) as tx:
        person = (await parties.read(tx, adam))[adam]
        await parties.change(tx, dataclasses.replace(person, name="Noé Petit"))
    renamed = await screening.screen_person(asked(adam))
    assert renamed.outcome.decision == Decision.CLEAR
    async with sessions.of(HERE) as tx:
        kept = await parties.read(tx, found.names, str(renamed.names))
    assert [kept[names].name for names in (found.names, str(renamed.names))] == ["Adam Al Herz", "Noé Petit"]


@pytest.mark.rule("X19")
async def test_a_person_whose_names_cannot_be_read_is_held(screening: Screening) -> None:
    found = await screening.screen_person(asked(new_id("party")))
    assert (found.outcome.decision, found.has_identity, found.names) == (Decision.HOLD, False, None)
