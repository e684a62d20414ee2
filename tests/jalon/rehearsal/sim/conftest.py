"""A model and its original, each for the same script; the script's data come from the product's own tests."""

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
"""The variable with the URL of a migrated database that another process started."""

for _kept in ("ledgers", "mailer", "receipts", "records", "transitions", "trouble"):
    pytest.register_assert_rewrite(f"tests.jalon.rehearsal.sim.{_kept}_contract")


@pytest.fixture(scope="session")
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database: the given one, or one that starts for this session."""
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
    """The models over rows of their own, then the product over PostgreSQL, which starts for the product only."""
    if request.param == "model":
        return ModelSide()
    opened: Sessions = request.getfixturevalue("sessions")
    people: Parties = request.getfixturevalue("parties")
    return ProductSide(opened, people)
