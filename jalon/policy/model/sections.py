"""The sections of a store file, key by key; `jalon.policy.authoring.reference` prints their descriptions as the key table.

Every key is required here: what a store leaves out comes from `defaults.toml`. A key made with `store_wide`
holds for the whole store, the others may be refined per term and per product (X13, P14).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, field_validator, model_validator

from jalon.domain.calendar.calendars import within_reach
from jalon.domain.error_codes import ErrorCode
from jalon.domain.terms import ACTIVATION_STEPS, ActivationStep, WithoutNotice
from jalon.domain.vendors import Vendor
from jalon.policy.model.contacts import Contact, Email, WebAddress
from jalon.policy.model.dated import Destination
from jalon.policy.model.keys import Section, Several, key, store_wide
from jalon.policy.model.vocabulary import (
    AllDifferent,
    AllTimesDifferent,
    CountryOrAny,
    CurrencyCode,
    DurationText,
    HolidayCalendar,
    Language,
    LineText,
    Name,
    NewsWindow,
    PaymentKind,
    Step,
    TermOrAny,
    VatId,
    WindowText,
    ZoneName,
)

OPENING: ActivationStep = "open_contract"
FEWEST_GROUPS = 2


class VendorIdentity(Section):
    """Who sells: the contracting party in contracts and on pages. Without this table both name `store.name` alone."""

    legal_name: LineText = key("The name under which it is registered.")
    address: Annotated[tuple[LineText, ...], Several] = key("Its postal address in lines, the country last.")
    registration: LineText | None = key(
        "Its register and number there, as printed: `RCS Lyon 123 456 782`.", default=None
    )
    vat_id: VatId | None = key("Its VAT number, the country's code first.", default=None)

    @property
    def party(self) -> Vendor:
        """The vendor as contracts and pages name it."""
        return Vendor(self.legal_name, self.address, self.registration, self.vat_id)


class Store(Section):
    """Who the store is, and where and when its days begin."""

    id: Name = key("Its id in the API and in workflow ids: small letters, digits, `-`.")
    name: LineText = key("The name buyers read.")
    clock: Literal["live", "test"] = key("`live` is real time; `test` is a frozen clock moved by advance.")
    clock_starts_at: Annotated[AwareDatetime, AfterValidator(within_reach)] | None = key(
        "Where a test clock starts, with its offset; without it, the instant it is first served.",
        default=None,
    )
    zone: ZoneName = key("IANA time zone in which days are counted (G1).")
    business_calendar: HolidayCalendar = key(
        "Whose public holidays are no business days (G5): a country or region of the `holidays` library."
    )
    languages: Annotated[tuple[Language, ...], Several, AllDifferent] = key(
        "Languages of the store's e-mails, pages and terms: `fr`, `en`."
    )
    default_language: Language = key("The language of a buyer who chose none.")
    currencies: Annotated[tuple[CurrencyCode, ...], Several, AllDifferent] = key(
        "ISO 4217 codes it sells in."
    )
    countries: Annotated[tuple[CountryOrAny, ...], Several, AllDifferent] = key(
        'ISO 3166-1 codes it sells to; `["*"]` for everywhere.'
    )
    support_email: Email = key("Sender of its e-mails and the way out of every error (H6, T15).")
    shop_url: WebAddress | None = key(
        "Where buyers shop: baskets, orders and signed contracts lead back there (H5, P5).", default=None
    )
    order_number_prefix: str = key(
        "Two to four capitals that begin its order numbers.", pattern="^[A-Z]{2,4}$"
    )
    vendor: VendorIdentity | None = key("Who sells: the table `[store.vendor]`.", default=None)


class Routes(Section):
    """Where to turn, by subject: an e-mail or https:// address. A route left out is `store.support_email`."""

    sales: Contact | None = key("What is not sold online, and volume sales (D5, D10, T8).", default=None)
    error: Contact | None = key("Shown with every error (T15).", default=None)
    reseller: Contact | None = key(
        "What only resellers sell, and the help for resellers on every page and e-mail (T9, T16).",
        default=None,
    )
    trade_compliance: Contact | None = key("The page beside the export acceptance (T17).", default=None)
    faq: Contact | None = key("The full questions and answers, on every page and e-mail (D18).", default=None)
    old_terms: Contact | None = key("Who sends earlier versions of the terms (T12).", default=None)
    order_late: Contact | None = key("Who answers for an order without news (T10).", default=None)


