"""A command finds the API by its options or by the local machine's folder, and prints why it was refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jalon.cli import connection
from jalon.cli.connection import Refused, connect
from jalon.client.calls import Call
from jalon.client.errors import ApiError, NotAnswered
from jalon.local.ports import free_port
from jalon.local.process_registry import FolderLock

ECHO = Call[Any]("GET", "/x")
PROBLEM = {
    "code": "step_not_parked",
    "detail": "send_contract is not parked",
    "violations": [{"pointer": "/step", "message": "nothing is parked there"}],
    "reference": "req_1",
}


class Api(BaseHTTPRequestHandler):
    """Echoes a request; answers a problem under /refused."""

    def do_GET(self) -> None:
        self._answer(200, {"authorization": self.headers["Authorization"]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/refused":
            self._answer(409, PROBLEM)
        else:
            self._answer(200, {"body": body, "key": self.headers["Idempotency-Key"]})

    def log_message(self, *_what: object) -> None:
        pass

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_is_given_wins_over_the_folder(api: str, tmp_path: Path) -> None:
    (tmp_path / "addresses.json").write_text(json.dumps({"api": api}))
    (tmp_path / "keys.json").write_text(json.dumps({"ops": "from-folder"}))
    for address, key, used in ((None, None, "from-folder"), (api, "given", "given")):
        with FolderLock(tmp_path), connect(address, key, tmp_path, "ops") as client:
            assert client.send(ECHO) == {"authorization": f"Bearer {used}"}


def test_a_machine_that_is_stopped_is_not_waited_for(api: str, tmp_path: Path) -> None:
    (tmp_path / "addresses.json").write_text(json.dumps({"api": api}))
    (tmp_path / "keys.json").write_text(json.dumps({"ops": "from-folder"}))
    with pytest.raises(Refused, match=f"is stopped: start it with `jalon up --data {tmp_path}`"):
        connect(None, None, tmp_path, "ops")
    (tmp_path / "lock").write_text("a process that was killed")
    with pytest.raises(Refused, match="is stopped"):
        connect(None, None, tmp_path, "ops")


def test_without_machine_or_option_the_way_out_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"give --api, or run `jalon up` first"):
        connect(None, None, tmp_path, "ops")
    with pytest.raises(Refused, match="give --key"):
        connect("http://api", None, tmp_path, "ops")


def test_a_problem_is_shown_with_its_violations_and_reference(api: str, tmp_path: Path) -> None:
    with connect(api, "k", tmp_path, "ops") as client, pytest.raises(ApiError) as refused:
        client.send(Call[Any]("POST", "/refused", {}))
    assert refused.value.text.splitlines() == [
        "step_not_parked: send_contract is not parked",
        "  /step nothing is parked there",
        "  reference req_1",
    ]


def test_an_api_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE_SECONDS", 0.2)
    url = f"http://127.0.0.1:{free_port()}"
    with (
        connect(url, "k", tmp_path, "ops") as client,
        pytest.raises(NotAnswered, match=r"ConnectError .* for 0\.2 s"),
    ):
        client.send(ECHO)
