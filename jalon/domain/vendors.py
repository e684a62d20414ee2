"""The contracting party behind a store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who sells: the legal name, with the address in lines and the registers where the store file names them."""

    legal_name: str
    address: tuple[str, ...] = ()
    registration: str | None = None
    vat_id: str | None = None
