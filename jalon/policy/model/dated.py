"""Dated rules of law: data to be checked by the store's counsel, never legal advice."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import model_validator

from jalon.policy.model.keys import Section, key
from jalon.policy.model.vocabulary import CountryCode, DurationText, LineText, RegionCode, SoftwareClass


class Destination(Section):
    """One dated rule on destinations: data to be checked by the store's counsel, never legal advice."""

    countries: tuple[CountryCode, ...] = key("ISO 3166-1 codes it is about.", default=())
    regions: tuple[RegionCode, ...] = key("ISO 3166-2 codes it is about.", default=())
    software_classes: tuple[SoftwareClass, ...] = key("Only these classes; empty for all.", default=())
    action: Literal["block", "hold"] = key("`block` rejects the order, `hold` asks for a review (T6).")
    basis: LineText = key("Where the rule comes from.")
    valid_from: date | None = key("First day it is in force, in the store's zone.", default=None)
    valid_to: date | None = key("Last day it is in force, in the store's zone.", default=None)

    @model_validator(mode="after")
    def _is_about_somewhere(self) -> Self:
        if not self.countries and not self.regions:
            raise ValueError("a destination rule names countries or regions")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("a destination rule ends before it begins")
        return self

    def in_force_on(self, day: date) -> bool:
        """Whether the rule is in force on a day of the store's zone, both ends included."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


class LawfulNotice(Section):
    """One dated rule on the notice before a renewal: data to be checked by the store's counsel, never legal advice (C1)."""

    countries: tuple[CountryCode, ...] = key("ISO 3166-1 codes it is about.")
    earliest: DurationText = key("No more than this before the deadline to refuse the renewal.")
    latest: DurationText = key("No less than this before it.")
    sent: DurationText = key("When it is sent where the store sends none in that time.")
    basis: str = key("Where the rule comes from.", min_length=1)
    valid_from: date = key("First day it is in force, in the store's zone.")
