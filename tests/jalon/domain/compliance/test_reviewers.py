"""Two keys are two people where nobody may hold both, and neither person issued the other's key."""

from __future__ import annotations

import pytest

from jalon.domain.compliance.reviewers import DecidingKey, two_people

RITA, REMY = DecidingKey("Rita", "Alix", accepted=True), DecidingKey("Remy", "Alix", accepted=True)


@pytest.mark.rule("T6")
@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        (RITA, REMY, True),
        (RITA, DecidingKey("Remy", "Alix", accepted=False), True),
        (DecidingKey("Rita", "Alix", accepted=False), DecidingKey("Remy", "Alix", accepted=False), False),
        (DecidingKey("Rita", "Alix", accepted=False), DecidingKey("Remy", "Alex", accepted=False), True),
        (DecidingKey("Alix", "command line", accepted=True), REMY, False),
        (
            DecidingKey("ALIX ", "command line", accepted=True),
            DecidingKey("Remy", "alix", accepted=False),
            False,
        ),
        (DecidingKey("Alix", "command line", accepted=False), REMY, False),
        (DecidingKey("Rita", "Remy", accepted=True), REMY, False),
        (RITA, DecidingKey("rita", "Alex", accepted=True), False),
        (RITA, DecidingKey("Rita\ufe0f", "Alex", accepted=True), False),
        (RITA, DecidingKey("Ri\u2800ta", "Alex", accepted=True), False),
    ],
)
def test_two_keys_are_two_people_or_not(one: DecidingKey, other: DecidingKey, *, two: bool) -> None:
    assert two_people(one, other) is two
    assert two_people(other, one) is two
