"""When a saying about users and admins is so."""

from __future__ import annotations

from typing import Any

from jalon.domain.events import DeadlineExtended
from jalon.domain.statuses import SubscriptionStatus
from jalon.rehearsal.sim.reading.moments import Moment
from jalon.rehearsal.sim.reading.truths import Said

# -- seats ---------------------------------------------------------------------------------------------------------------------


def is_invited(moment: Moment, _: Said) -> bool:
    """A seat is reserved for the reader."""
    return any(moment.seats("invited"))


def is_open_until(moment: Moment, said: Said) -> bool:
    """The reader's invitation is open until then."""
    untils = [seat["open_until"] for seat in moment.seats("invited")]
    return any(each is not None and moment.is_until(said["when"], moment.instant(each)) for each in untils)


def was_open_until(moment: Moment, said: Said) -> bool:
    """An invitation was open until then: the reader's own, where the reader holds its link. An outage of ours may have moved the end."""
    offers = moment.offers
    if moment.offer is not None:
        offers = {moment.offer: offers[moment.offer]} if moment.offer in offers else {}
    mine = [until for (entity, *_), until in offers.items() if entity == moment.row.id]
    told = (each.entry for each in moment.world.db.timeline if each.entity == moment.row.id)
    mine += [
        moment.instant(entry.data["former_by"])
        for entry in told
        if entry.event == DeadlineExtended.name and entry.data["what"] == "invitation"
    ]
    return any(moment.is_until(said["when"], until) for until in mine)


def is_not_open(moment: Moment, _: Said) -> bool:
    """The reader's invitation is over."""
    untils = [seat["open_until"] for seat in moment.seats("invited")]
    return all(each is not None and moment.instant(each) <= moment.now for each in untils)


def is_held(moment: Moment, said: Said) -> bool:
    """The seat is reserved for somebody who is being checked (X19)."""
    held = (seat["number"] for seat in moment.view["seats"] if seat["state"] == "held")
    return int(said["seat"]) in held


def somebody_is_held(moment: Moment, _: Said) -> bool:
    """Somebody is being checked."""
    return any(seat["state"] == "held" for seat in moment.view["seats"])


def has_seat(moment: Moment, _: Said) -> bool:
    """The reader has a seat."""
    return any(moment.seats("assigned"))


def has_users(moment: Moment, _: Said) -> bool:
    """The users of the subscription are managed now (P1, P10)."""
    return bool(moment.view["user_management"]) and moment.status == SubscriptionStatus.ACTIVE


def seats_given(moment: Moment, said: Said) -> bool:
    """So many of the seats have a person."""
    view = moment.view
    return (int(said["used"]), int(said["all"])) == (len(view["seats"]), view["seat_count"])


def can_choose(moment: Moment, said: Said) -> bool:
    """Somebody is to lose a seat at the renewal, and until then it can be named who stays."""
    fewer = moment.view["fewer_seats"]
    closes = moment.instant(fewer["choose_by"]) if fewer else None
    return moment.comes_before(closes) and moment.is_until(said["when"], closes)


def choice_is_closed(moment: Moment, _: Said) -> bool:
    """Somebody is to lose a seat at the renewal, and it is too late to name who stays."""
    fewer = moment.view["fewer_seats"]
    return fewer is not None and moment.instant(fewer["choose_by"]) <= moment.now


def so_many_leave(moment: Moment, said: Said) -> bool:
    """So many people lose a seat at the renewal as it stands."""
    fewer = moment.view["fewer_seats"]
    return fewer is not None and len(fewer["leaving"]) == int(said["leaving"])


def leaves_at(moment: Moment, said: Said) -> bool:
    """The reader loses the seat at the end of the term, as it stands, or with the subscription that ends then."""
    mine, fewer = [seat["number"] for seat in _mine(moment)], moment.view["fewer_seats"]
    goes = moment.view["next_renewal_at"] is None or (
        fewer is not None and set(mine) <= set(fewer["leaving"])
    )
    return bool(mine) and goes and moment.is_until(said["when"], moment.at("usable_until"))


def stays(moment: Moment, _: Said) -> bool:
    """The reader keeps the seat at the renewal as it stands."""
    fewer = moment.view["fewer_seats"] or {"leaving": []}
    return any(seat["number"] not in fewer["leaving"] for seat in _mine(moment))


def has_no_seat(moment: Moment, _: Said) -> bool:
    """The reader has no seat."""
    return not any(_mine(moment))


def _mine(moment: Moment) -> list[dict[str, Any]]:
    return [*moment.seats("assigned"), *moment.seats("invited")]


def no_free_seat(moment: Moment, _: Said) -> bool:
    """Every seat has a person."""
    return len(moment.view["seats"]) >= int(moment.view["seat_count"])


def free_seat(moment: Moment, said: Said) -> bool:
    """A seat has nobody."""
    return not no_free_seat(moment, said)


# -- the administration --------------------------------------------------------------------------------------------------------


def can_accept(moment: Moment, said: Said) -> bool:
    """The reader was asked to take over, and may accept until then."""
    pending = moment.view["transfer"]
    if pending is None or pending["party"] != moment.reader:
        return False
    until = moment.instant(pending["accept_by"])
    return moment.comes_before(until) and moment.is_until(said["when"], until)


def was_acceptable(moment: Moment, said: Said) -> bool:
    """A transfer could be accepted until then, which is over."""
    over = (until for until in moment.transfers_until if until <= moment.now)
    return any(moment.is_until(said["when"], until) for until in over)


def is_admin(moment: Moment, _: Said) -> bool:
    """The reader is the admin."""
    return bool(moment.view["admin"] == moment.reader)


def is_admin_no_more(moment: Moment, _: Said) -> bool:
    """Somebody else than the reader is the admin."""
    return bool(moment.view["admin"] != moment.reader)
