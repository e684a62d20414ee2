"""The addresses that a store file may name: e-mail and web addresses, each in the form in which it is used."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, ValidationError
from pydantic_core import Url

from jalon.addresses import is_address, read_address

_BEGINS = "https://"
_HOST = re.compile(r"\[[0-9a-f:.]+\]|(?!.*\.\.)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")


def _email(text: str) -> str:
    try:
        return read_address(text)
    except ValueError as wrong:
        raise ValueError(f'"{text}" is not an e-mail address: {wrong}') from None


def _web_address(text: str) -> str:
    """The address in ASCII, as a header carries it: an international domain as its A-label, other letters percent-encoded."""
    try:
        read = Url(text) if text.startswith(_BEGINS) and not re.search(r"\s", text) else None
    except ValidationError:
        read = None
    if read is None or not _HOST.fullmatch(read.host or "") or read.username or read.password:
        raise ValueError(f'"{text}" is not an https:// address')
    added = read.path == "/" and not read.query and not read.fragment and not text.endswith("/")
    return str(read).removesuffix("/") if added else str(read)


def _contact(text: str) -> str:
    if is_address(text):
        return read_address(text)
    try:
        return _web_address(text)
    except ValueError:
        raise ValueError(f'"{text}" is neither an e-mail address nor an https:// address') from None


Email = Annotated[str, AfterValidator(_email)]
Contact = Annotated[str, AfterValidator(_contact)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
