"""The destination rules of an order: the installation's floor, and the rules of its store above it (T6, X20)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from jalon.policy.model.dated import Destination
from jalon.policy.model.sections import ExportPolicy

FLOOR = Path(__file__).parents[1] / "floor.toml"

_DESTINATIONS = TypeAdapter(tuple[Destination, ...])


@cache
def floor() -> tuple[Destination, ...]:
    """The rules that hold in every store. No store file lowers them."""
    written = tomllib.loads(FLOOR.read_text(encoding="utf-8"))
    return _DESTINATIONS.validate_python(written["destinations"], strict=False)


def destinations(policies: Iterable[ExportPolicy]) -> tuple[Destination, ...]:
    """The floor, then the rules of these policies."""
    return (*floor(), *(rule for policy in policies for rule in policy.destinations))


def in_force(policies: Iterable[ExportPolicy], day: date) -> tuple[Destination, ...]:
    """The rules that are in force on a day of the store's zone."""
    return tuple(rule for rule in destinations(policies) if rule.in_force_on(day))


def ruled_by_region(policies: Iterable[ExportPolicy]) -> frozenset[str]:
    """The countries of which a rule names regions. An address there needs its region."""
    return frozenset(region[:2] for rule in destinations(policies) for region in rule.regions)
