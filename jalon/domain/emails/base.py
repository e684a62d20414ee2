"""What every e-mail is: a frozen set of facts without personal data, and the name of its template."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, Literal, Self, get_args, get_type_hints

from jalon.domain.due import Due
from jalon.domain.money import Money
from jalon.domain.terms import ACTIVATION_STEPS, ActivationStep

Link = Literal["contract", "invitation", "portal", "payment", "order", "certificate", "transfer"]
Purpose = Literal["", "stop", "resume", "users", "who-stays"]
"""The one action for which the link of an e-mail leads to the portal; with none its page is only to be read."""
Facts = dict[str, Any]

EMAILS: dict[str, type[Email]] = {}


@dataclass(frozen=True, slots=True)
class Asks:
    """What an e-mail asks for has an end: it names it as `until`, one of its facts, and entries of the kinds `due` may end it later."""

    until: str
    due: frozenset[Due]


@dataclass(frozen=True, kw_only=True)
class Email:
    """One e-mail's facts. A subclass with a `template` is an e-mail and enters `EMAILS` by itself.

    - Fields ending `_by` or `_until` are first CLOSED instants (G1, G2): the reader is shown the last
      open moment.
    - Fields ending `_at` are instants, shown as they are. All instants are aware UTC, shown in the
      store's zone.
    - `purpose`: what can be done behind its portal link without signing in.
    - `calendar`: the fact that its link gives as a file for the reader's calendar, where it is set.
    - `to_shop`: without a link of its own, its button leads to the store's shop, where the store names one.
    - `asks` says until when its reader can do what it asks for, or what it promises is to come.
    - `unsaid` names the facts that serve to keep others true, and stand in no template.
    - `link` names the address the template needs as `link_url`; `link_required` says whether it may be
      missing.
    - Nothing personal: the recipient, and the person an e-mail is about, are given to the renderer
      separately.
    """

    template: ClassVar[str]
    link: ClassVar[Link | None] = None
    link_required: ClassVar[bool] = False
    purpose: ClassVar[Purpose] = ""
    calendar: ClassVar[str] = ""
    to_shop: ClassVar[bool] = False
    unsaid: ClassVar[frozenset[str]] = frozenset()
    asks: ClassVar[Asks | None] = None

    def __init_subclass__(cls) -> None:
        """Register the subclass when it names a template of its own."""
        if "template" in cls.__dict__:
            EMAILS[cls.template] = cls

    def pole(self, at: datetime) -> tuple[Milestone, ...] | None:
        """The milestones of the reader alone, for an e-mail of the instant `at`; None where they are those of the order or subscription."""
        return None

    def as_of(self, at: datetime, zone: str) -> Self:
        """The e-mail as it is true when it leaves, at this instant, for a store in this zone. Most tell of what stays true (X21)."""
        return self

    def while_open(self, at: datetime, ends: Iterable[datetime]) -> Self | None:
        """The e-mail with the present end of what it asks for, moved to the latest of `ends`; None where that is over at `at` (X21)."""
        named = None if self.asks is None else getattr(self, self.asks.until)
        if self.asks is None or named is None:
            return self
        until = max((named, *ends))
        return replace(self, **{self.asks.until: until}) if at < until else None

    def as_facts(self) -> Facts:
        """JSON-ready facts: instants and dates as ISO 8601 texts, money as `Money.as_dict`."""
        return {field.name: _to_json(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, kw_only=True)
class AboutOrder(Email):
    """About an order, or a subscription of it: the order's number and the product."""

    order_number: str
    product: str


def email_from_facts(template: str, facts: Facts) -> Email:
    """The e-mail that `as_facts` was taken from.

    Raises `UnknownEmail` for a template nobody declared and `TypeError` for facts that are missing or
    unknown.
    """
    try:
        kind = EMAILS[template]
    except KeyError:
        raise UnknownEmail(template) from None
    types = _types(template)
    return kind(**{name: _from_json(types.get(name), value) for name, value in facts.items()})


class UnknownEmail(LookupError):
    """No e-mail has this template name."""


@cache
def _types(template: str) -> dict[str, Any]:
    return get_type_hints(EMAILS[template])


def _to_json(value: Any) -> Any:
    if isinstance(value, Money):
        return value.as_dict()
    if isinstance(value, date):
        return value.isoformat()
    return value


def _from_json(declared: Any, value: Any) -> Any:
    candidates = (declared, *get_args(declared))
    if isinstance(value, dict):
        return Money.from_dict(value)
    if isinstance(value, str) and datetime in candidates:
        return datetime.fromisoformat(value)
    if isinstance(value, str) and date in candidates:
        return date.fromisoformat(value)
    return value


OtherMilestone = Literal[
    "ordered", "certificate", "screening", "payment", "contract", "active",
    "invited", "set_up", "renewal_notice", "stop_cutoff", "renewal", "term_end", "data_kept", "purged",
]  # fmt: skip
MilestoneLabel = ActivationStep | OtherMilestone
MILESTONES: tuple[str, ...] = (*ACTIVATION_STEPS, *get_args(OtherMilestone))


@dataclass(frozen=True, slots=True)
class Milestone:
    """One band of the pole in an e-mail or page.

    `label` is one of `MILESTONES`; `at` is when it was reached, or the day on which an awaited one comes; `until` is the first CLOSED
    instant of a milestone still awaited. At most one of the two is set.
    """

    label: MilestoneLabel
    state: Literal["reached", "awaited", "held"]
    at: datetime | None = None
    until: datetime | None = None


def invited(at: datetime | None, until: datetime) -> tuple[Milestone, ...]:
    """The milestones of a person who was invited to a seat and may set up the access until then (T2)."""
    sent = Milestone("invited", "reached", at=at)
    return sent, Milestone("set_up", "awaited", until=until), Milestone("active", "awaited")
