"""What a caller may do to an entity: each action with whether it is allowed now, why not, and what it would do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from api.v1.support.cancelling import objection_of_order
from api.v1.support.mail_said import mail_of
from api.v1.support.money_said import paid_of
from api.v1.support.overview_answers import Act
from api.v1.support.reading import Known
from api.v1.support.spoken import Spoken
from api.web.portal.visits import Action, possible
from jalon.domain.kinds import KINDS
from jalon.domain.projections import OrderProjection, SeatState, SubscriptionProjection
from jalon.domain.statuses import OrderStatus

_OPS, _SUPPORT, _COMPLIANCE = ("ops",), ("support",), ("compliance",)
_CANCELLERS = ("storefront", "support")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One action in the present state. `objection` is a key of the reasons why not, None where the state takes it."""

    name: str
    roles: tuple[str, ...]
    path: str
    needs: tuple[str, ...]
    objection: str | None = None
    preview: str | None = None
    facts: dict[str, str] = field(default_factory=dict)
    method: str = "POST"


def acts_of(known: Known, spoken: Spoken, role: str) -> list[Act]:
    """Every action that exists for the entity's kind, as this role finds it."""
    return [_act(offer, spoken, role) for offer in _offers(known, spoken)]


def _act(offer: Offer, spoken: Spoken, role: str) -> Act:
    why_not = None
    if offer.objection is not None:
        why_not = spoken.own["why_not"][offer.objection]
    elif role not in offer.roles:
        why_not = spoken.say("why_not", "role", roles=", ".join(offer.roles))
    return Act(
        name=offer.name,
        label=spoken.own["acts"][offer.name],
        allowed=why_not is None,
        why_not=why_not,
        preview=spoken.say("previews", offer.preview or offer.name, **offer.facts),
        needs=list(offer.needs),
        roles=list(offer.roles),
        method=offer.method,
        path=offer.path,
    )


def _offers(known: Known, spoken: Spoken) -> Iterator[Offer]:
    each = known.projected
    if isinstance(each, OrderProjection):
        yield _cancel(known, each, spoken)
    else:
        yield from _of_subscription(known, each, spoken)
    yield Offer(
        name="note",
        roles=("support", "ops", "compliance"),
        path=f"/v1/support/entities/{each.id}/notes",
        needs=("text",),
        objection=None if each.buyer else "not_now",
    )
    yield _resend(known, spoken)
    yield _extend(each, spoken)
    yield Offer(
        name="as_customer",
        roles=("support", "ops", "compliance", "admin"),
        path=f"/v1/support/entities/{each.id}/as-customer",
        needs=(),
        objection=None if each.buyer else "not_now",
        method="GET",
    )
    yield _correct_address(each)
    yield Offer(
        name="export_person",
        roles=("support", "admin"),
        path=f"/v1/people/{each.admin if isinstance(each, SubscriptionProjection) else each.buyer}/export",
        needs=(),
        objection=None if each.buyer else "not_now",
        method="GET",
    )
    yield _decide_hold(each)
    yield from _repairs(known)


def _cancel(known: Known, order: OrderProjection, spoken: Spoken) -> Offer:
    paid = paid_of(known, spoken)
    preview, facts = "cancel", {}
    if order.status is OrderStatus.CART and order.placed_at is None:
        preview = "cancel_cart"
    elif paid.state == "captured" and paid.amount is not None:
        preview, facts = "cancel_paid", {"amount": spoken.fmt.money(paid.amount)}
    elif paid.state in ("pending", "action_required"):
        preview = "cancel_unknown"
    return Offer(
        name="cancel",
        roles=_CANCELLERS,
        path=f"/v1/orders/{order.id}/cancel",
        needs=("reason",),
        objection=objection_of_order(order),
        preview=preview,
        facts=facts,
    )


