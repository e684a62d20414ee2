"""Shops, and a client of their Temporal."""

from __future__ import annotations

import pytest
from temporalio.client import Client

from jalon.local.machine import Machine
from tests.support import temporal as engine


@pytest.fixture
async def client(machine: Machine) -> Client:
    """A client of the machine's Temporal."""
    return await engine.client_of(machine)
