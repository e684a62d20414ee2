"""Every call of the client is an operation of `/openapi.json`: its path, query, body, and the type of its answer."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, NotRequired, TypeVar, Union, get_args, get_origin, get_type_hints, is_typeddict

import pytest

from api.app import build
from api.web.hosted.pages import Pages
from jalon.bootstrap import Installation, open_resources
from jalon.client import operations, orders, repairs, stores, subscriptions
from jalon.client.calls import Call
from jalon.client.shapes import BillingAddress, Buyer, Cart, CartLine, PaymentMethod, Placement, Signer
from jalon.domain.statuses import OrderStatus, SubscriptionStatus

ROOT = Path(__file__).resolve().parents[3]
MODULES: tuple[ModuleType, ...] = (operations, orders, repairs, stores, subscriptions)
AT = datetime(2026, 1, 15, tzinfo=UTC)
BUYER: Buyer = {"email": "ada@example.com", "name": "Ada", "company": "Ada SARL", "language": "fr"}
LINE: CartLine = {"sku": "lens", "quantity": 1, "term": "P1Y", "licence_kind": "individual"}
CART: Cart = {
    "store": "optics", "buyer": BUYER, "country": "FR", "audience": "company", "currency": "EUR", "lines": [LINE],
}  # fmt: skip
CARD: PaymentMethod = {"kind": "card", "token": "card_ok"}
ADDRESS: BillingAddress = {"lines": ["1 rue X"], "country": "FR", "postal_code": "75002", "city": "Paris"}
PLACEMENT: Placement = {
    "terms_accepted": True, "export_control_accepted": True, "payment_method": CARD, "billing_address": ADDRESS,
    "purchase_order_number": "PO-1",
}  # fmt: skip
SIGNER: Signer = {"name": "Ada", "authorised": True, "title": "Director"}
PAGED: dict[str, Any] = {"store": "optics", "limit": 5, "after": "x_1"}
STEP = ("ord_1", "payment", "because")

CALLS: dict[Callable[..., Call[Any]], Call[Any]] = {
    operations.timeline: operations.timeline("ord_1"),
    operations.parked: operations.parked("optics"),
    operations.read: operations.read("ord_1"),
    operations.causes: operations.causes("optics", "all", limit=2, after="ab", lang="fr"),
    operations.cause: operations.cause("0123456789ab", "optics", "fr"),
    operations.cause_entities: operations.cause_entities("0123456789ab", "optics", limit=2, after="ab"),
    operations.change_cause: operations.change_cause("0123456789ab", {"note": "known"}, "optics"),
    operations.audit: operations.audit("optics", "ord_1", limit=2, after="7"),
    operations.stops: operations.stops("optics"),
    operations.change_stop: operations.change_stop("optics", "mail", "because", stopped=True),
    operations.stages: operations.stages("optics"),
    operations.invariants: operations.invariants("optics"),
    operations.park: operations.park(*STEP),
    operations.retry: operations.retry(*STEP, edit={"method": "card_ok"}),
    operations.skip: operations.skip(*STEP, evidence="seen"),
    operations.compensate: operations.compensate(*STEP),
    operations.declare_outage: operations.declare_outage(AT, AT, "a fire", "optics"),
    operations.withdraw_outage: operations.withdraw_outage(1, "another day"),
    operations.holds: operations.holds("optics", limit=2, after="ord_1"),
    operations.hold: operations.hold("ord_1"),
    operations.decide_hold: operations.decide_hold("ord_1", "release", "because", turn=1),
    operations.accept_key: operations.accept_key(),
    operations.sign_in_link: operations.sign_in_link(),
    operations.search: operations.search("ada"),
    orders.open_order: orders.open_order(CART),
    orders.read: orders.read("ord_1"),
    orders.list_orders: orders.list_orders(status=OrderStatus.CART, **PAGED),
    orders.change: orders.change("ord_1", {"buyer": BUYER, "country": "FR", "audience": "company", "lines": [LINE]}),
    orders.answer_certificate: orders.answer_certificate("ord_1", {"role": "end_user"}),
    orders.place: orders.place("ord_1", PLACEMENT),
    orders.cancel: orders.cancel("ord_1", "because"),
    orders.timeline: orders.timeline("ord_1", with_subscriptions=True),
    repairs.plan: repairs.plan("INC-1", "retry", "because", steps=[("ord_1", "payment")], canary=1, per_minute=60, stop_at_error_rate=0.1),
    repairs.read_plan: repairs.read_plan("rep_1"),
    repairs.plan_items: repairs.plan_items("rep_1", left_out=True, limit=2, after=2),
    repairs.start: repairs.start("rep_1", "ab"),
    repairs.listed: repairs.listed(limit=2, after="rep_1"),
    repairs.read: repairs.read("rep_1"),
    repairs.items: repairs.items("rep_1", "healed", limit=2, after=2),
    repairs.approve: repairs.approve("rep_1", "because"),
    repairs.pause: repairs.pause("rep_1", "because"),
    repairs.resume: repairs.resume("rep_1", "because"),
    repairs.abort: repairs.abort("rep_1", "because"),
    stores.list_stores: stores.list_stores(),
    stores.catalog: stores.catalog("optics", country="FR", audience="company", currency="EUR"),
    stores.terms: stores.terms("ab" * 32),
    stores.entitlement: stores.entitlement("optics", "ada@example.com", "lens"),
    stores.read_clock: stores.read_clock("optics"),
    stores.advance_clock: stores.advance_clock("optics", to=AT),
    subscriptions.read: subscriptions.read("sub_1"),
    subscriptions.list_subscriptions: subscriptions.list_subscriptions(status=SubscriptionStatus.ACTIVE, **PAGED),
    subscriptions.activate: subscriptions.activate("sub_1", SIGNER),
    subscriptions.sign: subscriptions.sign("sub_1", SIGNER, "0" * 64),
    subscriptions.assign_seat: subscriptions.assign_seat("sub_1", "a@example.com", "A", language="fr", seat=1),
    subscriptions.list_seats: subscriptions.list_seats("sub_1", limit=2, after="2"),
    subscriptions.reinvite_seat: subscriptions.reinvite_seat("sub_1", 1),
    subscriptions.reassign_seat: subscriptions.reassign_seat("sub_1", 1, "a@example.com", "A", language="fr"),
    subscriptions.revoke_seat: subscriptions.revoke_seat("sub_1", 1),
    subscriptions.keep_seats: subscriptions.keep_seats("sub_1", [1, 3]),
    subscriptions.transfer_admin: subscriptions.transfer_admin("sub_1", email="a@example.com", name="Ada"),
    subscriptions.accept_transfer: subscriptions.accept_transfer("sub_1", 1),
    subscriptions.call_off_transfer: subscriptions.call_off_transfer("sub_1", 1),
    subscriptions.stop_renewal: subscriptions.stop_renewal("sub_1", "because"),
    subscriptions.resume_renewal: subscriptions.resume_renewal("sub_1"),
    subscriptions.change_payment_method: subscriptions.change_payment_method("sub_1", CARD),
    subscriptions.timeline: subscriptions.timeline("sub_1"),
}  # fmt: skip


@cache
def document() -> dict[str, Any]:
    """The description of the API, which needs no resources."""

    def opened() -> Any:
        return open_resources(Installation.read())

    return build(opened, Pages(ROOT / "templates")).openapi()


def operation(call: Call[Any]) -> dict[str, Any]:
    """The description of the call's method and path."""
    for template, methods in document()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), call.path) and call.method.lower() in methods:
            found: dict[str, Any] = methods[call.method.lower()]
            return found
    raise AssertionError(f"{call.method} {call.path} is no operation")


