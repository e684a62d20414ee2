"""What schemathesis loads into its run: fresh idempotency keys, and the checks that only Jalon can make."""

from __future__ import annotations

import atexit
import json
import os
import re
import sys
import uuid
from collections import Counter, defaultdict
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, GenerationMode, HookContext, Response

from jalon.domain.error_codes import ErrorCode
from tests.fuzz.team import MEANT_FOR, TEAM_KEYS

KEY = "Idempotency-Key"
ACCEPTING = "/v1/keys/accept"
PROBLEM = "application/problem+json"
NO_WORDS = re.compile(r"[Ss]tring should|Input should|Traceback|\bNone\b|<class|psycopg|sqlalchemy|pydantic")
UNREADABLE = {
    ErrorCode.UNREADABLE_REQUEST,
    ErrorCode.MALFORMED_JSON,
    ErrorCode.NOT_JSON,
    ErrorCode.UNKNOWN_PATH,
}
SHEDDING = {ErrorCode.OVERLOADED, ErrorCode.DATABASE_BUSY, ErrorCode.RECEIPT_TOO_LATE}
"""Why a request may be refused with 503 on a machine that many tests use."""


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Gives a valid write an idempotency key that was never used, and each request of a team the key of its role."""
    if _is_valid(case) and KEY in (case.headers or {}):
        case.headers[KEY] = str(uuid.uuid4())
    if team:
        role = next((role for path, role in MEANT_FOR.items() if case.path.startswith(path)), "storefront")
        case.headers["Authorization"] = f"Bearer {team[role]}"


team: dict[str, str] = json.loads(os.environ.get(TEAM_KEYS, "{}"))
"""A key for each role, where the requests are those of a team."""
answered: defaultdict[str, Counter[int]] = defaultdict(Counter)
"""How often each operation answered with each status."""


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """Counts the answer. A team goes on with the key that an accepted one was exchanged for."""
    answered[case.operation.label][response.status_code] += 1
    if (
        case.operation.path == ACCEPTING
        and response.status_code == 200
        and (token := response.json()["token"])
    ):
        team.update({role: token for role, key in team.items() if _carries(response, key)})


@atexit.register
def tell() -> None:
    """Says how far the requests came: a run in which nothing succeeds proves little."""
    statuses = sum(answered.values(), Counter())
    done = sorted(label for label, seen in answered.items() if any(status < 300 for status in seen))
    sys.stdout.write(
        f"answers: {dict(sorted(statuses.items()))}\nsuccess at {len(done)} of {len(answered)} operations\n"
    )


@schemathesis.check
def nothing_fails_here(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """No answer is a failure of the server. Shedding is documented, and says when to come again."""
    if response.status_code < 500:
        return
    assert response.status_code == 503, f"{response.status_code}: {response.text}"
    assert response.json()["code"] in SHEDDING, response.text
    assert "retry-after" in response.headers, "no Retry-After"


@schemathesis.check
def refusals_have_words(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A refusal is a problem with a known code and a text for people, and says when to come again where it may be sent again."""
    if response.status_code < 400 or case.operation.path == "/readyz":
        return
    kind = response.headers.get("content-type", [""])[0]
    assert kind == PROBLEM, f"a refusal of type {kind}"
    problem = response.json()
    texts = [problem["detail"], problem["title"], *(each["message"] for each in problem["violations"])]
    assert all(text.strip() for text in texts), f"a refusal without words: {problem}"
    assert not [text for text in texts if NO_WORDS.search(text)], f"words of the machine: {texts}"
    assert all(each["pointer"] == "" or each["pointer"].startswith("/") for each in problem["violations"])


@schemathesis.check
def valid_requests_are_refused_by_rule(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A request that fits the description is refused with a documented code, never as one that cannot be read."""
    if not _is_valid(case) or not 400 <= response.status_code < 500:
        return
    code = response.json()["code"]
    assert code not in UNREADABLE, f"a valid request is {code}: {response.json()['detail']}"


def _carries(response: Response, key: str) -> bool:
    return bool(response.request.headers.get("Authorization") == f"Bearer {key}")


def _is_valid(case: Case[Any]) -> bool:
    """Whether the request fits the description in every part."""
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
