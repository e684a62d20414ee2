"""When a saying about the notice of a renewal is so, and about the charge that waits for one (X16)."""

from __future__ import annotations

import re

from jalon.domain.statuses import SubscriptionStatus
from jalon.rehearsal.sim.reading.moments import Moment

Said = re.Match[str]


def leaves_time(moment: Moment, said: Said) -> bool:
    """The words are of a late notice, whose time runs from now; the subscription does not know yet that it was taken."""
    late = moment.status == SubscriptionStatus.ACTIVE and moment.view["renewal_committed_at"] is None
    return late and any(moment.is_until(said["when"], each) for each in moment.refusable_until)


def renewed_on(moment: Moment, said: Said) -> bool:
    """The running term began on that day, and its charge waits for its notice."""
    wait = moment.view["charge_waits_for"]
    return wait is not None and moment.is_day(said["when"], moment.instant(wait["since"]))


def charge_waits(moment: Moment, _: Said) -> bool:
    """The running term is not charged, since its charge waits for its notice."""
    return moment.view["charge_waits_for"] is not None


def never_heard(moment: Moment, _: Said) -> bool:
    """No notice of the renewal has reached the customer as far as anybody knows."""
    return moment.view["notice_missing_since"] is not None


def last_term_free(moment: Moment, _: Said) -> bool:
    """The last term was not charged: it ended while its charge waited for its notice."""
    term = moment.view["term_number"]
    paid = [each.entry.data["term"] for each in moment.told("payment_captured")]
    return moment.has("charge_waits") and moment.view["ended_at"] is not None and term not in paid
