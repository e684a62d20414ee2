"""A real database, through the application's role and through its owner's. Every test writes into a store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from jalon.domain.kinds import ORDER
from jalon.domain.transition import Transition
from jalon.local.machine import Machine
from jalon.persistence.ids import new_id
from jalon.persistence.people.parties import Parties
from jalon.persistence.people.vault import Vault
from jalon.persistence.sessions import Sessions

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
async def sessions(postgres: Machine) -> AsyncIterator[Sessions]:
    """Transactions on the application's role."""
    opened = Sessions.connect(postgres.environment["JALON_DATABASE_URL"])
    yield opened
    await opened.close()


@pytest.fixture
def here() -> str:
    """The id of a store that no other test uses."""
    return f"store-{new_id('record')[4:]}"


@pytest.fixture(scope="session")
def vault() -> Vault:
    """A vault under a committed test key."""
    return Vault(b"a vault key for tests, 32 bytes!")


@pytest.fixture(scope="session")
def parties(vault: Vault) -> Parties:
    """People encrypted by that vault."""
    return Parties(vault)


@pytest.fixture
def entity() -> str:
    """The id of an order that no other test uses."""
    return new_id(ORDER)


def transition(store: str, entity: str, seq: int, status: str = "cart", **more: object) -> Transition:
    """A transition with the fewest possible fields."""
    given: dict[str, object] = {
        "kind": "order",
        "at": AT,
        "view": {"id": entity, "status": status, "number": None, "parked": []},
        "next_due_at": None,
        "busy": False,
        "timeline": (),
        "audit": (),
        "settled": (),
        "messages": (),
    }
    return Transition(store=store, entity=entity, seq=seq, status=status, **(given | more))  # type: ignore[arg-type]
