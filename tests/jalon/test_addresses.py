"""An address that is accepted can be written to, and two are one only where every mail server says so."""

from __future__ import annotations

import pytest

from jalon.addresses import read_address, same_address, wire_address


@pytest.mark.parametrize(
    ("text", "normal", "wire"),
    [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        (" Ada.Lovelace+cad@Example.COM ", "Ada.Lovelace+cad@example.com", "Ada.Lovelace+cad@example.com"),
        ("eve@stra\u00dfe.de", "eve@stra\u00dfe.de", "eve@xn--strae-oqa.de"),
        ("eve@mu\u0308ller.example", "eve@m\u00fcller.example", "eve@xn--mller-kva.example"),
        ("o'brien@example.ie", "o'brien@example.ie", "o'brien@example.ie"),
        ("ana@buyers.test", "ana@buyers.test", "ana@buyers.test"),
    ],
)
def test_it_has_a_normal_form_and_one_for_the_wire(text: str, normal: str, wire: str) -> None:
    assert (read_address(text), wire_address(text)) == (normal, wire)
    assert read_address(normal) == normal


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "ada@", "@example.com", "ada@localhost", "a:b@x.com", "a@b..com", "a@-b.com", ".ada@example.com",
        "ada@example.com, eve@example.com", "Ada <ada@example.com>", "ada@[127.0.0.1]", '"ada love"@example.com', "ada@example.com\x00",
        "ada@exam\u200bple.com", "we\u00df@example.com", "ada\n@example.com", f"{'a' * 65}@example.com",
    ],
)  # fmt: skip
def test_what_cannot_be_written_to_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]{3} .*\."):
        read_address(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.com", "ADA@EXAMPLE.COM"),
        ("ada@example.com", " ada@example.com "),
        ("eve@m\u00fcller.example", "eve@mu\u0308ller.example"),
        ("eve@m\u00fcller.example", "eve@xn--mller-kva.example"),
    ],
)
def test_two_spellings_of_one_address_are_one(one: str, other: str) -> None:
    assert same_address(one) == same_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eve@stra\u00dfe.de", "eve@strasse.de"),
        ("ada@example.com", "ada@example.org"),
        ("ada@example.com", "a.da@example.com"),
        ("ada+cad@example.com", "ada@example.com"),
    ],
)
def test_two_addresses_are_two(one: str, other: str) -> None:
    assert same_address(one) != same_address(other)
