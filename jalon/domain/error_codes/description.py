"""The description of a code: for its page, the reference and the titles of its problems."""

from __future__ import annotations

from dataclasses import dataclass

from jalon.domain.error_codes.codes import ErrorCode


@dataclass(frozen=True, slots=True)
class ErrorDescription:
    """The description of one code in English. `cause` is what is wrong, `way_out` what the caller does now.

    `statuses` are the HTTP statuses of the code; `rule` is its rule id, or None where it has none or several. `within` is the problem
    that lists the code, for a code that never names a problem itself.
    """

    title: str
    cause: str
    way_out: str
    statuses: tuple[int, ...]
    rule: str | None = None
    within: ErrorCode | None = None


Descriptions = dict[ErrorCode, ErrorDescription]
