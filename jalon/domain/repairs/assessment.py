"""What a plan says of each entity: what will be done, what took effect already, what might have, and what is refused and why.

Nothing here asks anybody: the facts come from the projections and the ledgers, and equal facts make an equal version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jalon.domain.error_codes import ErrorCode
from jalon.domain.money import Money
from jalon.domain.repairs.names import RepairAction

SETTLED = frozenset({"succeeded"})
UNKNOWN = frozenset({"sent", "unknown"})
COMPENSABLE = frozenset({"payment", "charge", "screening"})
DONE_WORDS = {
    "charge": "was charged",
    "mandate": "stored the authority to charge",
    "refund": "was refunded",
    "release": "gave the authority to charge back",
    "withdraw": "withdrew what waited for the buyer",
    "mail": "was taken by the mail server",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """One row of a ledger: the purpose of a payment, or `mail`, with its state there. `key` names it and never repeats."""

    key: str
    what: str
    state: str
    amount: Money | None = None


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What is recorded about one selected step. `kind` is None where no visible store has the entity; `parked` is the projection's.

    Of a workflow task that fails, `effects` are those since the entity's last transition, `after_seq` is its number, and `open_commands`
    counts the commands without an outcome.
    """

    entity: str
    step: str
    store: str
    kind: str | None
    number: str | None
    status: str | None
    parked: Mapping[str, Any] | None
    other_repair: str | None
    effects: tuple[Effect, ...] = ()
    after_seq: int | None = None
    open_commands: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step is left out."""

    code: ErrorCode
    message: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the plan says of one step."""

    facts: ItemFacts
    will: str | None
    will_not_repeat: tuple[Effect, ...]
    might: tuple[Effect, ...]
    refused: Refusal | None

    @property
    def fingerprint(self) -> str | None:
        """The cause at which the step stands."""
        return None if self.facts.parked is None else str(self.facts.parked["fingerprint"])

    @property
    def at_stake(self) -> Money | None:
        """The amount that the step was to move, where its ledger names one that has not moved."""
        return next((each.amount for each in self.facts.effects if each.state not in SETTLED), None)

    @property
    def went_on(self) -> bool:
        """Whether there is nothing to reset any more: Temporal's own next attempt did it."""
        return self.refused is not None and self.refused.code is ErrorCode.NOT_FAILING

    def found(self, action: RepairAction) -> str:
        """A short text that is equal as long as the step stands as it does."""
        facts = self.facts
        parked = facts.parked and [facts.parked["fingerprint"], facts.parked["since"]]
        if action is RepairAction.RESET:
            parked = parked and [facts.after_seq]
        code = self.refused.code if self.refused else None
        effects = sorted([effect.key, effect.state] for effect in facts.effects)
        said = json.dumps([facts.entity, facts.step, parked, code, effects])
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def as_plan(self) -> dict[str, Any]:
        """The part that is kept with the item."""
        return {
            "will": self.will,
            "will_not_repeat": [effect_words(each) for each in self.will_not_repeat],
            "might": [effect_words(each) for each in self.might],
        }


@dataclass(frozen=True, slots=True)
class Sum:
    """How often the same is said in a plan, and the money that it is about."""

    what: str
    words: str
    count: int
    money: tuple[Money, ...] = ()


def assess(facts: ItemFacts, action: RepairAction, edited: frozenset[str]) -> Assessment:
    """What the action does to one step."""
    refusal = _refusal(facts, action, edited)
    if refusal is not None:
        return Assessment(facts, None, (), (), refusal)
    done = tuple(each for each in facts.effects if each.state in SETTLED)
    unsure = tuple(each for each in facts.effects if each.state in UNKNOWN)
    if action is RepairAction.COMPENSATE:
        back = [each for each in done if each.what in {"charge", "mandate"}]
        will = "give the step up" + (f" and undo {len(back)} payment effect(s)" if back else "")
        return Assessment(facts, f"{will}; the order or line ends", (), unsure, None)
    if action is RepairAction.RESET:
        return Assessment(facts, _reset_words(facts), done, unsure, None)
    will = f"{action} the step {facts.step}" + (
        f" with another {', '.join(sorted(edited))}" if edited else ""
    )
    return Assessment(facts, will, done, unsure if action is RepairAction.RETRY else (), None)


def _reset_words(facts: ItemFacts) -> str:
    commands = f" and apply {facts.open_commands} open command(s) again" if facts.open_commands else ""
    return f"reset the entity to the point before the fault{commands}"


