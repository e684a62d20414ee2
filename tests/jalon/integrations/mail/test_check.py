"""The check of the templates finds every kind of fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jalon.integrations.mail.check import faults

TEMPLATES = Path(__file__).parents[4] / "templates"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(TEMPLATES, tmp_path / "templates")


def test_ours_have_no_fault() -> None:
    assert faults(TEMPLATES) == []


def test_a_missing_language_is_found(copy: Path) -> None:
    (copy / "emails" / "invitation" / "fr.j2").unlink()
    assert any("invitation/fr.j2: missing" in fault for fault in faults(copy))


def test_a_folder_of_no_email_is_found(copy: Path) -> None:
    (copy / "emails" / "newsletter").mkdir()
    assert any("newsletter: no e-mail" in fault for fault in faults(copy))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{{ accept_by|until }}", "{{ accepted_by|until }}", "Invitation has no fact 'accepted_by'"),
        ("{% block preheader %}", "{% block preview %}", "block 'preheader' is missing"),
        ("{% block action %}", "{% block button %}", "no block 'action' for it"),
        ("{% endblock %}", "", "expected"),
        ("Une licence", 'Une "licence"', "French quotes"),
    ],
)
def test_a_faulty_template_is_found(copy: Path, old: str, new: str, told: str) -> None:
    path = copy / "emails" / "invitation" / "fr.j2"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    assert any(told.lower() in fault.lower() for fault in faults(copy)), faults(copy)


def test_a_fact_that_one_language_leaves_out_is_found(copy: Path) -> None:
    path = copy / "emails" / "renewal_stopped" / "en.j2"
    path.write_text(path.read_text("utf-8").replace("data_until", "term_until"), "utf-8")
    assert any("en.j2: says nothing of 'data_until'" in fault for fault in faults(copy))


def test_a_word_that_one_language_lacks_is_found(copy: Path) -> None:
    path = copy / "translations" / "fr.toml"
    path.write_text(path.read_text("utf-8").replace("purged =", "vanished ="), "utf-8")
    found = faults(copy)
    assert any("fr.toml: milestones.purged is missing" in fault for fault in found)
    assert any("en.toml: milestones.vanished is missing" in fault for fault in found)


def test_a_placeholder_that_differs_is_found(copy: Path) -> None:
    path = copy / "translations" / "fr.toml"
    path.write_text(path.read_text("utf-8").replace("jusqu'au {when}", "jusqu'au {date}"), "utf-8")
    assert any("states.until has other placeholders" in fault for fault in faults(copy))
