"""A key that nothing reads is a fault, and one that a product takes is none (X13)."""

from __future__ import annotations

import pytest

from jalon.policy.authoring.effects import _SWITCHED, _Switched
from jalon.policy.authoring.loader import load_store
from jalon.policy.model.keys import Section
from jalon.policy.model.sections import Rules
from tests.jalon.policy.conftest import WriteStore, faults_of

FLEET = 'hold_max = "P10D"\n'
NEVER_RENEWS = ('[renewal]\nstop_until = "P5D"\n', "[renewal]\nautomatic = false\n")
UNCERTIFIED = ("certificate_required = true\n", "")


@pytest.mark.parametrize("switched", _SWITCHED, ids=lambda switched: switched.section)
def test_each_switched_key_is_one_that_its_section_has(switched: _Switched) -> None:
    section = Rules.model_fields[switched.section].annotation
    assert isinstance(section, type)
    assert issubclass(section, Section)
    assert {
        *switched.keys,
        switched.switch.removeprefix(f"{switched.section}."),
    } <= section.model_fields.keys()


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ('[products.overrides.renewal]\nautomatic = false\nstop_until = "P1D"\n', "renewal.stop_until"),
        ('[products.overrides.renewal]\nautomatic = false\nwithout_notice = "charge"\n', "renewal.without_notice"),
        ('[products.overrides.seats]\nuser_management = false\ninvitation_window = "PT2H"\n', "seats.invitation_window"),
        ('[products.overrides.seats]\nuser_management = false\nloss_warning_before = "P2D"\n', "seats.loss_warning_before"),
    ],
)  # fmt: skip
def test_a_key_of_a_product_that_switched_its_section_off_is_a_fault(
    write_store: WriteStore, written: str, key: str
) -> None:
    [fault] = faults_of(write_store((FLEET, FLEET + written)))
    assert fault.key == f"products[1].overrides.{key}"
    assert "has no effect" in fault.message


@pytest.mark.parametrize("key", ['certificate_window = "P9D"', "score_review = 0.8", "score_block = 0.9"])
def test_a_key_of_a_certificate_counts_where_one_product_asks_for_it(
    write_store: WriteStore, key: str
) -> None:
    stated = ("acceptance_required = true\n", f"acceptance_required = true\n{key}\n")
    assert load_store(write_store(stated)).id == "optics"
    [fault] = faults_of(write_store(stated, UNCERTIFIED))
    assert fault.key == f"export.{key.split(maxsplit=1)[0]}"
    assert "certificate_required" in fault.message


@pytest.mark.parametrize("key", ['invitation_window = "PT2H"', 'loss_warning_before = "P2D"'])
def test_a_key_of_seats_counts_where_users_are_managed(write_store: WriteStore, key: str) -> None:
    assert load_store(write_store(append=f"[seats]\n{key}\n")).id == "optics"
    [fault] = faults_of(write_store(append=f"[seats]\nuser_management = false\n{key}\n"))
    assert fault.key == f"seats.{key.split(maxsplit=1)[0]}"
