"""Who is signed in at the console. A session is an API key that ends by itself; its token stands in a cookie."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.http.request_context import context_of
from api.http.resources import resources_of
from api.web.forms import FIELDS_AT_MOST, check_origin, out_of_date, read_fields
from jalon.domain.staff import STAFF_ROLES
from jalon.integrations.mail.formats import LANGUAGES, Language
from jalon.persistence.operations.keys import Key
from jalon.persistence.operations.staff_links import SESSION_LASTS

COOKIE = "jalon_console"
LANGUAGE_COOKIE = "jalon_console_language"
PATH = "/console"
CSRF_FIELD, CSRF_HEADER = "csrf", "X-CSRF-Token"
LANGUAGE_KEPT_SECONDS = 365 * 24 * 3600


class SignInFirst(Exception):
    """Nobody is signed in. The sign-in goes on to the page `then`."""

    def __init__(self, then: str = "") -> None:
        super().__init__("sign in first")
        self.then = then


class NotForRole(Exception):
    """The page is for other roles."""

    def __init__(self, staff: Staff, roles: Collection[str]) -> None:
        super().__init__("a page of other roles")
        self.staff = staff
        self.roles = tuple(each for each in STAFF_ROLES if each in roles)


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff who is signed in. `csrf` stands in each of their forms."""

    key: Key
    token: str
    language: Language
    csrf: str

    @property
    def person(self) -> str:
        """Their name in the audit."""
        return self.key.person

    @property
    def role(self) -> str:
        """The role of the session."""
        return self.key.role


def language_of(request: Request) -> Language:
    """The language that was chosen, else the browser's, else English."""
    wanted = (
        request.cookies.get(LANGUAGE_COOKIE) or request.headers.get("accept-language", "")[:2]
    ).casefold()
    return wanted if wanted in LANGUAGES else "en"


async def staff_of(request: Request, roles: Collection[str] = STAFF_ROLES) -> Staff:
    """Who is signed in, in one of these roles. Raises SignInFirst and NotForRole."""
    token = request.cookies.get(COOKIE, "")
    key = await request.app.state.keyring.find(token) if token else None
    if key is None or not key.is_session or key.role not in STAFF_ROLES:
        query = f"?{request.url.query}" if request.url.query else ""
        raise SignInFirst(f"{request.url.path}{query}" if request.method == "GET" else "")
    context = context_of(request.scope)
    context.caller, context.role = f"key:{key.id}", key.role
    staff = Staff(key, token, language_of(request), csrf_of(request, token))
    if key.role not in roles:
        raise NotForRole(staff, roles)
    return staff


def csrf_of(request: Request, token: str) -> str:
    """The text by which a form proves that a page of this session made it."""
    return resources_of(request).vault.fingerprint(b"console form", token.encode()).hex()


async def posted(request: Request, staff: Staff, at_most: int = FIELDS_AT_MOST) -> dict[str, str]:
    """The fields of a form that a page of this session sent. Raises Problem for any other one."""
    check_origin(request)
    fields = await read_fields(request, at_most)
    given = fields.pop(CSRF_FIELD, "") or request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), staff.csrf.encode()):
        raise out_of_date()
    return fields


def remember(request: Request, response: Response, token: str) -> None:
    """Gives the browser the session."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        path=PATH,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )


def forget(response: Response) -> None:
    """Takes the session from the browser."""
    response.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")


def is_secure(request: Request) -> bool:
    """Whether browsers reach Jalon by https."""
    return urlsplit(str(resources_of(request).settings.public_url)).scheme == "https"


def page_inside(path: str) -> str:
    """A page of the console, to which the sign-in leads; its first one for any other address."""
    inside = path.startswith(f"{PATH}/") and path.isprintable() and "\\" not in path and "//" not in path
    return path if inside and not path.startswith(f"{PATH}/sign-") else PATH
