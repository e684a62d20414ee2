"""The policy hash depends on the content: any value changes it, nothing else does (G6)."""

from __future__ import annotations

import pytest

from jalon.policy.authoring.loader import load_store
from jalon.policy.model.store_policy import StorePolicy
from tests.jalon.policy.conftest import STORE, WriteStore

pytestmark = pytest.mark.rule("G6")


def test_comments_spaces_and_order_of_tables_do_not_change_it(
    write_store: WriteStore, policy: StorePolicy
) -> None:
    spaced = [
        (line, f"  {line}   # said otherwise\n\n")
        for line in STORE.split("\n")
        if line.startswith(("zone", "clock"))
    ]
    routes = '[routes]\nsales = "sales@optics.example.com"\n'
    moved = write_store(
        *spaced,
        ('[routes]\nsales = "sales@optics.example.com"\n', "# routes are at the end\n[routes]\n"),
        (
            'trade_compliance = "https://optics.example.com/compliance"\n',
            f'{routes.partition(chr(10))[2]}trade_compliance = "https://optics.example.com/compliance"\n',
        ),
        append="# the end\n",
    )
    assert load_store(moved).policy_hash == policy.policy_hash


def test_windows_line_ends_do_not_change_it(write_store: WriteStore, policy: StorePolicy) -> None:
    path = write_store()
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_store(path).policy_hash == policy.policy_hash


def test_writing_a_default_out_does_not_change_it(write_store: WriteStore, policy: StorePolicy) -> None:
    path = write_store(('stop_until = "P5D"', 'stop_until = "P5D"\nautomatic = true'))
    assert load_store(path).policy_hash == policy.policy_hash


@pytest.mark.parametrize(
    "edit",
    [
        ('name = "Optics"', 'name = "Optic"'),
        ('clock = "test"\n', 'clock = "test"\nzone = "Europe/Madrid"\n'),
        ("2026-01-15T10:30", "2026-01-15T10:31"),
        ("quantity = 10", "quantity = 11"),
        ('stop_until = "P3D"', 'stop_until = "P4D"'),
        ('stop_until = "P30D"', 'stop_until = "P31D"'),
        ('P1Y = "1200.00"', 'P1Y = "1200.01"'),
        ("seats_per_unit = 5", "seats_per_unit = 6"),
        ("First version.", "First version"),
        ("valid_from = 2027-01-15", "valid_from = 2027-01-16"),
        ('message = "one cart holds one term"', 'message = "one term"'),
    ],
)
def test_any_value_changes_it(write_store: WriteStore, policy: StorePolicy, edit: tuple[str, str]) -> None:
    assert load_store(write_store(edit)).policy_hash != policy.policy_hash


def test_a_text_kept_in_a_file_is_content(write_store: WriteStore, policy: StorePolicy) -> None:
    kept = ('text = { fr = "Parc.", en = "Fleet." }', 'file = { fr = "terms/fr.txt", en = "terms/en.txt" }')
    path = write_store(kept)
    folder = path.parent / "terms"
    folder.mkdir()
    (folder / "fr.txt").write_text("Parc.", encoding="utf-8")
    (folder / "en.txt").write_text("Fleet.", encoding="utf-8")
    assert load_store(path).policy_hash == policy.policy_hash
    (folder / "en.txt").write_text("Fleets.", encoding="utf-8")
    assert load_store(path).policy_hash != policy.policy_hash