def _of_subscription(known: Known, line: SubscriptionProjection, spoken: Spoken) -> Iterator[Offer]:
    path, offered = f"/v1/subscriptions/{line.id}", possible(line, known.now)
    usable = spoken.fmt.until(line.usable_until) if line.usable_until else ""
    yield Offer(
        name="stop_renewal",
        roles=_CANCELLERS,
        path=f"{path}/stop-renewal",
        needs=("reason",),
        objection=None if Action.STOP in offered else "not_now",
        preview="stop_renewal_now" if line.charge_waits_for is not None else None,
        facts={"usable": usable},
    )
    yield Offer(
        name="resume_renewal",
        roles=_CANCELLERS,
        path=f"{path}/resume-renewal",
        needs=("reason",),
        objection=None if Action.RESUME in offered else "not_now",
    )
    missing = None if line.notice_missing_since is not None else "not_missing"
    notices = f"{path}/renewal-notices"
    yield Offer(name="send_notice", roles=_SUPPORT, path=notices, needs=("reason",), objection=missing)
    yield Offer(
        name="renewal_told", roles=_SUPPORT, path=f"{notices}/told", needs=("how", "note"), objection=missing
    )
    yield Offer(
        name="recover_admin",
        roles=("support", "ops", "admin"),
        path=f"/v1/support/entities/{line.id}/admin-recoveries",
        needs=("email", "name", "reason", "evidence"),
        objection=None if Action.TRANSFER in offered else "not_now",
    )
    given = any(seat.state is not SeatState.FREE for seat in line.seats)
    yield Offer(
        name="reassign_seat",
        roles=_CANCELLERS,
        path=f"{path}/seats/{{seat}}/reassign",
        needs=("seat", "email", "name", "reason"),
        objection="not_now" if Action.USERS not in offered else None if given else "no_user",
    )


def _resend(known: Known, spoken: Spoken) -> Offer:
    """The last e-mail that matters, sent once more; any other one of the history can be, too."""
    mail = mail_of(known, spoken)
    gone = known.projected.status in KINDS.named(known.entity.kind).final
    own = (
        mail is not None
        and mail.entity == known.entity.id
        and mail.state in ("accepted", "bounced", "refused")
    )
    return Offer(
        name="resend",
        roles=_SUPPORT,
        path=f"/v1/support/entities/{known.entity.id}/mails/{quote(mail.id, safe='') if mail and own and mail.id else '{mail}'}/resend",
        needs=("mail", "reason"),
        objection="over" if gone else None if known.mails else "no_mail",
        facts={
            "mail": mail.name if mail else "…",
            "to": (mail.to.email if mail and mail.to else None) or "…",
        },
    )


def _extend(each: OrderProjection | SubscriptionProjection, spoken: Spoken) -> Offer:
    ours = [entry for entry in each.agenda if entry.protects == "vendor" and not entry.held]
    deadlines = spoken.own["deadlines"]
    return Offer(
        name="extend",
        roles=("support", "ops"),
        path=f"/v1/ops/entities/{each.id}/extend",
        needs=("what", "until|by", "reason"),
        objection=None if ours else "no_deadline",
        facts={
            "deadlines": ", ".join(
                f"{deadlines.get(entry.what, entry.what)} ({spoken.fmt.until(entry.due_at)})"
                for entry in ours
            )
            or "…"
        },
    )


def _correct_address(each: OrderProjection | SubscriptionProjection) -> Offer:
    party = each.admin if isinstance(each, SubscriptionProjection) else each.buyer
    return Offer(
        name="correct_address",
        roles=_CANCELLERS,
        path=f"/v1/people/{party}/changes",
        needs=("email", "name", "language", "reason"),
        objection=None if party else "not_now",
    )


def _decide_hold(each: OrderProjection | SubscriptionProjection) -> Offer:
    held = each.hold is not None if isinstance(each, OrderProjection) else bool(each.holds)
    is_open = held and (isinstance(each, SubscriptionProjection) or each.status is OrderStatus.EXPORT_HOLD)
    return Offer(
        name="decide_hold",
        roles=_COMPLIANCE,
        path=f"/v1/compliance/holds/{each.id}/decisions",
        needs=("decision", "reason", "turn"),
        objection=None if is_open else "nothing_held",
    )


def _repairs(known: Known) -> Iterator[Offer]:
    each, path = known.projected, f"/v1/ops/entities/{known.entity.id}"
    over = each.status in KINDS.named(known.entity.kind).final
    yield Offer(
        name="park",
        roles=_OPS,
        path=f"{path}/park",
        needs=("step", "reason"),
        objection="over" if over else None,
    )
    steps = [step.step for step in each.parked]
    for name, needs in (("retry", "edit"), ("skip", "evidence"), ("compensate", None)):
        yield Offer(
            name=name,
            roles=_OPS,
            path=f"{path}/{name}",
            needs=tuple(filter(None, ("step", "reason", needs))),
            objection=None if steps else "nothing_stopped",
            facts={"step": ", ".join(steps) or "…"},
        )
