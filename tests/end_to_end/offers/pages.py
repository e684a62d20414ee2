"""What the pages of an order and its subscription offer: their forms as a browser without scripts shows, fills in and sends them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from tests.api.web.orders.certificates import TYPED
from tests.end_to_end.offers.stage import NAME, Known, Stage
from tests.support.cards import chosen, departed
from tests.support.portal import Guest, Screen

ELSEWHERE = ("/sign-out", "/code", "/session", "/portal")
"""The ends of the addresses of forms that do nothing to what is bought: who signs in, or out."""
ABOUT = ("holder", "transfer", "by", "document_sha256", "step")
"""The fields that say what a form is about: with another value it is another form."""
OF_ORDER = ("certificate", "order payment")
BY_LINK = ("contract", "payment", "portal stop", "portal resume", "portal users", "invitation", "transfer")
AT_THE_PORTAL = ("/", "/stop", "/users", "/users/1", "/users/2", "/transfer", "/payment-method")
KINDS = (*OF_ORDER, *BY_LINK, *AT_THE_PORTAL)


@dataclass
class Form:
    """A form of a page. `choices` are the values of its lists, by field."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)

    @property
    def about(self) -> tuple[str, ...]:
        """What distinguishes the form from others: where it is sent, and about what."""
        return (self.action, *(self.fields.get(name, "") for name in ABOUT))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self._form = Form(given["action"])
            self.forms.append(self._form)
        elif self._form is not None and tag == "option":
            self._form.choices[self._select].append(given.get("value", ""))
            if "selected" in given:
                self._form.fields[self._select] = given.get("value", "")
        elif self._form is not None and tag in ("input", "select", "textarea"):
            name = given["name"]
            if tag == "select":
                self._select = name
                self._form.choices[name] = []
            ticked = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if ticked:
                self._form.fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


@dataclass(frozen=True)
class Place:
    """A page: who looks at it, and where."""

    guest: Guest
    path: str

    def open(self) -> Screen:
        """The page as the browser shows it."""
        return self.guest.see(self.path)


def forms_of(screen: Screen) -> list[Form]:
    """The forms by which something is done to what was bought."""
    reader = _Reader()
    reader.feed(screen.response.text)
    return [form for form in reader.forms if not form.action.endswith(ELSEWHERE)]


def places(stage: Stage, known: Known, kind: str) -> Iterator[Place]:
    """The pages of this kind that somebody can open: behind the links of e-mails, whoever still holds one, or at the portal."""
    anybody = stage.guest(stage.shop.email)
    order, buyer = known.order["id"], known.order["buyer"]["id"]
    if kind in OF_ORDER:
        yield Place(anybody, stage.link(kind.removeprefix("order "), order, reader=buyer))
    if kind in OF_ORDER or known.subscription is None:
        return
    line, admin = known.line["id"], known.line["admin"]
    subjects = {"invitation": stage.invited, "transfer": stage.asked}.get(kind)
    if kind.startswith("/"):
        for email in dict.fromkeys((admin["email"], stage.shop.email)):
            guest = stage.guest(email)
            yield Place(guest, f"{guest.base}/subscriptions/{line}{kind.rstrip('/')}")
    elif subjects is not None:
        for subject, reader in subjects.items():
            yield Place(anybody, stage.link(kind, line, subject, reader))
    else:
        for reader in dict.fromkeys((admin["id"], buyer)):
            link, _, purpose = kind.partition(" ")
            yield Place(anybody, stage.link(link, line, purpose, reader))


def shown(stage: Stage, known: Known, kind: str) -> Iterator[tuple[Place, Form]]:
    """The forms on the pages of this kind, as they are now."""
    for place in places(stage, known, kind):
        screen = place.open()
        for form in forms_of(screen):
            yield Place(place.guest, screen.response.url.path), form


def filled(stage: Stage, known: Known, form: Form, turn: int) -> Form:
    """The form as a person fills it in: right, so that nothing but its time can be wrong with it."""
    typed = dict(form.fields)
    if "/certificate/" in form.action:
        typed |= {key: text for key, text in TYPED.items() if text} | {"do": "send"}
    others = (stage.person(number) for number in (1, 2, 3))
    line, unused = known.subscription, f"n{turn}.{stage.example}@{stage.shop.id}.example.com"
    free = (each for each in others if not (line and known.holds_seat(each)) and not _is_admin(known, each))
    answers = {
        "reason": "the project is over",
        "email": next(free, unused),
        "name": NAME,
        "purchase_order_number": f"PO-{turn}",
        "signer_name": "Ana Lefèvre",
    }
    offered = {**form.fields, **dict.fromkeys(form.choices, "")}
    typed |= {name: text for name, text in answers.items() if name in offered}
    if "signer_name" in offered:
        typed["consent"] = "yes"
    for name, values in form.choices.items():
        if not typed.get(name):
            typed[name] = next(filter(None, values), "")
    return replace(form, fields=typed | {"nonce": secrets.token_hex(16)})


def _is_admin(known: Known, email: str) -> bool:
    return known.subscription is not None and bool(known.line["admin"]["email"] == email)


def send(guest: Guest, form: Form, card: str) -> Screen:
    """Sends the form, and confirms what its page asks to confirm; a card is chosen at the provider."""
    shown = Screen(guest.browser.post(form.action, data=form.fields, follow_redirects=True))
    if form.action.endswith("/card") and "refresh" in shown.response.headers:
        return guest.see(chosen(guest, departed(shown), card))
    following = [each for each in forms_of(shown) if each.fields.get("confirmed") == "yes"]
    confirms = [each for each in following if each.action == form.action]
    if shown.status == 200 and confirms and form.fields.get("confirmed") != "yes":
        return Screen(guest.browser.post(confirms[0].action, data=confirms[0].fields, follow_redirects=True))
    return shown


def is_refused(screen: Screen) -> bool:
    """Whether the page says that what was sent could not be done."""
    where = str(screen.response.url)
    told = any(sign in where for sign in ("done=late", "says="))
    return screen.status >= 400 or told or 'role="alert"' in screen.response.text
