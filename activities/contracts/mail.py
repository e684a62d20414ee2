"""The requests to the activity of e-mail, and its answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activities.contracts.base import ActivityRef


@dataclass(frozen=True)
class MailRequest:
    """One e-mail. `occurrence` names the business occurrence within the entity ("seat-7/invitation-2"), never an attempt.

    `fields` are those of the e-mail's dataclass in `jalon.domain.emails`; `link` names what a signed link in the e-mail opens. `about` is
    a person that the e-mail mentions, other than its reader, and `people` are those whom it lists; `support` is the product's own support
    contact (T14). `names` is the record of the names under which the reader is written to; without one, they are the person's own (X18).
    `to_admin`: it goes to whoever is the admin when it leaves (H12).
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
    names: str | None = None
    to_admin: bool = False
    people: tuple[str, ...] = ()


@dataclass(frozen=True)
class MailOutcome:
    """The instant at which the server accepted the e-mail (store time), or the code of a permanent refusal.

    `server` is who took it, and `answer` what that server said, without any address. `withdrawn`: it was over what it asks for, so that
    it did not leave (X21).
    """

    sent_at: datetime
    refusal: str | None = None
    message_id: str = ""
    server: str | None = None
    answer: str | None = None
    withdrawn: bool = False


SEND_MAIL = ActivityRef("send_mail", MailRequest, MailOutcome)
