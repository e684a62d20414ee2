"""The documentation is true: its links resolve, its lists are complete, and its commands run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast, get_args

import httpx
import pytest
from typer.core import TyperGroup
from typer.main import get_command

from api.reference import moves
from api.reference.events import in_page
from api.v1.operations.bodies import Role
from jalon.cli.main import app
from jalon.domain.events import EVENTS
from jalon.domain.kinds import KINDS
from jalon.domain.statuses import OrderStatus, SubscriptionStatus
from jalon.settings import Settings
from tests.support.machines import Serving
from tests.support.plain import PLAIN
from tests.support.stores import SandboxStore
from workflows.engine.agenda import Due
from workflows.order.workflow import OrderWorkflow
from workflows.subscription.workflow import SubscriptionWorkflow

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "stores").glob("*.md")])
DECISIONS = sorted(page for page in (DOCS / "decisions").glob("*.md") if page.name != "README.md")
MOST_LINES_OF_A_DECISION = 40
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml))`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = [link for link in _LINK.findall(_prose(page)) if not _leads_somewhere(page, link)]
    assert lost == []


def _leads_somewhere(page: Path, link: str) -> bool:
    if link.startswith(("https://", "http://")):
        return True
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return target.exists() and (not anchor or anchor in set(_anchors(target)))


def _anchors(page: Path) -> Iterator[str]:
    for heading in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    "page",
    [DOCS / "architecture.md", DOCS / "where-to-change-what.md", DOCS / "lifecycle.md", ROOT / "README.md"],
    ids=lambda page: page.name,
)
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = {path for path in _PATH.findall(_prose(page)) if path.partition("/")[0] in _places()}
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


def _places() -> set[str]:
    return {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}


def test_every_decision_is_in_the_index_under_its_title() -> None:
    index = (DOCS / "decisions" / "README.md").read_text()
    rows = dict(re.findall(r"^\| \[[\w-]+\]\(([\w-]+\.md)\) \| (.+) \|$", index, re.MULTILINE))
    assert rows == {page.name: page.read_text().splitlines()[0].removeprefix("# ") for page in DECISIONS}


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_date_its_status_and_three_headings_on_one_page(page: Path) -> None:
    text = page.read_text()
    title, empty, dated, status, *_ = lines = text.splitlines()
    assert title.startswith("# ")
    assert empty == ""
    assert dated == f"- Date: {date.fromisoformat(dated[-10:])}"
    assert re.fullmatch(r"- Status: (accepted|superseded by \[.+\]\([\w-]+\.md\))", status)
    headings = re.findall(r"^\*\*(Decided\.|What it costs\.|Think again)\*\*", text, re.MULTILINE)
    assert headings == ["Decided.", "What it costs.", "Think again"]
    assert len(lines) <= MOST_LINES_OF_A_DECISION


def test_the_agenda_of_the_lifecycle_page_is_the_agenda_of_the_workflows() -> None:
    section = (DOCS / "lifecycle.md").read_text().split("## The agenda")[1].split("\n## ")[0]
    listed = set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
    assert listed == {*OrderWorkflow.steps.due, *SubscriptionWorkflow.steps.due} == set(Due)


def test_the_moves_of_the_lifecycle_page_are_made_from_the_kinds() -> None:
    page = (DOCS / "lifecycle.md").read_text()
    assert page == moves.in_page(page), "run: python -m api.reference.moves < docs/lifecycle.md"
    drawn = (DOCS / "moves.svg").read_text()
    assert drawn == moves.drawing(), "run: python -m api.reference.moves --svg > docs/moves.svg"
    assert all(f">{status}<" in drawn for kind in KINDS for status in kind.moves if status != "new")


def test_every_status_is_drawn() -> None:
    drawn = (DOCS / "lifecycle.md").read_text()
    for kind, heading in ((OrderStatus, "## The order"), (SubscriptionStatus, "## The subscription")):
        picture = drawn.split(heading)[1].split("```")[1]
        assert set(kind) - {kind.NEW} - set(re.findall(r"[a-z_]+", picture)) == set()


def test_the_page_of_events_tells_every_event() -> None:
    page = (DOCS / "events.md").read_text()
    assert page == in_page(page), "run: python -m api.reference.events < docs/events.md"
    assert set(re.findall(r"^\| `(\w+)` \| ", page, re.MULTILINE)) == set(EVENTS)


def test_the_glossary_has_each_word_once_in_order() -> None:
    words, terms = (
        re.findall(r"^\| ([^|]+) \| ", part, re.MULTILINE)[1:]
        for part in (DOCS / "glossary.md").read_text().split("## Terms of the code")
    )
    for listed in (words, terms):
        assert listed == sorted(set(listed), key=str.casefold)
    assert set(words).isdisjoint(terms)


def test_the_readme_names_every_setting_that_must_be_given() -> None:
    named = set(re.findall(r"JALON_[A-Z_]+[A-Z]", (ROOT / "README.md").read_text()))
    wanted = {f"JALON_{name}".upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert named == wanted


MAY = {
    "open": ("POST", "/v1/orders"),
    "cancel": ("POST", "/v1/orders/ord_none/cancel"),
    "correct": ("POST", "/v1/people/pty_none/changes"),
    "sign": ("POST", "/v1/subscriptions/sub_none/sign"),
    "find": ("GET", "/v1/support/search"),
    "waits for support": ("GET", "/v1/support/tasks"),
    "see parked steps": ("GET", "/v1/ops/parked"),
    "repair": ("POST", "/v1/ops/entities/ord_none/retry"),
    "declare outages": ("POST", "/v1/ops/outages"),
    "see holds": ("GET", "/v1/compliance/holds"),
    "decide on holds": ("POST", "/v1/compliance/holds/ord_none/decisions"),
    "issue and revoke keys": ("POST", "/v1/keys"),
    "move a sandbox's clock": ("POST", "/v1/test-clocks/no-store/advance"),
    "read orders": ("GET", "/v1/orders/ord_none"),
}
"""The words of the table of roles, each with an operation that they promise."""


def test_the_table_of_roles_promises_what_each_role_may_do(machine: Serving) -> None:
    table = (DOCS / "operations.md").read_text().partition("| role | may |")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE))
    assert set(rows) == set(get_args(Role))
    for role, promised in rows.items():
        headers = {"Authorization": f"Bearer {machine.keys[role]}", "Idempotency-Key": "no-key"}
        for words, (method, path) in MAY.items():
            answer = httpx.request(method, machine.urls["api"] + path, headers=headers, verify=PLAIN)
            assert answer.is_success or answer.json()["code"] != "unknown_path", words
            assert (words in promised) == (answer.status_code != 403), (role, words)


def test_every_command_that_is_named_exists() -> None:
    text = "\n".join(page.read_text() for page in PAGES)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^    )make ([a-z]+)", text, re.MULTILINE)) <= targets
    group = cast(TyperGroup, get_command(app))
    commands = set(group.list_commands(cast(Any, None)))
    assert set(re.findall(r"`(?:\.venv/bin/)?jalon ([a-z]+)", text)) <= commands


def _block(page: Path, name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```sh\n(.*?)\n```", page.read_text(), re.DOTALL)
    assert found
    return found.group(1)


def _run_in(folder: Path, machine: Serving, script: str) -> str:
    """The output of a shell that runs the script beside the folder of the machine."""
    (folder / ".jalon").mkdir(exist_ok=True)
    (folder / ".jalon" / "addresses.json").write_text(json.dumps(machine.urls))
    (folder / ".jalon" / "keys.json").write_text(json.dumps(dict(machine.keys)))
    script = script.replace(".venv/bin/python", sys.executable).replace(
        "http://127.0.0.1:8080", machine.urls["api"]
    )
    done = subprocess.run(
        ["/bin/sh", "-c", script], cwd=folder, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_first_cart_of_the_readme_is_opened(
    machine: Serving, store: Callable[..., SandboxStore], tmp_path: Path
) -> None:
    sandbox_store = store("drafting")
    script = _block(ROOT / "README.md", "a first cart").replace('"drafting"', f'"{sandbox_store.id}"')
    opened = json.loads(_run_in(tmp_path, machine, script))
    assert sandbox_store.get(f"/v1/orders/{opened['id']}").json()["status"] == "cart"


def test_the_first_order_is_made_and_renewed(
    machine: Serving, store: Callable[..., SandboxStore], tmp_path: Path
) -> None:
    sandbox_store = store("drafting")
    script = _block(DOCS / "first-order.md", "a first order")
    script = script.replace('"store": "drafting"', f'"store": "{sandbox_store.id}"')
    script = script.replace("/test-clocks/drafting/", f"/test-clocks/{sandbox_store.id}/")
    order = sandbox_store.get(f"/v1/orders/{_run_in(tmp_path, machine, script)}").json()
    assert order["status"] == "completed"
    (line,) = order["lines"]
    assert sandbox_store.get(f"/v1/subscriptions/{line['subscription']}").json()["term_number"] == 1


def test_the_readme_shows_pictures_that_load_at_once() -> None:
    shown = re.findall(r"!\[[^\]]+\]\((docs/pictures/[^)]+)\)", (ROOT / "README.md").read_text())
    assert {ROOT / each for each in shown} == set((DOCS / "pictures").iterdir())
    assert {each: (ROOT / each).stat().st_size < 150_000 for each in shown} == dict.fromkeys(shown, True)


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 90
