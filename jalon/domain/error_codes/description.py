"""What is said of a code: on its page, in the reference and in the title of its problems."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.error_codes.codes import ErrorCode


@dataclass(frozen=True, slots=True)
class ErrorDescription:
    """One code in English. `cause` says what is wrong, `way_out` what the caller does now.

    `statuses` are the HTTP statuses it comes with; `rule` is its rule id, or None where it has none or it depends.
    `within` is the problem that lists it, for a code that never names a problem itself.
    """

    title: str
    cause: str
    way_out: str
    statuses: tuple[int, ...]
    rule: str | None = None
    within: ErrorCode | None = None


Descriptions = dict[ErrorCode, ErrorDescription]
