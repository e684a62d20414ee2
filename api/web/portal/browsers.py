"""The browser that asks for a code, told by a cookie of its own, so that no other one can use up its codes or its tries (P3)."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.http.resources import resources_of
from api.web.portal.sites import Site
from jalon.persistence.people.sign_ins import Asker, SignIns

COOKIE = "jalon_browser"
KEPT = timedelta(days=180)
_TOKEN = 43
"""The letters of a token of 32 bytes."""


def device_of(request: Request) -> str:
    """The token of the browser; empty for one that has none yet."""
    token = request.cookies.get(COOKIE, "").partition(".")[0]
    return token if len(token) == _TOKEN else ""


def asker_of(request: Request, party: str) -> Asker:
    """The browser that asks for a code of this person. One without a token gets one, for `remember_browser` to keep."""
    device = device_of(request)
    proof = request.cookies.get(COOKIE, "").partition(".")[2]
    known = SignIns(resources_of(request).vault).proof(party, device)
    is_known = bool(device) and hmac.compare_digest(proof.encode(), known.encode())
    return Asker(device or secrets.token_urlsafe(32), is_known, _network(request))


def _network(request: Request) -> str:
    """The network of the client: what one subscriber usually has, an address of IPv4 or a /64 of IPv6."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    wide = isinstance(address, ipaddress.IPv6Address)
    return str(ipaddress.ip_network((address, 64), strict=False) if wide else address)


def remember_browser(request: Request, response: Response, site: Site, device: str, party: str = "") -> None:
    """Gives the browser its token, with the proof that this person has signed in with it, where they have."""
    resources = resources_of(request)
    proof = f".{SignIns(resources.vault).proof(party, device)}" if party else ""
    public = urlsplit(str(resources.settings.public_url))
    response.set_cookie(
        COOKIE,
        device + proof,
        max_age=int(KEPT.total_seconds()),
        path=f"/portal/{site.policy.id}",
        secure=public.scheme == "https",
        httponly=True,
        samesite="lax",
    )
