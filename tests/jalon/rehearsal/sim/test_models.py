"""Runs one script over the models of the database and over the product on PostgreSQL: the results are the same."""

from __future__ import annotations

from tests.jalon.rehearsal.sim.ledgers_contract import LedgersContract
from tests.jalon.rehearsal.sim.receipts_contract import ReceiptsContract
from tests.jalon.rehearsal.sim.records_contract import RecordsContract
from tests.jalon.rehearsal.sim.transitions_contract import TransitionsContract


class TestScript(ReceiptsContract, TransitionsContract, LedgersContract, RecordsContract):
    pass
