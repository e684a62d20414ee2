"""What a store's policy says of a cart, a placement or a renewal, at the instant it is asked."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic_core import to_jsonable_python
from temporalio import activity

from activities.contracts import (
    ASK_POLICY,
    RENEWAL_TERMS,
    CartAnswer,
    CartQuestion,
    RenewalAnswer,
    RenewalQuestion,
)
from persistence import records
from persistence.sessions import Sessions
from policy.freezing import OfferWithdrawn, frozen
from policy.model import StorePolicy
from policy.placement import cart_terms, check_cart, check_placement, freeze, freeze_line, store_terms


class Policies:
    """Asks the policies that this process read when it started."""

    def __init__(self, sessions: Sessions, policies: Mapping[str, StorePolicy]) -> None:
        self._sessions = sessions
        self._policies = policies

    @activity.defn(name=ASK_POLICY.name)
    async def ask_policy(self, question: CartQuestion) -> CartAnswer:
        """All violations at once; or the cart's terms and, for a placement, the frozen terms, kept for the auditor (G6)."""
        policy, cart = self._policies[question.store], question.cart
        placement = question.placement
        violations = check_placement(policy, cart, placement) if placement else check_cart(policy, cart)
        if violations:
            return CartAnswer(tuple(violations))
        if question.placement is None:
            priced = frozen(policy, cart, question.at)
            products = tuple(line.product for line in priced.lines)
            return CartAnswer((), priced.store, cart_terms(policy), products=products, total=priced.total)
        terms = freeze(policy, cart, question.placement, question.at)
        async with self._sessions.of(question.store) as tx:
            await records.keep_terms(tx, question.store, terms.sha256, to_jsonable_python(terms))
        return CartAnswer((), order=terms, products=tuple(line.product for line in terms.lines))

    @activity.defn(name=RENEWAL_TERMS.name)
    async def renewal_terms(self, question: RenewalQuestion) -> RenewalAnswer:
        """The line on the terms in force now; as before where the store no longer sells it (G6, T11)."""
        policy, line = self._policies[question.store], question.line
        store = store_terms(policy, question.at)
        try:
            renewed = freeze_line(
                policy,
                line.sku,
                line.licence_kind,
                line.quantity,
                line.term,
                line.price.currency,
                question.at,
            )
        except OfferWithdrawn:
            renewed = line
        return RenewalAnswer(renewed, store)
