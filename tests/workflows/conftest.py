"""Shops, and a client of their Temporal."""

from __future__ import annotations

import uuid

import pytest
from temporalio.client import Client

from tests.support import temporal as engine
from tests.support.machines import Serving


@pytest.fixture
async def client(machine: Serving) -> Client:
    """A client of the machine's Temporal."""
    return await engine.client_of(machine)


@pytest.fixture
async def plain_client(machine: Serving) -> Client:
    """A client of the machine's Temporal that neither converts nor encrypts payloads, for workflows of the tests."""
    given = machine.environment
    return await Client.connect(given["JALON_TEMPORAL_ADDRESS"], namespace=given["JALON_TEMPORAL_NAMESPACE"])


@pytest.fixture
def queue() -> str:
    """A task queue for one test, since other processes of the run use the same Temporal."""
    return f"test-{uuid.uuid4().hex}"
