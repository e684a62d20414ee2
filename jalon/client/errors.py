"""The errors of a call that gets no answer of its type."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

import httpx

from jalon.domain.explained import Explained


class ApiError(Explained):
    """The API answered with a problem.

    `code` is one of the documented codes, "" where the answer is no problem of the API. `type` is the address of the page
    with the remedy. `violations` hold a code, pointer, message and rule each; support finds the request by `reference`.
    """

    def __init__(self, call: str, status: int, problem: Mapping[str, Any]) -> None:
        self.call, self.status, self.problem = call, status, problem
        self.code = str(problem.get("code") or "")
        self.title = str(problem.get("title") or "")
        self.detail = str(problem.get("detail") or "")
        self.rule: str | None = problem.get("rule")
        self.type = str(problem.get("type") or "")
        self.violations: tuple[Mapping[str, Any], ...] = tuple(problem.get("violations") or ())
        self.support = str(problem.get("support") or "")
        self.reference = str(problem.get("reference") or "")
        said = [self.detail or self.title, *(str(each["message"]) for each in self.violations)]
        super().__init__(
            f"{call}: {status} {self.code} {' '.join(dict.fromkeys(filter(None, said)))}".rstrip()
        )

    @property
    def text(self) -> str:
        """The problem for a terminal: the fault, its place in the request, the page with the remedy, the reference for support."""
        lines = [f"{self.code or f'HTTP {self.status}'}: {self.detail or self.title}".removesuffix(": ")]
        told = [each for each in self.violations if each["message"] != self.detail]
        lines += [f"  {each.get('pointer', '')} {each['message']}" for each in told]
        if self.type.startswith(("http://", "https://")):
            lines.append(f"  more at {self.type}")
        if self.reference:
            lines.append(f"  reference {self.reference}")
        return "\n".join(lines)

    @classmethod
    def of(cls, call: str, response: httpx.Response) -> Self:
        """The error of an answer, whatever its body is."""
        return cls(call, response.status_code, object_of(response))

    @classmethod
    def of_request(cls, call: str, request: Mapping[str, Any]) -> Self:
        """The refusal of a write that was answered 202, from `GET /v1/requests/…`."""
        violations = request["violations"]
        first = violations[0] if violations else {}
        problem = {
            "code": first.get("code"),
            "detail": first.get("message"),
            "rule": first.get("rule"),
            "violations": violations,
        }
        return cls(call, HTTPStatus.CONFLICT, problem)


class NotAnswered(Explained):
    """The caller's patience ended before the API answered, or before a recorded write was settled.

    The write may have taken effect: send the same call under the same `key` again, or read `status_url` where there is one.
    """

    def __init__(self, text: str, *, key: str | None = None, status_url: str | None = None) -> None:
        self.key, self.status_url = key, status_url
        super().__init__(text)


def object_of(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty where the body is no object."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
