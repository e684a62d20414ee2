"""E-mail addresses: which texts are one, how it is written on the wire, and when two of them are the same.

Every interface that takes an address reads it here, so that what is accepted can be written to. email-validator knows RFC 5321, RFC
5322 and IDNA 2008, whose domains keep `straße.de` and `strasse.de` apart.
"""

from __future__ import annotations

import email_validator
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

# Whether a domain exists, the mail server says. Rehearsals write to .test, and to .invalid for a refusal.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def read_address(text: str) -> str:
    """The address in its normal form: NFC, its domain in lower case. ValueError says what is wrong with the text."""
    return _validated(text).normalized


def wire_address(address: str) -> str:
    """The address in ASCII, as SMTP without SMTPUTF8 carries it. ValueError for a text that is no address."""
    found = _validated(address)
    return found.ascii_email or found.normalized


def same_address(address: str) -> str:
    """A text that is equal for equal addresses: the local part in lower case, the domain in its ASCII form. ValueError."""
    found = _validated(address)
    return f"{found.local_part.lower()}@{found.ascii_domain.lower()}"


def is_address(text: str) -> bool:
    """Whether the text is an e-mail address."""
    try:
        _validated(text)
    except ValueError:
        return False
    return True


def _validated(text: str) -> ValidatedEmail:
    try:
        return validate_email(text.strip(), strict=True, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError as wrong:
        raise ValueError(str(wrong)) from None
