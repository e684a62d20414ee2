"""How grave it is where something is as it must never be."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """Whether somebody is woken: CRITICAL is money, a contract or the record; WARNING is a promise that is about to be broken."""

    CRITICAL = "critical"
    WARNING = "warning"
