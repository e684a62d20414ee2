"""Addresses of a store file are kept in the form in which they are used: in ASCII where a header carries them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from jalon.policy.model.contacts import Contact, WebAddress

WEB: TypeAdapter[str] = TypeAdapter(WebAddress)
CONTACT: TypeAdapter[str] = TypeAdapter(Contact)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        ("https://shop.example.com/", "https://shop.example.com/"),
        ("https://shop.example.com/a?b=%41#c", "https://shop.example.com/a?b=%41#c"),
        ("https://магазин.рф/", "https://xn--80aairftm.xn--p1ai/"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://shop.example/été?q=œuf", "https://shop.example/%C3%A9t%C3%A9?q=%C5%93uf"),
        ("https://[::1]:8000/", "https://[::1]:8000/"),
    ],
)
def test_a_web_address_is_kept_as_a_header_carries_it(written: str, kept: str) -> None:
    assert WEB.validate_python(written) == CONTACT.validate_python(written) == kept


@pytest.mark.parametrize(
    "text",
    ["http://shop.example", "https://", "https://a..b", "https://-", "https://a b.example", "https://u:p@a.example",
     "https://u@a.example", "https://a.example:99999/", "https://a.example/\n", "shop.example"],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(text: str) -> None:
    for kind in (WEB, CONTACT):
        with pytest.raises(ValidationError):
            kind.validate_python(text)


def test_a_contact_has_no_blanks_around_it() -> None:
    assert CONTACT.validate_python(" support@optics.example.com ") == "support@optics.example.com"


@given(st.text(max_size=20).map("https://shop.example/{}".format))
def test_what_is_kept_is_ascii_without_blanks_and_reads_the_same_again(text: str) -> None:
    try:
        kept = WEB.validate_python(text)
    except ValidationError:
        return
    assert kept.isascii()
    assert kept.isprintable()
    assert " " not in kept
    assert WEB.validate_python(kept) == kept
