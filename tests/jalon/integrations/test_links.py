"""Signed links: what was signed is read again, under any key of the ring; nothing else opens."""

from __future__ import annotations

import pytest
from itsdangerous import URLSafeSerializer

from jalon.integrations.links import Link, LinkInvalid, Links

OLD, NEW = b"the key of last year, which still opens", b"the key of this year, which signs"
LINK = Link("invitation", "fastening", "sub_1", "3.1", "pty_1")


def test_a_link_names_what_it_opens_and_its_reader() -> None:
    assert Links([NEW, OLD]).open(Links([OLD]).sign(LINK)) == LINK


def test_a_link_of_a_release_that_named_no_reader_still_opens() -> None:
    token = URLSafeSerializer([OLD], salt="jalon-link").dumps(["portal", "fastening", "sub_1", ""])
    assert Links([NEW, OLD]).open(str(token)) == Link("portal", "fastening", "sub_1")


@pytest.mark.parametrize("token", ["forged", "", "a.b.c"])
def test_a_forged_link_opens_nothing(token: str) -> None:
    with pytest.raises(LinkInvalid):
        Links([NEW]).open(token)
