"""The region codes of the domain are those of ISO 3166-2."""

from __future__ import annotations

import pycountry

from jalon.domain.compliance.regions import REGIONS


def test_the_regions_are_those_of_iso_3166_2() -> None:
    assert {region.code for region in pycountry.subdivisions} == REGIONS
