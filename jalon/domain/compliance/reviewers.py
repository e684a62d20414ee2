"""Whether two reviewers are two people, as far as their keys tell (T6)."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.texts import same_name


@dataclass(frozen=True, slots=True)
class DecidingKey:
    """The key that a decision was made with: its person, its issuer, and whether its person accepted it, which takes it from its issuer."""

    person: str
    issued_by: str
    accepted: bool

    @property
    def holders(self) -> frozenset[str]:
        """Everybody who may have the token, by the names that `same_name` makes."""
        seen = {self.person} if self.accepted else {self.person, self.issued_by}
        return frozenset(map(same_name, seen))


def two_people(one: DecidingKey, other: DecidingKey) -> bool:
    """Whether nobody holds both keys, and neither reviewer issued the key of the other."""
    return one.holders.isdisjoint(other.holders) and not (_issued(one, other) or _issued(other, one))


def _issued(one: DecidingKey, other: DecidingKey) -> bool:
    return same_name(one.person) == same_name(other.issued_by)
