"""How a command reaches the API: its address and a key, given or found in the local machine's folder."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

TIMEOUT_SECONDS = 40.0

ApiOption = Annotated[str | None, typer.Option("--api", envvar="JALON_API_URL", help="Address of the API.")]
KeyOption = Annotated[
    str | None, typer.Option("--key", envvar="JALON_API_KEY", help="Your key.", show_envvar=True)
]
DataOption = Annotated[Path, typer.Option("--data", help="Folder of the local machine.")]
LOCAL_FOLDER = Path(".jalon")


class Refused(Exception):
    """The API answered with a problem, or could not be reached; the text is for the terminal."""


@dataclass(frozen=True, slots=True)
class Connection:
    """An open way to the API."""

    url: str
    key: str = field(repr=False)

    def get(self, path: str, **query: str) -> Any:
        """The JSON answer to a GET. Raises Refused."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON answer to a POST under an idempotency key of its own. Raises Refused."""
        return self._ask("POST", path, json=dict(body), headers={"Idempotency-Key": str(uuid.uuid4())})

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}", **request.pop("headers", {})}
        try:
            answer = httpx.request(
                method, self.url + path, headers=headers, timeout=TIMEOUT_SECONDS, **request
            )
        except httpx.HTTPError as error:
            raise Refused(f"{self.url} cannot be reached: {error}") from error
        if answer.is_error:
            raise Refused(_problem(answer))
        return answer.json()


def connect(api: str | None, key: str | None, data: Path, role: str) -> Connection:
    """What the caller gave, else what the local machine in `data` wrote down for `role`. Raises Refused."""
    url = api or _written(data / "addresses.json").get("api")
    token = key or _written(data / "keys.json").get(role)
    if url is None or token is None:
        missing = "--api" if url is None else "--key"
        raise Refused(f"no machine was started in {data}: give {missing}, or run `jalon up` first")
    return Connection(url.rstrip("/"), token)


def _written(path: Path) -> dict[str, str]:
    try:
        entries: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return entries


def _problem(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    lines = [
        f"{problem.get('code', answer.status_code)}: {problem.get('detail') or problem.get('title', '')}"
    ]
    lines += [f"  {entry.get('pointer', '')} {entry['message']}" for entry in problem.get("violations") or ()]
    if reference := problem.get("reference"):
        lines.append(f"  reference {reference}")
    return "\n".join(lines)
