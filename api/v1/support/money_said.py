"""What became of money, in one sentence and by row."""

from __future__ import annotations

from collections.abc import Sequence

from api.http.rendering import in_zone
from api.v1.support.overview_answers import MoneyLine, MoneySummary, PaidSoFar, PaidState
from api.v1.support.reading import Known
from api.v1.support.spoken import Spoken
from jalon.domain.money import Money
from jalon.domain.projections import OrderProjection
from jalon.domain.statuses import ORDER_OVER, SUBSCRIPTION_OVER
from jalon.persistence.entities.overviews import MoneyMove

_CHARGES, _REFUNDS = frozenset({"charge"}), frozenset({"refund"})
_SHOWN = _CHARGES | _REFUNDS | {"mandate", "release", "withdraw"}


def paid_of(known: Known, spoken: Spoken) -> PaidSoFar:
    """The state of the latest attempt that moves money; of a stored card where there was none."""
    moves = [each for each in known.payments if each.entity in known.concerned]
    money = [each for each in moves if each.purpose in _CHARGES | _REFUNDS]
    if money:
        return _said(known, spoken, _state(money[-1]), money[-1])
    stored = [each for each in moves if each.purpose == "mandate"]
    if stored and not _is_over(known):
        declined = stored[-1].state == "declined"
        return _said(known, spoken, "declined" if declined else "mandate", stored[-1])
    if _is_free(known.projected):
        return PaidSoFar(words=spoken.own["paid"]["free"], state="free", amount=None, at=None, code=None)
    words = spoken.own["paid"]["nothing_ever" if _is_over(known) else "nothing"]
    return PaidSoFar(words=words, state="nothing", amount=None, at=None, code=None)


def _is_free(each: object) -> bool:
    return isinstance(each, OrderProjection) and each.total is not None and not each.total.amount


def _is_over(known: Known) -> bool:
    return known.projected.status in ORDER_OVER | SUBSCRIPTION_OVER


def _state(move: MoneyMove) -> PaidState:
    if move.purpose in _REFUNDS:
        return "given_back" if move.state == "succeeded" else "giving_back"
    states: dict[str, PaidState] = {
        "succeeded": "captured",
        "declined": "declined",
        "action_required": "action_required",
    }
    return states.get(move.state, "pending")


def _said(known: Known, spoken: Spoken, state: PaidState, move: MoneyMove) -> PaidSoFar:
    amount = None if move.purpose == "mandate" else move.amount
    reasons = spoken.pages["declines"]
    facts = {
        "amount": spoken.fmt.money(move.amount),
        "when": spoken.fmt.day(move.at),
        "reason": reasons.get(move.code or "", reasons["other"]),
    }
    key = "declined_mandate" if state == "declined" and amount is None else state
    code = move.code if state == "declined" else None
    at = in_zone(move.at, known.policy.store.zone)
    return PaidSoFar(words=spoken.say("paid", key, **facts), state=state, amount=amount, at=at, code=code)


def money_of(known: Known) -> MoneySummary:
    """The sums, and the rows of the ledger, the latest first."""
    each, zone = known.projected, known.policy.store.zone
    moves = [move for move in known.payments if move.entity in known.concerned and move.purpose in _SHOWN]
    return MoneySummary(
        total=each.total if isinstance(each, OrderProjection) else each.amount,
        renewal=None if isinstance(each, OrderProjection) else each.renewal_amount,
        captured=_sum(moves, _CHARGES),
        refunded=_sum(moves, _REFUNDS),
        moves=[
            MoneyLine(
                entity=move.entity,
                purpose=move.purpose,
                state=move.state,
                amount=move.amount,
                code=move.code,
                provider=move.provider,
                reference=move.reference,
                term=move.term,
                at=in_zone(move.at, zone),
            )
            for move in reversed(moves)
        ],
    )


def _sum(moves: Sequence[MoneyMove], purposes: frozenset[str]) -> Money | None:
    done = [move.amount for move in moves if move.purpose in purposes and move.state == "succeeded"]
    return sum(done[1:], done[0]) if done else None
