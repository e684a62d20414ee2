"""The facts of a kind of entity that every layer needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from jalon.domain.emails import Milestone
from jalon.domain.projections import Projection
from jalon.domain.violations import Violation

Of = TypeVar("Of", bound=Projection)


class IllegalMove(Exception):
    """A status was to follow another that it may not follow; an internal fault."""

    def __init__(self, former: StrEnum, following: StrEnum) -> None:
        super().__init__(f"{type(former).__name__}: {following} does not follow {former}")


@dataclass(frozen=True, eq=False)
class Kind(Generic[Of]):
    """One kind of entity.

    `prefix` begins its ids; `plural` is its folder in URLs; `moves` gives, for each status, those that may follow it. `milestones` reads
    a projection as a pole; `projection` is its class. `after_end` gives the refusal of a command (by name) to an entity that ended
    in a status.
    """

    name: str
    plural: str
    prefix: str
    moves: Mapping[StrEnum, frozenset[StrEnum]]
    milestones: Callable[[Of], tuple[Milestone, ...]]
    after_end: Callable[[str, str], Violation]
    projection: type[Of]

    @property
    def final(self) -> frozenset[StrEnum]:
        """The statuses that no status follows; in them the workflow takes no more updates."""
        return frozenset(status for status, following in self.moves.items() if not following)

    def is_id(self, text: str) -> bool:
        """Whether the text is an id of the kind."""
        return text.startswith(f"{self.prefix}_")

    def check_move(self, former: StrEnum, following: StrEnum) -> None:
        """Returns where the move is legal, and where both are the same. Raises IllegalMove."""
        if type(former) is not type(following) or (
            following != former and following not in self.moves[former]
        ):
            raise IllegalMove(former, following)


class Kinds:
    """The rows, in the order in which people meet the kinds. Raises ValueError where two share a name or a prefix."""

    def __init__(self, *rows: Kind[Any]) -> None:
        self._rows = {row.name: row for row in rows}
        if len(rows) != len(self._rows) or len(rows) != len({row.prefix for row in rows}):
            raise ValueError("two kinds share a name or a prefix")

    def __iter__(self) -> Iterator[Kind[Any]]:
        return iter(self._rows.values())

    def named(self, name: str) -> Kind[Any]:
        """The kind of this name. Raises LookupError."""
        return self._rows[name]

    def of_id(self, entity: str) -> Kind[Any] | None:
        """The kind of this id; None for an id of no entity."""
        return next((row for row in self if row.is_id(entity)), None)