def schemas(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The objects that a schema allows: references looked up, alternatives one by one."""
    if "$ref" in schema:
        yield from schemas(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
        for each in alternatives:
            yield from schemas(each)
    else:
        yield schema


def json_schema(content: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = content["content"]["application/json"]["schema"]
    return found


def declared(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that any of the allowed objects has."""
    return {name: field for each in schemas(schema) for name, field in each.get("properties", {}).items()}


def unknown_in(body: Any, schema: Mapping[str, Any], at: str = "") -> Iterator[str]:
    """Keys of a body that the schema does not declare."""
    fields = declared(schema)
    for name, value in body.items() if fields else ():
        if name not in fields:
            yield f"{at}/{name}"
        elif isinstance(value, dict):
            yield from unknown_in(value, fields[name], f"{at}/{name}")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            items = [each["items"] for each in schemas(fields[name]) if "items" in each]
            yield from unknown_in(value[0], items[0], f"{at}/{name}/0")


def missing_in(
    shape: Any, schema: Mapping[str, Any], bound: Mapping[Any, Any], at: str = ""
) -> Iterator[str]:
    """Fields of a shape that no allowed answer has."""
    shape = bound.get(shape, shape)
    if get_origin(shape) in (NotRequired, Union, UnionType):
        for each in get_args(shape):
            yield from missing_in(each, schema, bound, at)
    elif get_origin(shape) is list:
        items = [each["items"] for each in schemas(schema) if "items" in each]
        yield from (
            missing_in(get_args(shape)[0], items[0], bound, f"{at}[]") if items else [f"{at} is no list"]
        )
    elif is_typeddict(kind := get_origin(shape) or shape):
        inner = dict(zip(parameters(kind), get_args(shape), strict=False))
        fields = declared(schema)
        for name, field in get_type_hints(kind, include_extras=True).items():
            if name in fields:
                yield from missing_in(field, fields[name], inner, f"{at}.{name}")
            else:
                yield f"{at}.{name}"


def parameters(kind: Any) -> tuple[TypeVar, ...]:
    found: tuple[TypeVar, ...] = getattr(kind, "__parameters__", ())
    return found


def test_every_call_is_compared() -> None:
    there = {
        function
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    assert there == set(CALLS)


def _named(function: Any) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


@pytest.mark.parametrize("function", CALLS, ids=_named)
def test_a_call_is_an_operation_of_the_api(function: Callable[..., Call[Any]]) -> None:
    call = CALLS[function]
    found = operation(call)
    given = {each["name"] for each in found.get("parameters", ()) if each["in"] == "query"}
    assert set(call.query) <= given
    assert call.writes == any(each["name"] == "Idempotency-Key" for each in found.get("parameters", ()))
    if call.body:
        assert list(unknown_in(call.body, json_schema(found["requestBody"]))) == []


@pytest.mark.parametrize("function", CALLS, ids=_named)
def test_the_answer_has_the_fields_that_the_call_s_type_says(function: Callable[..., Call[Any]]) -> None:
    (shape,) = get_args(get_type_hints(function)["return"])
    answers = operation(CALLS[function])["responses"]
    schema = json_schema(answers.get("201") or answers["200"])
    assert list(missing_in(shape, schema, {})) == []
