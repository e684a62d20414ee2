"""HTTP clients of the demo: the API in each role, the mailbox and the payment sandbox."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from jalon.domain.error_codes import ErrorCode

PATIENCE_SECONDS = 60.0
_AGAIN = {ErrorCode.CLOCK_ADVANCING, ErrorCode.REQUEST_IN_PROGRESS, ErrorCode.NOT_YET_OPEN}


class ApiError(Exception):
    """A request was refused, or not answered; the text names the request and every violation."""

    def __init__(self, text: str, code: str = "") -> None:
        self.code = code
        super().__init__(text)


class Clients:
    """Where the demo knocks. One instance serves one thread."""

    def __init__(self, urls: Mapping[str, str], keys: Mapping[str, str]) -> None:
        self._urls = urls
        self._keys = keys
        self._http = httpx.Client(timeout=PATIENCE_SECONDS)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def get(self, path: str, role: str = "storefront", **query: str) -> Any:
        """The JSON answer of the API. Raises DoorShut."""
        return self._api("GET", path, role, params=query).json()

    def post(self, path: str, body: Mapping[str, Any], role: str = "storefront") -> Any:
        """The JSON answer to a write, repeated under one idempotency key until it is settled. Raises DoorShut."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        answer = self._api("POST", path, role, json=dict(body), headers=headers)
        while answer.status_code == HTTPStatus.ACCEPTED:
            time.sleep(0.1)
            answer = self._api("GET", answer.headers["Location"], role)
            if answer.json().get("state") == "refused":
                raise ApiError(_refusal("POST", path, answer))
        return answer.json()

    def mails(self, to: str) -> list[dict[str, Any]]:
        """What arrived for an address, oldest first."""
        found: list[dict[str, Any]] = self._http.get(
            self._urls["mailbox"] + "/api/messages", params={"to": to}
        ).json()["messages"]
        return found

    def charges(self, store: str) -> list[dict[str, Any]]:
        """What the payment sandbox took for a store, oldest first."""
        query = {"metadata[store]": store, "status": "succeeded", "limit": "1000"}
        found: list[dict[str, Any]] = self._http.get(
            self._urls["payments"] + "/v1/charges", params=query
        ).json()["data"]
        return found

    def _api(self, method: str, path: str, role: str, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._keys[role]}", **request.pop("headers", {})}
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = self._http.request(method, self._urls["api"] + path, headers=headers, **request)
            except httpx.HTTPError as error:
                raise ApiError(f"{method} {path}: {type(error).__name__}") from error
            if answer.is_success:
                return answer
            if _code(answer) not in _AGAIN or time.monotonic() > give_up_at:
                raise ApiError(_refusal(method, path, answer), _code(answer))
            time.sleep(0.1)


def _code(answer: httpx.Response) -> str:
    try:
        return str(answer.json().get("code", ""))
    except ValueError:
        return ""


def _refusal(method: str, path: str, answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    said = [str(problem.get("detail") or problem.get("title") or "")]
    said += [each["message"] for each in problem.get("violations") or ()]
    return f"{method} {path}: {answer.status_code} {_code(answer)} " + " ".join(filter(None, said))
