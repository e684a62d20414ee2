"""The end-use certificate of an order: the form while it can be answered, else why it cannot, and the way on (T5, X22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from api.web.forms import new_nonce
from api.web.hosted.page_models import Form
from api.web.orders.opened import OpenedOrder, signed_path
from api.web.orders.page_models import CertificatePage, CertificateState, Section
from api.web.orders.questionnaire import SECTIONS, VERSION_KEY, countries, fields_of
from api.web.orders.states import due_of
from jalon.domain import events
from jalon.domain.compliance.certificates import VERSION
from jalon.domain.due import Due
from jalon.domain.statuses import ORDER_OVER, OrderStatus
from jalon.domain.violations import Violation
from jalon.policy.decisions.destinations import ruled_by_region
from jalon.policy.model.sections import ExportPolicy

ANSWERABLE = frozenset({OrderStatus.CART, OrderStatus.SUBMITTED})
"""The statuses in which an order takes answers, until it is screened."""


UNASKED = frozenset({"answered", "not_needed"})
"""The states in which the page asks for nothing, whenever a form of it was sent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether the certificate can be answered, and the instant of which its page tells."""

    state: CertificateState
    until: datetime | None = None
    at: datetime | None = None


def asked_of(opened: OpenedOrder) -> Asked:
    """Whether the order would take answers now. Its workflow decides by the receipt (G3)."""
    if not opened.is_buyers:
        return Asked("others")
    if opened.order.certificate is not None:
        answered = opened.last(events.CertificateAnswered.name)
        return Asked("answered", at=answered.at if answered else None)
    if opened.last(events.CertificateMissing.name):
        return Asked("late", _closed_at(opened))
    return _unanswered(opened)


def _unanswered(opened: OpenedOrder) -> Asked:
    order, window = opened.order, due_of(opened.order, Due.CERTIFICATE_WINDOW)
    kept = due_of(order, Due.CART_ABANDONED)
    if window is not None:
        return Asked("open" if opened.now < window else "late", window)
    if order.status in ORDER_OVER or (kept is not None and opened.now >= kept):
        return Asked("over")
    return Asked("open" if order.status in ANSWERABLE and _is_required(opened) else "not_needed")


def _is_required(opened: OpenedOrder) -> bool:
    """Whether the store asks for a certificate for what is in the basket."""
    return any(each.certificate_required for each in _export_rules(opened))


def _export_rules(opened: OpenedOrder) -> list[ExportPolicy]:
    return [opened.policy.rules_for(line.sku, line.term).export for line in opened.order.lines]


def _closed_at(opened: OpenedOrder) -> datetime | None:
    """Until when the latest request could be answered, with the time by which an outage of ours moved it (G7)."""
    asked = opened.last(events.CertificateRequested.name)
    moved = [
        each.data["new_by"]
        for each in opened.told
        if each.event == events.DeadlineExtended.name and each.data["what"] == Due.CERTIFICATE_WINDOW
    ]
    told = [*moved, *([asked.data["answer_by"]] if asked else [])]
    return max(map(datetime.fromisoformat, told), default=None)


def certificate_page(
    request: Request,
    opened: OpenedOrder,
    typed: Mapping[str, str] | None = None,
    violations: Iterable[Violation] = (),
    *,
    saved: bool = False,
    saved_before: str = "",
    done: bool = False,
    out_of_date: bool = False,
) -> CertificatePage:
    """The page for the present state: with what was `typed`, else with what the buyer kept for later."""
    asked, violations = asked_of(opened), tuple(violations)
    shown = opened.draft if typed is None else typed
    is_open = asked.state == "open"
    dropped = opened.last(events.CertificateAnswered.name, events.CertificateDropped.name)
    return CertificatePage(
        language=opened.language,
        store=opened.store,
        order_number=opened.order.number,
        state=asked.state,
        order_url=signed_path(request, opened, "order", opened.order.id),
        trade_compliance=opened.policy.route("trade_compliance"),
        form=Form(f"/h/certificate/{opened.token}", {"nonce": new_nonce(), VERSION_KEY: VERSION}),
        sections=tuple(Section(key, fields_of(keys, shown, violations)) for key, keys in SECTIONS.items())
        if is_open
        else (),
        countries=countries(opened.language) if is_open else (),
        ruled=ruled_by_region(_export_rules(opened)),
        until=asked.until,
        at=asked.at,
        asked_again=dropped is not None and dropped.event == events.CertificateDropped.name,
        saved=saved,
        saved_before=saved_before if saved_before in SECTIONS else "",
        done=done,
        out_of_date=out_of_date,
    )
