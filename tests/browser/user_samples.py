"""The pages of a subscription's users in their states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from api.web.hosted.page_models import Form
from api.web.portal.user_list import with_free
from api.web.portal.user_models import Person, UserPage, UserProblem, UserRow, UsersPage, WhoStaysPage
from jalon.domain.projections import FewerSeats, SeatProjection, SeatState
from jalon.integrations.mail.formats import LANGUAGES, Language
from tests.api.web.hosted.test_pages import PAGES
from tests.browser.portal_samples import BASE, RUNNING
from tests.jalon.integrations.mail.samples import INVITED, PLACED, STOP, STORE, TERM

HERE = f"{BASE}/subscriptions/{RUNNING.id}/users"
ROWS = (
    UserRow(
        1, 1, SeatState.ASSIGNED, f"{HERE}/1", "Jean Dupont", "jean.dupont@bureau-detudes.example.com", "pty_2",
        assigned_at=PLACED,
    ),
    UserRow(2, 2, SeatState.INVITED, f"{HERE}/2", "Lise Roy", "lise.roy@bureau-detudes.example.com", "pty_3", INVITED),
    UserRow(3, 3, SeatState.INVITED, f"{HERE}/3", "Omar Benali", "omar@bureau-detudes.example.com", "pty_4"),
    UserRow(6, 6, SeatState.ASSIGNED, f"{HERE}/6", party="pty_5"),
)  # fmt: skip
CHECKED = UserRow(4, 4, SeatState.HELD, f"{HERE}/4", "Adam Roy", "adam@bureau-detudes.example.com", "pty_6")
LATER = replace(ROWS[1], invitable_at=INVITED)
HELD = tuple(
    SeatProjection(
        number=each.number,
        state=each.state,
        party=each.party,
        invitation=None,
        invited_at=None,
        open_until=each.open_until,
        assigned_at=each.assigned_at,
    )
    for each in ROWS
)
WRONG: tuple[UserProblem, ...] = ("email_wrong", "name_wrong", "language_wrong")
MANY = replace(RUNNING, seat_count=1000, seats=HELD)
THREE_FREE = tuple(with_free((), range(1, 4)))
FEWER = FewerSeats(at=TERM, seat_count=2, choose_by=STOP, staying=(), leaving=(3, 6))
GOING = tuple(replace(each, leaves_at=TERM if each.number in FEWER.leaving else None) for each in ROWS)


def user_pages(language: Language) -> Iterator[tuple[str, str]]:
    """Every page of users by the name of its state."""
    person = Person(Form(f"{HERE}/add", {"nonce": "ab"}), LANGUAGES, {"language": language})
    rows = tuple(with_free(ROWS, range(1, 51)))
    users = UsersPage(
        language, STORE, HERE, BASE, MANY, person, rows, 996, after=f"{HERE}?page=2"
    )  # fmt: skip
    wrong = replace(person, filled={"email": "jean", "language": "de"}, problems=WRONG)  # fmt: skip
    again = replace(person, filled={"email": "jean@example.com", "name": "Jean"}, problems=("already_assigned",))  # fmt: skip
    full = replace(users, subscription=replace(MANY, seat_count=4), rows=ROWS, free=0, after=None)
    yield "users", PAGES.show(users)
    yield "users-none", PAGES.show(replace(users, subscription=RUNNING, rows=THREE_FREE, free=3, after=None))  # fmt: skip
    yield "users-wrong", PAGES.show(replace(users, person=wrong))
    yield "users-already", PAGES.show(replace(users, person=again))
    yield "users-full", PAGES.show(full)
    yield "users-full-late", PAGES.show(replace(full, problem="no_free_seat", store=replace(STORE, shop_url=None)))  # fmt: skip
    yield "users-found", PAGES.show(replace(users, rows=ROWS[:1], search="dupont", matches=1, after=None))
    yield "users-not-found", PAGES.show(replace(users, rows=(), search="durand", matches=0, after=None))
    yield "users-by-link", PAGES.show(replace(users, home=None, signs_in=BASE, before=f"{HERE}?page=1"))
    for row in (*ROWS[:2], CHECKED):
        yield f"users-done-given-{row.state}", PAGES.show(replace(users, done="given", about=row))
        user = UserPage(language, STORE, HERE, MANY, row, Form(row.url, {"nonce": "ab"}), person)
        yield f"user-{row.state}", PAGES.show(user)
        yield f"user-{row.state}-warning", PAGES.show(replace(user, warns=True))
    yield "user-invited-often", PAGES.show(replace(user, row=LATER))
    yield "users-too-often", PAGES.show(replace(users, problem="too_often"))
    yield "users-done-reinvited", PAGES.show(replace(users, done="reinvited", about=ROWS[1]))
    yield (
        "users-done-revoked",
        PAGES.show(replace(users, done="revoked", about=UserRow(4, 4, SeatState.FREE))),
    )
    yield from _who_stays(
        language, replace(users, subscription=replace(MANY, seat_count=6), free=2, after=None)
    )
    for row in ROWS[:2]:
        yield f"user-{row.state}-unreached", PAGES.show(replace(user, row=replace(row, unreached=True)))
    unreached = tuple(replace(each, unreached=each.number < 3) for each in ROWS)
    yield "users-unreached", PAGES.show(replace(full, rows=unreached))
    yield "user-wrong", PAGES.show(replace(user, person=wrong))


def _who_stays(language: Language, users: UsersPage) -> Iterator[tuple[str, str]]:
    """The pages about a renewal with fewer seats."""
    fewer = replace(users.subscription, fewer_seats=FEWER)
    rows = tuple(with_free(GOING, fewer.seat_numbers))
    listed = replace(users, subscription=fewer, rows=rows)
    yield "users-fewer", PAGES.show(replace(listed, may_choose=True, choice_url=f"{BASE}/who-stays"))
    yield "users-fewer-late", PAGES.show(listed)
    chosen = frozenset({1, 2})
    choice = WhoStaysPage(
        language, STORE, BASE, fewer, FEWER, Form(f"{BASE}/who-stays", {"nonce": "ab"}), GOING, chosen
    )
    yield "who-stays", PAGES.show(choice)
    yield "who-stays-done", PAGES.show(replace(choice, done=True))
    yield "who-stays-too-many", PAGES.show(replace(choice, chosen=chosen | {3}, problem="too_many"))
    yield "who-stays-changed", PAGES.show(replace(choice, problem="changed"))
