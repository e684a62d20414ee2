"""The end-use certificate as the rehearsal's customers answer it."""

from __future__ import annotations

from typing import Any

ANSWERS: dict[str, Any] = {
    "text_version": "euc-v1",
    "legal_name": "Martin SARL",
    "role": "end_user",
    "sector": "building",
    "site_of_use": "12 quai Perrache, Lyon",
    "country_of_use": "FR",
    "end_use": "Surveying of building sites and bridges in the Lyon area with total stations",
    "nuclear": False,
    "missile": False,
    "chemical_biological": False,
    "weapons_development": False,
    "military_or_police": False,
    "space": False,
    "semiconductor": False,
    "state_owned": False,
    "reexport_intended": False,
    "no_forbidden_use": True,
    "no_diversion": True,
    "report_changes": True,
    "signatory_name": "Ana Martin",
    "signatory_title": "Director",
    "signatory_authority": True,
}
"""The end-use questionnaire with acceptable answers."""
