"""What a store's policy says of a cart, a placement or a renewal, at the instant it is asked."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter
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
from domain.order import Placement
from domain.terms import OrderTerms
from persistence import records
from persistence.sessions import Sessions
from policy.freezing import OfferWithdrawn, frozen
from policy.model import StorePolicy
from policy.placement import cart_terms, check_cart, check_placement, freeze, freeze_line, store_terms

_ORDER_TERMS: TypeAdapter[OrderTerms] = TypeAdapter(OrderTerms)
_RENEWAL: TypeAdapter[RenewalAnswer] = TypeAdapter(RenewalAnswer)


class Policies:
    """Asks the policies that this process read when it started."""

    def __init__(self, sessions: Sessions, policies: Mapping[str, StorePolicy]) -> None:
        self._sessions = sessions
        self._policies = policies

    @activity.defn(name=ASK_POLICY.name)
    async def ask_policy(self, question: CartQuestion) -> CartAnswer:
        """All violations at once; or the cart's terms and, for a placement, the frozen terms, kept for the auditor (G6)."""
        policy, cart, placement = self._policies[question.store], question.cart, question.placement
        if placement is not None:
            return await self._place(policy, question, placement)
        violations = check_cart(policy, cart)
        if violations:
            return CartAnswer(tuple(violations))
        priced = frozen(policy, cart, question.at)
        products = tuple(line.product for line in priced.lines)
        return CartAnswer((), priced.store, cart_terms(policy), products=products, total=priced.total)

    async def _place(self, policy: StorePolicy, question: CartQuestion, placement: Placement) -> CartAnswer:
        occurrence = f"placement/{question.turn}"
        async with self._sessions.of(question.store) as tx:
            kept = await records.frozen_terms(tx, question.order, occurrence)
            if kept is None:
                violations = check_placement(policy, question.cart, placement)
                if violations:
                    return CartAnswer(tuple(violations))
                terms = freeze(policy, question.cart, placement, question.at)
                await records.freeze_terms(
                    tx, question.store, question.order, occurrence, to_jsonable_python(terms)
                )
            else:
                terms = _ORDER_TERMS.validate_python(kept)
        return CartAnswer((), order=terms, products=tuple(line.product for line in terms.lines))

    @activity.defn(name=RENEWAL_TERMS.name)
    async def renewal_terms(self, question: RenewalQuestion) -> RenewalAnswer:
        """The line on the terms in force now; as before where the store no longer sells it (G6, T11)."""
        if question.announced:
            return self._renewed(question)
        occurrence = f"term/{question.term}"
        async with self._sessions.of(question.store) as tx:
            kept = await records.frozen_terms(tx, question.subscription, occurrence)
            if kept is not None:
                return _RENEWAL.validate_python(kept)
            answer = self._renewed(question)
            await records.freeze_terms(
                tx, question.store, question.subscription, occurrence, to_jsonable_python(answer)
            )
        return answer

    def _renewed(self, question: RenewalQuestion) -> RenewalAnswer:
        policy, line = self._policies[question.store], question.line
        store, currency = store_terms(policy, question.at), line.price.currency
        try:
            renewed = freeze_line(
                policy,
                line.sku,
                line.licence_kind,
                line.quantity,
                line.term,
                currency,
                question.at,
                line.language,
            )
        except OfferWithdrawn:
            renewed = line
        return RenewalAnswer(renewed, store)
