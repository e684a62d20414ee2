"""The questions to a store's policy, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from activities.contracts.base import ActivityRef
from jalon.domain.money import Money
from jalon.domain.order import Cart, Placement
from jalon.domain.terms import CartTerms, LineTerms, OrderTerms, StoreTerms
from jalon.domain.violations import Violation


@dataclass(frozen=True)
class CartQuestion:
    """Asks the store's policy about an order's cart or, when `placement` is given, about its `turn`-th placement.

    The same `receipt` gets the same answer, also after a reset and after the store file changed. A release before kept the terms under
    `turn`.
    """

    store: str
    order: str
    receipt: str
    cart: Cart
    at: datetime
    placement: Placement | None = None
    turn: int = 0


@dataclass(frozen=True)
class CartAnswer:
    """Every violation at once.

    Without violations: the terms of the cart, its products, their software classes and total and, for a placement, the frozen terms.
    """

    violations: tuple[Violation, ...]
    store: StoreTerms | None = None
    cart: CartTerms | None = None
    order: OrderTerms | None = None
    products: tuple[str, ...] = ()
    total: Money | None = None
    software_classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RenewalQuestion:
    """Asks for the terms in force at `at` for the `term`-th term of a subscription (G6, T11).

    With `announced` the answer is for a renewal notice, and nothing is frozen. `bound` are the terms that bind the store (X15).
    """

    store: str
    subscription: str
    term: int
    line: LineTerms
    at: datetime
    announced: bool = False
    bound: LineTerms | None = None


@dataclass(frozen=True)
class RenewalAnswer:
    """The line on its next terms, which are those that bind where there are any (X15).

    `in_force` is the line on the terms now in force, or on its former terms when the store no longer sells it.
    """

    line: LineTerms
    store: StoreTerms
    in_force: LineTerms


ASK_POLICY = ActivityRef("ask_policy", CartQuestion, CartAnswer)


RENEWAL_TERMS = ActivityRef("renewal_terms", RenewalQuestion, RenewalAnswer)
