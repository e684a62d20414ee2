"""Random choices from one seed: a stream for each purpose, and rates of trouble that differ from life to life."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from jalon.rehearsal.sim.focus import MORE_OFTEN, Focus

T = TypeVar("T")

TROUBLES: dict[str, tuple[float, float]] = {
    "worker_death": (2e-4, 1.5e-2),
    "api_death": (1e-3, 3e-2),
    "relay_death": (1e-3, 5e-2),
    "long_absence": (0.02, 0.3),
    "eviction": (0.01, 0.4),
    "database_away": (1e-3, 3e-2),
    "database_unanswered": (1e-3, 3e-2),
    "engine_away": (1e-3, 2e-2),
    "slow": (1e-3, 5e-2),
    "notify_lost": (0.02, 0.5),
    "left_to_relay": (0.01, 0.3),
    "doubled": (0.02, 0.4),
    "gateway_away": (0.01, 0.4),
    "gateway_lost": (0.01, 0.3),
    "gateway_unanswered": (0.01, 0.4),
    "gateway_spoilt": (0.01, 0.15),
    "gateway_refused": (0.01, 0.3),
    "gateway_forgets": (0.2, 1.0),
    "webhook_lost": (0.02, 0.3),
    "webhook_late": (0.05, 0.5),
    "mail_away": (0.01, 0.4),
    "mail_unacknowledged": (0.01, 0.2),
    "mail_refused": (0.005, 0.08),
    "mail_bounced": (0.05, 0.9),
    "mail_long_away": (0.005, 0.05),
    "screening_away": (0.02, 0.4),
    "long_history": (0.2, 1.0),
    "reset": (0.05, 1.0),
    "operator_parks": (0.02, 0.4),
    "policy_edit": (0.1, 1.0),
    "doors_shut": (0.1, 1.0),
    "late_command": (0.02, 0.3),
    "job_order": (0.5, 1.0),
}
"""Every kind of trouble with its lowest and highest rate in a life that has it."""

CALM = 0.45
"""The probability that a kind of trouble is left out of a life."""
CALM_WHEN_HARSH = 0.1


@dataclass
class Chance:
    """The random choices of one life. `without` names kinds of trouble that are left out, so that a failing life can be shrunk.

    `focus` makes the trouble that a hunt needs frequent. Without `focus`, no choice depends on it.
    """

    seed: int
    harsh: bool = False
    without: frozenset[str] = frozenset()
    focus: Focus | None = None
    over: bool = False
    rates: dict[str, float] = field(init=False)
    _streams: dict[str, Random] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.rates = {}
        calm = CALM_WHEN_HARSH if self.harsh else CALM
        for name, (least, greatest) in TROUBLES.items():
            draw = self.stream(f"rate of {name}")
            none, part = draw.random() < calm, draw.random()
            rate = 0.0 if none else math.exp(math.log(least) + part * (math.log(greatest) - math.log(least)))
            rate = rate if self.focus is None else self.focus.rates.get(name, 0.0)
            self.rates[name] = 0.0 if name in self.without else rate

    def stream(self, name: str) -> Random:
        """The random source of one purpose. Choices for other purposes do not affect it."""
        if name not in self._streams:
            self._streams[name] = Random(f"{self.seed}/{name}")
        return self._streams[name]

    def strikes(self, trouble: str) -> bool:
        """Whether this kind of trouble strikes now; never once the faults are over."""
        rate = self.rates[trouble]
        if not rate:
            return False
        return self.stream(trouble).random() < rate and not self.over

    def keeps(self, kind: str) -> bool:
        """Whether a kind of trouble, or an optional action of people, is part of this life."""
        return kind not in self.without

    def pick(self, name: str, choices: Sequence[T]) -> T:
        """One of the choices."""
        weights = self.focus.weights(name, choices) if self.focus else None
        if weights is not None:
            return self.stream(name).choices(choices, weights)[0]
        return self.stream(name).choice(choices)

    def weighed(self, name: str, choices: dict[T, float]) -> T:
        """One of the choices, by weight."""
        named = list(choices)
        weights = self.focus.weights(name, named) if self.focus else None
        return self.stream(name).choices(named, weights or list(choices.values()))[0]

    def falls(self, name: str, part: float) -> bool:
        """True with this probability."""
        weights = self.focus.weights(name, ("yes", "no")) if self.focus else None
        if weights is not None:
            part = weights[0] / sum(weights)
        return self.stream(name).random() < part

    def most(self, name: str, usual: int) -> int:
        """The limit on a kind of trouble in a life: `usual`, or more where the focus is on that kind."""
        return usual * MORE_OFTEN if self.focus and name in self.focus.rates else usual

    def between(self, name: str, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self.stream(name).randint(least, most)

    def span(self, name: str, least: float, most: float) -> float:
        """A length between the two, each order of magnitude with the same probability."""
        part = self.stream(name).random()
        return math.exp(math.log(least) + part * (math.log(most) - math.log(least)))
