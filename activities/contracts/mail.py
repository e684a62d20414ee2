"""What workflows ask of e-mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.contracts.base import ActivityRef


@dataclass(frozen=True)
class MailRequest:
    """One e-mail. `occurrence` names the business occurrence within the entity ("seat-7/invitation-2"), never an attempt.

    `fields` are those of the e-mail's dataclass in `jalon.domain.emails`; `link` names what a signed link in it opens; `about` is a
    person the e-mail is about, other than its reader; `support` the product's own route to help (T14).
    """

    store: str
    entity: str
    occurrence: str
    template: str
    fields: dict[str, Any]
    party: str
    at: datetime
    live: bool
    link: str | None = None
    link_subject: str = ""
    about: str | None = None
    support: str | None = None


@dataclass(frozen=True)
class MailOutcome:
    """When the server accepted it (store time), or the code with which it refused for good."""

    sent_at: datetime
    refusal: str | None = None


SEND_MAIL = ActivityRef("send_mail", MailRequest, MailOutcome)