def _refusal(facts: ItemFacts, action: RepairAction, edited: frozenset[str]) -> Refusal | None:
    if facts.kind is None:
        return Refusal(ErrorCode.NOT_FOUND, "No entity with this id can be seen with your key.")
    if facts.other_repair is not None:
        message = f"The repair {facts.other_repair} is at work on this step; wait for it, or abort it."
        return Refusal(ErrorCode.IN_ANOTHER_REPAIR, message)
    if action is not RepairAction.RESET:
        return _refused_step(facts, action, edited)
    if facts.parked is None:
        return Refusal(ErrorCode.NOT_FAILING, f"The workflow task of {facts.entity} does not fail.")
    return None


def _refused_step(facts: ItemFacts, action: RepairAction, edited: frozenset[str]) -> Refusal | None:
    if facts.parked is None:
        return Refusal(ErrorCode.NOT_PARKED, f"The step {facts.step} is not parked any more.")
    unknown = edited - set(facts.parked["editable"])
    if unknown:
        message = f"{', '.join(sorted(unknown))} may not be edited in the step {facts.step}."
        return Refusal(ErrorCode.NOT_EDITABLE, message)
    if action is RepairAction.COMPENSATE and facts.step.partition("/")[0] not in COMPENSABLE:
        message = f"{facts.step} has nothing to undo: retry it, or skip it with evidence."
        return Refusal(ErrorCode.NOT_COMPENSABLE, message)
    return None


def changed_since(step: str) -> Refusal:
    """The refusal of a step that does not stand any more as its plan read it, when its turn comes."""
    return Refusal(ErrorCode.STEP_CHANGED, f"The step {step} does not stand as the plan read it.")


def version_of(
    action: RepairAction,
    options: Mapping[str, Any],
    assessed: Sequence[Assessment],
    planned: Sequence[str] | None = None,
) -> str:
    """A short text that is equal as long as the selection, its states and the options are.

    `planned` is what the plan had found of each step. A step that went on by itself since leaves the plan of a reset as it was: nothing is
    done to it, and of thousands one goes on every second.
    """
    found = [each.found(action) for each in assessed]
    if planned is not None:
        both = zip(assessed, found, planned, strict=True)
        found = [former if each.went_on else now for each, now, former in both]
    told = json.dumps([action, dict(options), found], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def sums_of(assessed: Sequence[Assessment]) -> tuple[list[Sum], list[Sum], list[Sum]]:
    """What will be done, what will not repeat, and what might have happened, each summed over the plan."""
    will, done, unsure = _Sums(), _Sums(), _Sums()
    for each in assessed:
        if each.will is not None:
            will.add(each.will, each.will, each.at_stake)
        for effect in each.will_not_repeat:
            done.add(
                effect.what, f"{effect.what} {DONE_WORDS[effect.what]}; it does not repeat", effect.amount
            )
        for effect in each.might:
            unsure.add(effect.what, _unsure_words(effect), effect.amount)
    return will.sums(), done.sums(), unsure.sums()


def money_of(amounts: Iterable[Money | None]) -> tuple[Money, ...]:
    """The amounts added up, one for each currency, by currency."""
    added: dict[str, Decimal] = {}
    for amount in amounts:
        if amount is not None:
            added[amount.currency] = added.get(amount.currency, Decimal()) + amount.amount
    return tuple(Money(added[currency], currency) for currency in sorted(added))


def effect_words(effect: Effect) -> str:
    """One effect in words, with its amount and the start of its key."""
    amount = f" {effect.amount.amount} {effect.amount.currency}" if effect.amount else ""
    words = DONE_WORDS[effect.what] if effect.state in SETTLED else _unsure_words(effect)
    return f"{effect.what}{amount} {words} (key {effect.key[:12]})"


def _unsure_words(effect: Effect) -> str:
    if effect.what == "mail":
        return "may have arrived; it is sent again under the same Message-ID"
    return "has an unknown outcome; the provider is asked for it first, under the same key"


class _Sums:
    """Adds up what is said, in the order in which it was first said."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._money: dict[str, list[Money | None]] = {}

    def add(self, what: str, words: str, amount: Money | None) -> None:
        self._words.setdefault(what, words)
        self._counts[what] = self._counts.get(what, 0) + 1
        self._money.setdefault(what, []).append(amount)

    def sums(self) -> list[Sum]:
        return [
            Sum(what, words, self._counts[what], money_of(self._money[what]))
            for what, words in self._words.items()
        ]