class Audience(Section):
    """What one kind of buyer may choose (D4)."""

    terms: Annotated[tuple[TermOrAny, ...], Several, AllDifferent] = key(
        'Terms this audience may buy; `["*"]` for all (D7).'
    )
    payment_kinds: Annotated[tuple[PaymentKind, ...], Several, AllDifferent] = key(
        "Ways this audience may pay, among `payment.kinds` (D8)."
    )
    consumer: bool = key("Whether these are consumers, who need give no reason (C1).", default=False)


class CartRule(Section):
    """What the lines of one cart must, or must not, have in common."""

    code: Name = key("The violation's stable code; none of [Jalon's own](../docs/errors.md).")
    kind: Literal["same", "forbid_together"] = key(
        "`same`: all lines agree; `forbid_together`: lines of two `groups` never meet."
    )
    attribute: Literal["term", "item_family", "licence_kind"] = key(
        "What is compared: `term`, `item_family` or `licence_kind`."
    )
    groups: tuple[tuple[str, ...], ...] = key(
        "For `forbid_together`: lists of values, one group to an order.", default=()
    )
    message: LineText = key("What to tell the buyer, with the way out.")
    rule: LineText | None = key("The rule id that the violation carries.", default=None)

    @field_validator("code")
    @classmethod
    def _code_is_of_the_store(cls, code: str) -> str:
        if code in set(ErrorCode):
            raise ValueError(f'"{code}" has a meaning of its own in every store: choose another code')
        return code

    @model_validator(mode="after")
    def _groups_fit_the_kind(self) -> Self:
        if self.kind == "forbid_together" and len(self.groups) < FEWEST_GROUPS:
            raise ValueError('forbid_together needs two groups or more, as [["software"], ["hardware"]]')
        if self.kind == "same" and self.groups:
            raise ValueError("a rule of kind same compares all lines: it has no groups")
        return self


class CartPolicy(Section):
    """The cart, before it is placed."""

    reminder_after: WindowText = store_wide("When a forgotten cart is remembered by e-mail.")
    abandoned_after: WindowText = store_wide("When a forgotten cart is let go.")
    terms_checkbox_required: bool = store_wide("Whether the terms of sale must be ticked to place (H19).")
    self_service_max_quantity: int = key(
        "Above this quantity of one product the sales route answers (T8); 0 for no limit.", ge=0
    )
    rules: tuple[CartRule, ...] = store_wide(
        "What the lines of a cart must, or must not, have in common (D9, H17)."
    )


class ExportPolicy(Section):
    """Export compliance (T4 to T6). An order is as strict as its strictest line."""

    certificate_required: bool = key("Whether an end-use certificate is asked for (T5).")
    acceptance_required: bool = key("Whether the export requirements must be accepted to place (T4).")
    certificate_window: WindowText = key("How long the certificate is waited for.")
    hold_max: WindowText = key(
        "How long a hold may last; then the order is cancelled at no charge, the seat of a held user is free, or the transfer to a held "
        "admin is refused (X19)."
    )
    score_review: float = key("Name likeness, 0 to 1, from which a person reviews.", ge=0, le=1)
    score_block: float = key("Name likeness, 0 to 1, taken for a match when corroborated.", ge=0, le=1)
    destinations: tuple[Destination, ...] = key(
        "Dated destination rules; a store's list replaces the default, and never lowers the installation's floor (X20)."
    )


