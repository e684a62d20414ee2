"""What a plan says of one step, and when two plans say the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from jalon.domain.error_codes import ErrorCode
from jalon.domain.money import Money
from jalon.domain.repairs.assessment import (
    Assessment,
    Effect,
    ItemFacts,
    assess,
    money_of,
    sums_of,
    version_of,
)
from jalon.domain.repairs.names import RepairAction

EUR = Money(Decimal("560.00"), "EUR")
TAKEN, LOST = Effect("a" * 64, "charge", "succeeded", EUR), Effect("b" * 64, "charge", "unknown", EUR)
PARKED = {"fingerprint": "0123456789ab", "since": "2026-03-02T09:00:00Z", "editable": {"method": "card_ok"}}
FACTS = ItemFacts("ord_1", "payment", "drafting", "order", "DRA-1", "submitted", PARKED, None, (LOST,))
RETRY, SKIP, COMPENSATE = RepairAction.RETRY, RepairAction.SKIP, RepairAction.COMPENSATE
RESET = RepairAction.RESET


def assessed(action: RepairAction = RETRY, *edited: str, **changes: Any) -> Assessment:
    return assess(replace(FACTS, **changes), action, frozenset(edited))


def code(each: Assessment) -> ErrorCode | None:
    return each.refused.code if each.refused else None


def test_what_took_effect_does_not_repeat_and_what_is_unknown_is_asked_for() -> None:
    lost, taken = assessed(), assessed(effects=(TAKEN,))
    assert (lost.will_not_repeat, lost.might, lost.at_stake) == ((), (LOST,), EUR)
    assert (taken.will_not_repeat, taken.might, taken.at_stake) == ((TAKEN,), (), None)
    will, done, unsure = sums_of([lost, lost, taken])
    assert [(each.what, each.count, each.money) for each in will] == [
        ("retry the step payment", 3, (Money(Decimal("1120.00"), "EUR"),))
    ]
    assert [(each.what, each.count) for each in (*done, *unsure)] == [("charge", 1), ("charge", 2)]
    assert assessed(SKIP).might == ()


def test_what_cannot_be_done_is_refused_with_its_reason() -> None:
    assert code(assessed()) is None
    assert code(assessed(kind=None)) is ErrorCode.NOT_FOUND
    assert code(assessed(parked=None)) is ErrorCode.NOT_PARKED
    assert code(assessed(other_repair="INC-1")) is ErrorCode.IN_ANOTHER_REPAIR
    assert code(assessed(RETRY, "method")) is None
    assert code(assessed(RETRY, "method", "party")) is ErrorCode.NOT_EDITABLE
    assert code(assessed(COMPENSATE)) is None
    assert code(assessed(COMPENSATE, step="mail/order-confirmed")) is ErrorCode.NOT_COMPENSABLE


def test_a_version_changes_with_what_the_plan_found_and_with_nothing_else() -> None:
    def version(*each: Assessment, action: RepairAction = RETRY, **options: Any) -> str:
        return version_of(action, options, each)

    same = version(assessed())
    assert version(assessed(number="DRA-2", status="processing")) == same
    changed = [
        version(assessed(), assessed(entity="ord_2")),
        version(assessed(parked=PARKED | {"since": "2026-03-02T09:00:01Z"})),
        version(assessed(effects=(replace(LOST, state="succeeded"),))),
        version(assessed(parked=None)),
        version(assessed(), canary=1),
        version(assessed(), action=SKIP),
    ]
    assert len({same, *changed}) == 7


def test_the_plan_of_a_reset_stands_while_some_go_on_by_themselves() -> None:
    def task(entity: str, **changes: Any) -> Assessment:
        usual: dict[str, Any] = {"step": "workflow_task", "effects": (), "after_seq": 3}
        return assessed(RESET, entity=entity, **(usual | changes))

    failing, gone = [task("ord_1"), task("ord_2")], [task("ord_1", parked=None), task("ord_2")]
    planned = [each.found(RESET) for each in failing]
    assert [each.went_on for each in gone] == [True, False]
    version = version_of(RESET, {}, failing)
    assert version_of(RESET, {}, gone, planned) == version
    assert version_of(RESET, {}, gone) != version
    assert version_of(RESET, {}, [task("ord_1"), task("ord_2", after_seq=4)], planned) != version
    assert version_of(RESET, {}, [task("ord_1", effects=(TAKEN,)), task("ord_2")], planned) != version


def test_money_is_added_up_by_currency() -> None:
    yen = Money(Decimal(100), "JPY")
    assert money_of([EUR, yen, None, EUR]) == (Money(Decimal("1120.00"), "EUR"), yen)
