"""Freezes the terms of an order and of each renewal. Frozen terms are never read again from the store's file (G6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

import holidays
from pydantic_core import to_jsonable_python

from jalon.domain.calendar.calendars import Calendar
from jalon.domain.calendar.deadlines import closes_at
from jalon.domain.calendar.durations import Duration
from jalon.domain.money import Money
from jalon.domain.order import Cart
from jalon.domain.terms import (
    ActivationTerms,
    CartTerms,
    DestinationRule,
    ExportTerms,
    LineTerms,
    OrderTerms,
    RenewalTerms,
    StoreTerms,
    TermsDocument,
)
from jalon.policy.authoring.parsed_file import canonical_json
from jalon.policy.decisions.consumers import notice_by_law
from jalon.policy.decisions.destinations import in_force
from jalon.policy.model.catalog import Product
from jalon.policy.model.sections import ActivationPolicy, ExportPolicy, Rules
from jalon.policy.model.store_policy import StorePolicy
from jalon.policy.model.vocabulary import Language

_YEARS_BEFORE = 1
_YEARS_AFTER = 2
_SATURDAY = 5


class OfferWithdrawn(Exception):
    """A product can no longer be frozen because its store does not sell it for this term and currency any more."""

    def __init__(self, sku: str, term: str, currency: str) -> None:
        self.sku, self.term, self.currency = sku, term, currency
        super().__init__(f'"{sku}" has no price for {term} in {currency} any more')


def store_terms(policy: StorePolicy, at: datetime) -> StoreTerms:
    """The store-wide terms.

    Holidays are those on weekdays, from the year before `at` to the year after the end of the longest term that begins then, at least 2
    years after; terms are frozen anew each term (G5).
    """
    store = policy.store
    year = Calendar(store.zone).local_date(at).year
    return StoreTerms(
        store=store.id,
        name=store.name,
        zone=store.zone,
        holidays=_weekday_holidays(
            store.business_calendar, year - _YEARS_BEFORE, year + _years_ahead(policy)
        ),
        default_language=store.default_language,
        support_email=store.support_email,
        policy_hash=policy.policy_hash,
    )


def _years_ahead(policy: StorePolicy) -> int:
    """The calendar years that deadlines of a term may reach."""
    terms = {Duration.parse(term) for product in policy.products.values() for term in product.terms}
    months = max((term.count for term in terms if term.unit == "months"), default=0)
    return max(_YEARS_AFTER, months // 12 + 1)


def cart_terms(policy: StorePolicy) -> CartTerms:
    """The policy of a cart before its placement."""
    cart = policy.rules.cart
    return CartTerms(reminder_after=cart.reminder_after, abandoned_after=cart.abandoned_after)


def freeze_line(
    policy: StorePolicy,
    sku: str,
    licence_kind: str,
    quantity: int,
    term: str,
    currency: str,
    at: datetime,
    language: str | None = None,
) -> LineTerms:
    """One line under the policy and terms of sale in force at `at`, for a placement or a renewal (T11, X13).

    Raises OfferWithdrawn where the product has no price for the term and currency.
    """
    product = policy.products.get(sku)
    price = product.price(currency, term) if product is not None else None
    if product is None or price is None:
        raise OfferWithdrawn(sku, term, currency)
    rules = policy.rules_for(sku, term)
    return LineTerms(
        sku=sku,
        product=_name(product, language, policy.store.default_language),
        licence_kind=licence_kind,
        quantity=quantity,
        term=term,
        price=price,
        amount=price * quantity,
        charge_at=rules.payment.charge_at,
        recovery_window=rules.payment.recovery_window,
        activation=_activation(rules.activation),
        user_management=rules.seats.user_management,
        seats=product.seats_per_unit * quantity,
        invitation_window=rules.seats.invitation_window,
        renewal=_renewal(rules),
        retention=rules.retention.period,
        purge_warning_before=rules.retention.purge_warning_before,
        software_classes=product.software_classes,
        support_email=policy.support_for(product),
        documents=_documents(policy, product, at),
        language=language,
    )


def bound_by(announced: LineTerms, in_force: LineTerms) -> LineTerms:
    """The terms of the next term where `announced` binds: a higher price applies from the term after, a lower one at once (X15)."""
    price = min(announced.price, in_force.price, key=lambda each: each.amount)
    return replace(announced, price=price, amount=price * announced.quantity)


def _name(product: Product, language: str | None, otherwise: Language) -> str:
    return next(
        (name for spoken, name in product.name.items() if spoken == language), product.name[otherwise]
    )


def frozen(policy: StorePolicy, cart: Cart, at: datetime) -> OrderTerms:
    """The terms of a cart that has no violation. Order-wide windows are those of the strictest line (X13)."""
    store = store_terms(policy, at)
    lines = tuple(
        freeze_line(
            policy, line.sku, line.licence_kind, line.quantity, line.term, cart.currency, at, cart.language
        )
        for line in cart.lines
    )
    rules = [policy.rules_for(line.sku, line.term) for line in cart.lines]
    consumer = policy.audiences[cart.audience].consumer
    terms = OrderTerms(
        store=store,
        order_news_within=_shortest((each.sla.order_news_within for each in rules), at, store.calendar),
        authentication_window=_shortest(
            (each.payment.authentication_window for each in rules), at, store.calendar
        ),
        export=_export([each.export for each in rules], at, store.calendar),
        lines=lines,
        total=sum((line.amount for line in lines), Money.zero(cart.currency)),
        sha256="",
        consumer=consumer,
        notice_by_law=notice_by_law(cart.country, store.calendar.local_date(at)) if consumer else None,
    )
    return replace(terms, sha256=terms_digest(terms))


def terms_digest(terms: OrderTerms) -> str:
    """Hex SHA-256 of the canonical JSON of an order's terms, without its own `sha256`."""
    content = to_jsonable_python(terms)
    del content["sha256"]
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _activation(policy: ActivationPolicy) -> ActivationTerms:
    has_steps = bool(policy.steps)
    return ActivationTerms(
        steps=tuple(policy.steps),
        window=policy.window if has_steps else None,
        reminders=policy.reminders if has_steps else (),
        click_is_signature=policy.click_is_signature,
    )


