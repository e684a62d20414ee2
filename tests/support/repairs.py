"""Repairs in bulk as operators ask for them, and orders that stopped for one cause."""

from __future__ import annotations

from typing import Any

from tests.support.shop import PATIENCE, Answer, Order, Shop, eventually

REPAIRS = "/v1/ops/repairs"


def stopped_orders(shop: Shop, number: int, stubborn: int = 0) -> list[Order]:
    """Orders whose payment the provider refused once, the last `stubborn` of them once more."""
    orders = [shop.order("drafting-light") for _ in range(number)]
    for place, order in enumerate(orders):
        times = 2 if place >= number - stubborn else 1
        shop.bank.fault("refuse_400", match={"entity": order.id}, count=times)
        assert order.place().ok
    eventually(lambda: sum(each["count"] for each in shop.parked()) == number, "every payment parks")
    return orders


def planned(shop: Shop, **body: Any) -> Answer:
    """A plan to retry the one cause for which steps of the store stand."""
    selection = body.get("selection")
    if selection is None:
        (cause,) = shop.parked()
        selection = {"cause": cause["fingerprint"], "store": shop.id}
    whole = {
        "name": "INC-7 sandbox down",
        "action": "retry",
        "reason": "The provider answers again.",
        "selection": selection,
    }
    return Answer.of(shop.store.post(f"{REPAIRS}/plan", whole | body, role="ops"))


def start(shop: Shop, plan: dict[str, Any], role: str = "ops") -> Answer:
    """Starts a plan by its version."""
    body = {"plan": plan["plan"], "version": plan["version"]}
    return Answer.of(shop.store.post(REPAIRS, body, role=role))


def moved(shop: Shop, repair: str, move: str, role: str = "ops") -> Answer:
    """Approves, pauses, resumes or aborts a repair."""
    return Answer.of(shop.store.post(f"{REPAIRS}/{repair}/{move}", {"reason": "because"}, role=role))


def read(shop: Shop, repair: str, role: str = "support") -> dict[str, Any]:
    """A repair as it stands."""
    return Answer.of(shop.store.get(f"{REPAIRS}/{repair}", role=role)).ok


def until(shop: Shop, repair: str, *states: str, within: float = PATIENCE) -> dict[str, Any]:
    """The repair once it is in one of the states."""

    def look() -> dict[str, Any] | None:
        found = read(shop, repair)
        return found if found["state"] in states else None

    return eventually(look, f"the repair becomes {states}", within)
