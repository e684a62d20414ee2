"""The policy's answers on a cart, a placement or a renewal, at the given instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python
from temporalio import activity

from activities.contracts.policy import (
    ASK_POLICY,
    RENEWAL_TERMS,
    CartAnswer,
    CartQuestion,
    RenewalAnswer,
    RenewalQuestion,
)
from jalon.domain.terms import OrderTerms
from jalon.persistence.entities import records
from jalon.persistence.sessions import Sessions
from jalon.policy.decisions.freezing import OfferWithdrawn, bound_by, frozen
from jalon.policy.decisions.placement import (
    cart_terms,
    check_cart,
    check_placement,
    check_terms,
    freeze,
    freeze_line,
    store_terms,
)
from jalon.policy.model.store_policy import StorePolicy

_ORDER_TERMS: TypeAdapter[OrderTerms] = TypeAdapter(OrderTerms)
_CART_ANSWER: TypeAdapter[CartAnswer] = TypeAdapter(CartAnswer)
_RENEWAL: TypeAdapter[RenewalAnswer] = TypeAdapter(RenewalAnswer)


class Policies:
    """Reads the policies that this process loaded when it started."""

    def __init__(self, sessions: Sessions, policies: Mapping[str, StorePolicy]) -> None:
        self._sessions = sessions
        self._policies = policies

    @activity.defn(name=ASK_POLICY.name)
    async def ask_policy(self, question: CartQuestion) -> CartAnswer:
        """Every violation at once; or the cart's terms and, for a placement, the frozen terms, stored for the auditor (G6).

        The answer is stored under the request's receipt, so a repeated question gets the same answer after a reset. So are the terms: a
        placement that is refused for another reason leaves none to a later one.
        """
        asked, placed = f"answer/{question.receipt}", f"placement/{question.receipt}"
        async with self._sessions.of(question.store) as tx:
            kept = await records.frozen_terms(tx, question.order, asked)
            if kept is not None:
                answer = _CART_ANSWER.validate_python(kept)
            else:
                answer = self._answer(question)
                terms = to_jsonable_python(replace(answer, order=None))
                await records.freeze_terms(tx, question.store, question.order, asked, terms)
                if answer.order is not None:
                    terms = to_jsonable_python(answer.order)
                    await records.freeze_terms(tx, question.store, question.order, placed, terms)
            if question.placement is not None and not answer.violations:
                terms = await records.frozen_terms(tx, question.order, placed)
                if terms is None:  # A release before named them by their turn.
                    terms = await records.frozen_terms(tx, question.order, f"placement/{question.turn}")
                answer = replace(answer, order=_ORDER_TERMS.validate_python(terms))
        return answer

    def _answer(self, question: CartQuestion) -> CartAnswer:
        policy, cart, placement = self._policies[question.store], question.cart, question.placement
        violations = (
            check_cart(policy, cart) if placement is None else check_placement(policy, cart, placement)
        )
        violations += check_terms(policy, cart, question.at)
        if violations:
            return CartAnswer(tuple(violations))
        if placement is not None:
            terms = freeze(policy, cart, placement, question.at)
            return CartAnswer((), order=terms, products=tuple(line.product for line in terms.lines))
        priced = frozen(policy, cart, question.at)
        products = tuple(line.product for line in priced.lines)
        classes = tuple(sorted({each for line in priced.lines for each in line.software_classes}))
        return CartAnswer(
            (),
            priced.store,
            cart_terms(policy),
            products=products,
            total=priced.total,
            software_classes=classes,
        )

    @activity.defn(name=RENEWAL_TERMS.name)
    async def renewal_terms(self, question: RenewalQuestion) -> RenewalAnswer:
        """The line on the terms that bind (X15); without such terms on those now in force, or on its former ones where it is not sold
        any more (G6, T11).
        """
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
        bound = renewed if question.bound is None else bound_by(question.bound, renewed)
        return RenewalAnswer(bound, store, renewed)
