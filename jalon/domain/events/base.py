"""The base of every event: a frozen set of facts without personal data, under the name that the database and the API use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, ClassVar, Final

from jalon.domain.money import Money

EVENTS: dict[str, type[Event]] = {}
"""Every event by its name."""

STAFF_ONLY: Final[Mapping[str, bool]] = {"staff_only": True}
"""The metadata of a field that staff alone may read."""


class Absent(Enum):
    """The default of a key that some occurrences of an event do not have. A key without a value is None instead."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to an order or a subscription. A subclass enters `EVENTS` by itself.

    - The name is the class's name in snake_case. Rows and readers keep it, so a class never changes its name.
    - The fields are the keys of the recorded `data`, in their order. A key that an occurrence lacks is `ABSENT`.
    - `rule` is set where the event always serves the same rule.
    - `public` says whether others than staff may read the event; a `STAFF_ONLY` field stays hidden from them.
    - Instants are aware UTC; nothing is personal.
    """

    name: ClassVar[str]
    rule: ClassVar[str | None] = None
    public: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        """Name the subclass and register it."""
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        EVENTS[cls.name] = cls

    def data(self) -> dict[str, Any]:
        """The recorded keys in their order: money as `Money.as_dict`, everything else as the field holds it."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: _plain(value) for name, value in values if value is not ABSENT}

    @classmethod
    def staff_only(cls) -> frozenset[str]:
        """The keys that staff alone may read."""
        return frozenset(field.name for field in fields(cls) if field.metadata.get("staff_only"))


def _plain(value: Any) -> Any:
    return value.as_dict() if isinstance(value, Money) else value