class PaymentPolicy(Section):
    """How and when money is taken."""

    provider: Name = store_wide("The payment provider, by the name under which the installation opens it.")
    kinds: Annotated[tuple[PaymentKind, ...], Several, AllDifferent] = store_wide("Ways to pay: `card`.")
    charge_at: Literal["order", "activation"] = key(
        "`order` charges when placed; `activation` stores a mandate and charges once activated (X3)."
    )
    recovery_window: WindowText = key("How long after a failed charge a new card may save the line (X3).")
    authentication_window: WindowText = key("How long the buyer has to confirm a payment at the bank.")


class ActivationPolicy(Section):
    """What makes a subscription active (H1 to H5, P4 to P8)."""

    steps: Annotated[tuple[Step, ...], AllDifferent] = key(
        f"In order, of {', '.join(f'`{step}`' for step in ACTIVATION_STEPS)}; empty: active as soon as begun."
    )
    window: WindowText | None = key("Counted from the order; then void at no charge (P5, P8).", default=None)
    reminders: Annotated[tuple[WindowText, ...], AllTimesDifferent] = key(
        "Reminder e-mails, after the order."
    )
    click_is_signature: bool = key(
        "Whether the click signs too: it then records both `click_activate` and `sign` (X1)."
    )

    @model_validator(mode="after")
    def _steps_can_be_taken(self) -> Self:
        if OPENING in self.steps[1:]:
            raise ValueError(f"{OPENING} comes first: whoever takes a later step has opened the contract")
        if self.click_is_signature and not {"click_activate", "sign"} <= set(self.steps):
            raise ValueError("where the click is the signature, steps hold both click_activate and sign (X1)")
        return self


class SeatsPolicy(Section):
    """Who uses a licence."""

    user_management: bool = key("Whether the admin adds and removes users in the portal (P1).")
    invitation_window: WindowText = key("How long an invited user has to set up (T2).")
    loss_warning_before: DurationText = key(
        "When those who lose their seat at a renewal with fewer are told, counted back from the new term's start (X25)."
    )


class RenewalPolicy(Section):
    """What happens at a term's end (D14 to D16)."""

    automatic: bool = key("Whether a term is followed by the next unless stopped (D14).")
    stop_until: DurationText = key(
        "Counted back from the term's end: until then renewal can be stopped (D15)."
    )
    notices_before: Annotated[tuple[WindowText, ...], AllTimesDifferent] = key(
        "Renewal notices, counted back from the moment renewal can no longer be stopped."
    )
    stop_needs_reason: bool = key("Whether stopping takes a reason (H24); never of a consumer (C1).")
    notice_task_before: DurationText = key(
        "When support has a task where no notice was taken, counted back from the same moment (X16)."
    )
    without_notice: WithoutNotice = key(
        "Whether a renewal that no notice announced is charged all the same, or the charge waits; a consumer's always waits (X16)."
    )


class RetentionPolicy(Section):
    """How long data stays after the end (D17, X4)."""

    period: DurationText = key("Counted from the request to stop, and never before the term's end.")
    purge_warning_before: DurationText = key("When the buyer is warned, counted back from the purge.")


class SlaPolicy(Section):
    """What the store promises."""

    order_news_within: NewsWindow = key("Without news by then the order is `delayed` (T10).")


class Rules(Section):
    """The sections that can be refined per term and per product, resolved for one of them."""

    cart: CartPolicy
    export: ExportPolicy
    payment: PaymentPolicy
    activation: ActivationPolicy
    seats: SeatsPolicy
    renewal: RenewalPolicy
    retention: RetentionPolicy
    sla: SlaPolicy


RULE_SECTIONS: dict[str, type[Section]] = {
    "cart": CartPolicy,
    "export": ExportPolicy,
    "payment": PaymentPolicy,
    "activation": ActivationPolicy,
    "seats": SeatsPolicy,
    "renewal": RenewalPolicy,
    "retention": RetentionPolicy,
    "sla": SlaPolicy,
}
