"""A command finds the API by what it is given or by the local machine's folder, and says why it was refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jalon.cli.connection import Refused, connect
from jalon.local.ports import free_port

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
    assert connect(None, None, tmp_path, "ops").get("/x") == {"authorization": "Bearer from-folder"}
    assert connect(api, "given", tmp_path, "ops").get("/x") == {"authorization": "Bearer given"}


def test_without_machine_or_option_the_way_out_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"give --api, or run `jalon up` first"):
        connect(None, None, tmp_path, "ops")
    with pytest.raises(Refused, match="give --key"):
        connect("http://api", None, tmp_path, "ops")


def test_every_write_has_an_idempotency_key_of_its_own(api: str, tmp_path: Path) -> None:
    resources = connect(api, "k", tmp_path, "ops")
    first, second = resources.post("/x", {"n": 1}), resources.post("/x", {"n": 1})
    assert first["body"] == {"n": 1}
    assert first["key"] != second["key"]


def test_a_problem_is_shown_with_its_violations_and_reference(api: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        connect(api, "k", tmp_path, "ops").post("/refused", {})
    assert str(refused.value).splitlines() == [
        "step_not_parked: send_contract is not parked",
        "  /step nothing is parked there",
        "  reference req_1",
    ]


def test_an_api_that_is_not_there_is_named(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Refused, match=f"{url} cannot be reached"):
        connect(url, "k", tmp_path, "ops").get("/x")
