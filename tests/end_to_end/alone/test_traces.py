"""One trace from the caller's request to the e-mail: across the API, the relay, the workers, and a worker's restart."""

from __future__ import annotations

import json
import secrets

import pytest

from jalon.local.machine import Machine
from tests.support.collector import Collected, Collector
from tests.support.shop import Answer, OpenShop, Order, Shop, eventually


def called(shop: Shop) -> tuple[str, str]:
    """The trace and the span with which the storefront calls from now on."""
    trace, span = secrets.token_hex(16), secrets.token_hex(8)
    shop.store.client().headers["traceparent"] = f"00-{trace}-{span}-01"
    return trace, span


def arrived(collector: Collector, trace: str, *names: str) -> dict[str, Collected]:
    """The first span of each name, once all of these have arrived."""

    def found() -> dict[str, Collected] | None:
        spans = {span.name: span for span in reversed(collector.of(trace))}
        return spans if spans.keys() >= set(names) else None

    return eventually(found, f"{names} are collected", within=60)


def by_relay(collector: Collector, trace: str, name: str) -> None:
    """Waits for the relay's span of this name: each process sends its spans in its own time, the API its failed delivery first."""
    wanted = ("jalon-relay", name)
    eventually(
        lambda: wanted in {(span.process, span.name) for span in collector.of(trace)} or None, str(wanted)
    )


def above(spans: list[Collected], span: Collected) -> list[str]:
    """The names from a span's parent up to the first span that the caller did not send us."""
    by_id = {each.id: each for each in spans}
    names = []
    while span.parent in by_id:
        span = by_id[span.parent]
        names.append(span.name)
    return names


def headers(shop: Shop, template: str) -> dict[str, str]:
    return dict(shop.mailbox.read(shop.mails(template)[-1]["id"])["headers"])


@pytest.mark.rule("T15")
@pytest.mark.timeout(300)
def test_one_trace_goes_from_the_request_to_the_e_mail(
    open_shop: OpenShop, machine: Machine, collector: Collector
) -> None:
    shop = open_shop("drafting")
    order = shop.order("drafting-light")
    placed(shop, order, collector)
    cancelled_while_the_engine_is_away(shop, machine, collector)
    sent = b"".join(collector.bodies)
    assert not [word for word in (shop.email, "Lef", "rue de la Paix") if word.encode() in sent]


def placed(shop: Shop, order: Order, collector: Collector) -> None:
    trace, caller = called(shop)
    assert order.place().ok
    shop.settle()
    request, smtp = "POST /v1/orders/{order_id}/place", "smtp order_confirmed"
    spans = arrived(collector, trace, request, "send_mail", "pay", smtp)
    assert (spans[request].parent, spans["receipt"].parent) == (caller, spans[request].id)
    assert spans["deliver place"].parent == spans["apply place"].parent == spans["receipt"].id
    assert spans["pay"].parent == spans["record_transition"].parent == spans["apply place"].id
    everything = collector.of(trace)
    assert above(everything, spans[smtp]) == ["send_mail", "apply place", "receipt", request]
    assert all((above(everything, span) or [request])[-1] == request for span in everything)
    assert len([span for span in everything if span.name == "apply place"]) == 1
    assert all(span.began <= span.ended for span in everything)
    # The order begins its subscription by a message, which the relay delivers.
    by_relay(collector, trace, "deliver begin")
    assert spans[request].ids["jalon.entity"] == order.id
    assert headers(shop, "order_confirmed")["X-Jalon-Trace"] == trace
    refused = order.place()
    assert refused.body["reference"] == trace
    log = (shop.machine.data_dir / "logs" / "api.log").read_text().splitlines()
    assert order.id in [json.loads(line).get("entity") for line in log if trace in line]


def cancelled_while_the_engine_is_away(shop: Shop, machine: Machine, collector: Collector) -> None:
    order = shop.order("drafting-light")
    trace, _caller = called(shop)
    machine.stop("temporal")
    assert order.cancel().status == 202
    machine.start("temporal")
    eventually(lambda: order.status == "cancelled" or None, "the relay delivered it", within=60)
    request = "POST /v1/orders/{order_id}/cancel"
    spans = arrived(collector, trace, request, "deliver cancel", "apply cancel", "record_transition")
    assert spans["apply cancel"].parent == spans["receipt"].id
    assert spans["receipt"].parent == spans[request].id
    by_relay(collector, trace, "deliver cancel")
    overview = Answer.of(shop.store.get(f"/v1/support/entities/{order.id}", role="support")).ok
    assert overview["links"]["trace"] == trace
