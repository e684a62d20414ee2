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

LENT = "JALON_TEST_LENT_DATABASE_URLS"
"""The variable with the URLs of a migrated database that another process started: the application's and the owner's."""

for _kept in ("ledgers", "mailer", "receipts", "records", "transitions", "trouble"):
    pytest.register_assert_rewrite(f"tests.jalon.rehearsal.sim.{_kept}_contract")


@pytest.fixture(scope="session")
def database_urls(request: pytest.FixtureRequest) -> str:
    """The URLs of a migrated database, the application's and the owner's: the given one's, or one's that starts for this session."""
    if LENT in os.environ:
        return os.environ[LENT]
    postgres: Machine = request.getfixturevalue("postgres")
    return f"{postgres.environment['JALON_DATABASE_URL']} {postgres.owner_url}"


@pytest.fixture(scope="session")
async def sessions(database_urls: str) -> AsyncIterator[Sessions]:
    """Transactions on the application's role."""
    opened = Sessions.connect(database_urls.split(maxsplit=1)[0])
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def owner(database_urls: str) -> AsyncIterator[Sessions]:
    """Transactions on the owner's role."""
    opened = Sessions.connect(database_urls.split()[1], pool_size=2)
    yield opened
    await opened.close()


@pytest.fixture(params=["model", "product"])
def side(request: pytest.FixtureRequest) -> Side:
    """The models over rows of their own, then the product over PostgreSQL, which starts for the product only."""
    if request.param == "model":
        return ModelSide()
    opened: Sessions = request.getfixturevalue("sessions")
    people: Parties = request.getfixturevalue("parties")
    owner: Sessions = request.getfixturevalue("owner")
    return ProductSide(opened, owner, people)
