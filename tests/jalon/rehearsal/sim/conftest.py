"""A model and what it stands for, each for the same script; what a script needs it has from the tests of the product."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest

from jalon.local.machine import Machine
from jalon.persistence.people.parties import Parties
from jalon.persistence.sessions import Sessions
from tests.jalon.integrations.payments.conftest import key, order, provider, sandbox, shared_sandbox
from tests.jalon.persistence.conftest import entity, here, parties, vault
from tests.jalon.rehearsal.sim.model_side import ModelSide
from tests.jalon.rehearsal.sim.product_side import ProductSide
from tests.jalon.rehearsal.sim.sides import Side

__all__ = ["entity", "here", "key", "order", "parties", "provider", "sandbox", "shared_sandbox", "vault"]

LENT = "JALON_TEST_LENT_DATABASE_URL"
"""Names a migrated database that somebody else started."""

for _kept in ("ledgers", "mailer", "receipts", "records", "transitions", "trouble"):
    pytest.register_assert_rewrite(f"tests.jalon.rehearsal.sim.{_kept}_contract")


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database: the one that is lent, or one that starts for this session."""
    if LENT in os.environ:
        return os.environ[LENT]
    postgres: Machine = request.getfixturevalue("postgres")
    return postgres.environment["JALON_DATABASE_URL"]


@pytest.fixture(scope="session")
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    """Transactions on the application's role."""
    opened = Sessions.connect(database_url)
    yield opened
    await opened.close()


@pytest.fixture(params=["model", "product"])
def side(request: pytest.FixtureRequest) -> Side:
    """The models over rows of their own, then the product over PostgreSQL, which starts for the product alone."""
    if request.param == "model":
        return ModelSide()
    opened: Sessions = request.getfixturevalue("sessions")
    people: Parties = request.getfixturevalue("parties")
    return ProductSide(opened, people)
