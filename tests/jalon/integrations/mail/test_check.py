"""The check of the templates finds every kind of fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jalon.integrations.mail.check import faults

TEMPLATES = Path(__file__).parents[4] / "templates"
FAULTS = [
    ("emails/invitation/fr.j2", "{{ accept_by|until }}", "{{ accepted_by|until }}", "Invitation has no fact 'accepted_by'"),
    ("emails/contract_ready/fr.j2", "{% block preheader %}", "{% block preview %}", "block 'preheader' is missing"),
    ("emails/activation_reminder/fr.j2", "{% block action %}", "{% block button %}", "no block 'action' for it"),
    ("emails/order_delayed/fr.j2", "{% endblock %}", "", "expected"),
    ("emails/user_added/fr.j2", "Une licence", 'Une "licence"', "French quotes"),
    ("emails/renewal_stopped/en.j2", "data_until", "term_until", "says nothing of 'data_until'"),
]  # fmt: skip
"""Each template with its planted fault: what stands there, what replaces it, and what the check says."""
WORDS = [("purged =", "vanished ="), ("jusqu'au {when}", "jusqu'au {date}")]
"""What stands in the French words, and what replaces it."""


def test_ours_have_no_fault() -> None:
    assert faults(TEMPLATES) == []


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The faults of a copy of the templates with every fault planted."""
    copy = shutil.copytree(TEMPLATES, tmp_path_factory.mktemp("faulty") / "templates")
    for path, old, new, _ in FAULTS:
        _replace(copy / path, old, new)
    for old, new in WORDS:
        _replace(copy / "translations" / "fr.toml", old, new)
    (copy / "emails" / "renewed" / "fr.j2").unlink()
    (copy / "emails" / "newsletter").mkdir()
    return faults(copy)


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_missing_language_is_found(found: list[str]) -> None:
    assert any("renewed/fr.j2: missing" in fault for fault in found)


def test_a_folder_of_no_email_is_found(found: list[str]) -> None:
    assert any("newsletter: no e-mail" in fault for fault in found)


@pytest.mark.parametrize(("path", "told"), [(path, told) for path, _, _, told in FAULTS])
def test_a_faulty_template_is_found(found: list[str], path: str, told: str) -> None:
    assert any(path in fault and told.lower() in fault.lower() for fault in found), found


def test_a_word_that_one_language_lacks_is_found(found: list[str]) -> None:
    assert any("fr.toml: milestones.purged is missing" in fault for fault in found)
    assert any("en.toml: milestones.vanished is missing" in fault for fault in found)


def test_a_placeholder_that_differs_is_found(found: list[str]) -> None:
    assert any("states.until has other placeholders" in fault for fault in found)


def test_a_fault_of_one_template_is_not_said_of_another(found: list[str]) -> None:
    faulty = {path for path, _, _, _ in FAULTS} | {"emails/renewed/fr.j2"}
    said = {fault for fault in found if ".j2" in fault}
    assert [fault for fault in said if not any(path in fault for path in faulty)] == []
