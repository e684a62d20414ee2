"""Who may become the admin of a subscription: its users, and a new person as somebody wrote them down (P11)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from api.fields import without_card
from api.http.resources import resources_of
from api.web.portal.page_models import Successor, TransferProblem, User
from api.web.portal.visits import Visit
from jalon.addresses import read_address
from jalon.domain.projections import SeatProjection, SeatState
from jalon.domain.texts import has_letter, read_name
from jalon.persistence.people.parties import Party

SHOWN_AT_MOST = 100
NAME_AT_MOST = 200


def users_of(visit: Visit) -> list[SeatProjection]:
    """The seats of those who may take over at once: assigned, and not the admin's own."""
    subscription = visit.subscription
    return [
        seat
        for seat in subscription.seats
        if seat.state is SeatState.ASSIGNED and seat.party != subscription.admin
    ]


async def shown_users(request: Request, visit: Visit) -> tuple[User, ...]:
    """The first hundred users, with their names."""
    seats = users_of(visit)[:SHOWN_AT_MOST]
    people = await people_of(request, visit, *(seat.party for seat in seats))
    return tuple(
        User(seat.number, people[seat.party].name, people[seat.party].email)
        for seat in seats
        if seat.party in people
    )


async def people_of(request: Request, visit: Visit, *parties: str | None) -> dict[str, Party]:
    """The people with these ids."""
    resources = resources_of(request)
    async with resources.sessions.of(visit.policy.id) as tx:
        return await resources.parties.read(tx, *filter(None, parties))


async def asked_to_take_over(request: Request, visit: Visit) -> Party | None:
    """Whoever was asked to take over, for the admin at the portal."""
    pending = visit.subscription.transfer
    if pending is None or visit.visitor is None:
        return None
    return (await people_of(request, visit, pending.party)).get(pending.party)


async def named(
    request: Request, visit: Visit, fields: dict[str, str]
) -> tuple[Successor | None, tuple[TransferProblem, ...]]:
    """The person whom a form names, or what is wrong with it."""
    if fields.get("by") == "seat":
        return await _by_seat(request, visit, fields.get("seat", ""))
    return await _by_address(request, visit, fields)


async def _by_seat(
    request: Request, visit: Visit, number: str
) -> tuple[Successor | None, tuple[TransferProblem, ...]]:
    held = next((seat for seat in users_of(visit) if str(seat.number) == number), None)
    people = await people_of(request, visit, held.party) if held else {}
    if held is None or held.party not in people:
        return None, ("user_gone",)
    return _user(held, people[held.party]), ()


async def _by_address(
    request: Request, visit: Visit, fields: dict[str, str]
) -> tuple[Successor | None, tuple[TransferProblem, ...]]:
    problems: list[TransferProblem] = []
    email, name = "", _name(fields.get("name", ""))
    try:
        email = read_address(fields.get("email", "").strip())
    except ValueError:
        problems.append("email_wrong")
    person = await _known(request, visit, email) if email else None
    if person is not None and person.id == visit.subscription.admin:
        problems.append("already_admin")
    if not name:
        problems.append("name_wrong")
    if problems:
        return None, tuple(problems)
    held = next((seat for seat in users_of(visit) if person is not None and seat.party == person.id), None)
    if held is not None and person is not None:
        return _user(held, person), ()
    spoken = visit.policy.store
    language = fields.get("language", "")
    return Successor(name, email, language if language in spoken.languages else spoken.default_language), ()


async def _known(request: Request, visit: Visit, email: str) -> Party | None:
    resources = resources_of(request)
    async with resources.sessions.of(visit.policy.id) as tx:
        found = await resources.parties.find(tx, email)
        return (await resources.parties.read(tx, found[0])).get(found[0]) if found else None


def _user(seat: SeatProjection, person: Party) -> Successor:
    return Successor(person.name, person.email, person.language, seat.number)


def _name(text: str) -> str:
    """The name of a person, empty where it is none."""
    try:
        name = without_card(read_name(" ".join(text.split())))
    except ValueError:
        return ""
    return name if has_letter(name) and len(name) <= NAME_AT_MOST else ""


async def party_of(request: Request, tx: AsyncConnection, visit: Visit, who: Successor) -> str:
    """The id of the successor: of the user with the seat, or of the person with the address, who may be new here."""
    held = next((seat.party for seat in users_of(visit) if seat.number == who.seat), None)
    return held or await resources_of(request).parties.meet(
        tx, visit.policy.id, email=who.email, name=who.name, language=who.language
    )