def _renewal(rules: Rules) -> RenewalTerms:
    renewal = rules.renewal
    return RenewalTerms(
        automatic=renewal.automatic,
        stop_until=renewal.stop_until,
        notices_before=renewal.notices_before,
        stop_needs_reason=renewal.stop_needs_reason,
        notice_task_before=renewal.notice_task_before,
        without_notice=renewal.without_notice,
    )


def _documents(policy: StorePolicy, product: Product, at: datetime) -> tuple[TermsDocument, ...]:
    return tuple(
        TermsDocument(layer=document.layer, version=document.version, sha256=document.sha256)
        for document in policy.documents_in_force(product, at)
    )


def _export(policies: list[ExportPolicy], at: datetime, calendar: Calendar) -> ExportTerms:
    today = calendar.local_date(at)
    destinations = (
        DestinationRule(rule.countries, rule.regions, tuple(rule.software_classes), rule.action, rule.basis)
        for rule in in_force(policies, today)
    )
    return ExportTerms(
        certificate_required=any(policy.certificate_required for policy in policies),
        certificate_window=_shortest((policy.certificate_window for policy in policies), at, calendar),
        hold_max=_shortest((policy.hold_max for policy in policies), at, calendar),
        score_review=min(policy.score_review for policy in policies),
        score_block=min(policy.score_block for policy in policies),
        destinations=tuple(dict.fromkeys(destinations)),
    )


def _shortest(windows: Iterable[str], at: datetime, calendar: Calendar) -> str:
    def closing(window: str) -> datetime:
        return closes_at(at, Duration.parse(window), calendar)

    return min(dict.fromkeys(windows), key=closing)


@lru_cache(maxsize=256)
def _weekday_holidays(calendar: str, first_year: int, last_year: int) -> tuple[date, ...]:
    country, _, region = calendar.partition("-")
    days = holidays.country_holidays(country, subdiv=region or None, years=range(first_year, last_year + 1))
    return tuple(sorted(day for day in days if day.weekday() < _SATURDAY))
