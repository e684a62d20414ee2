"""Where a form may come from: a page of ours, as a browser names it (SameSite, Origin, Sec-Fetch-Site)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from starlette.requests import Request

from api.http.errors import Problem
from api.web.forms import check_origin

OURS = "https://jalon.example.com"


def posted(**headers: str) -> Request:
    resources = SimpleNamespace(settings=SimpleNamespace(public_url=OURS))
    return Request(
        {
            "type": "http",
            "method": "POST",
            "scheme": "https",
            "server": ("jalon.example.com", 443),
            "path": "/portal/s/FR/code",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "app": SimpleNamespace(state=SimpleNamespace(resources=resources)),
        }
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": OURS},
        {"origin": OURS, "sec_fetch_site": "same-origin"},
        {"origin": "null", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
    ],
)
def test_a_form_of_ours_is_taken(headers: dict[str, str]) -> None:
    check_origin(posted(**headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example.com"},
        {"origin": "null"},
        {"origin": "null", "sec_fetch_site": "cross-site"},
        {"origin": OURS, "sec_fetch_site": "same-site"},
        {"origin": "https://evil.example.com", "sec_fetch_site": "same-origin"},
    ],
)
def test_a_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(Problem):
        check_origin(posted(**headers))
