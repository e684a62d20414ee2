"""All mutations together."""

from __future__ import annotations

from functools import cache

from tests.rules.decisions import decision_mutations
from tests.rules.mutations import Mutation, code_mutations, planted
from tests.rules.values import value_mutations


@cache
def mutations() -> tuple[Mutation, ...]:
    """Every mutation: of values, of decisions, and the hand-written ones, without those that nobody can tell from the product."""
    told = planted()
    rules_of, without_rule = told["rules_of"], told["without_rule"]
    every = (
        *value_mutations(rules_of["values"], without_rule["values"]),
        *decision_mutations(rules_of["decisions"], without_rule["decisions"]),
        *code_mutations(),
    )
    return tuple(each for each in every if each.name not in told["equivalent"])


def unproved() -> dict[str, str]:
    """The rules of which no mutation is caught, each with the reason."""
    return {rule: str(why) for rule, why in planted()["unproved"].items()}
