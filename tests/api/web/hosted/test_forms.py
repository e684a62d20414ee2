"""What a page's form may hold: whatever a forged one holds, nothing is signed and the answer is a page with words."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx

from tests.support.pages import Page
from tests.support.shop import OpenShop

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


CARD = "4242 4242 4242 4242"


def forged(hidden: dict[str, str]) -> dict[str, bytes]:
    """Forms that a contract's page does not send, by what is wrong with them."""
    whole = urlencode(hidden | {"signer_name": "Ana Lefèvre", "consent": "yes"}).encode()
    return {
        "nothing": b"",
        "no form": b"\x00\xff\xfe",
        "JSON": b'{"signer_name": "Ana"}',
        "no nonce": urlencode({"signer_name": "Ana", "consent": "yes"}).encode(),
        "a nonce of other letters": whole.replace(b"nonce=", b"nonce=%C3%A9"),
        "a name twice": whole + b"&signer_name=Bob",
        "a nonce twice": whole + b"&nonce=a1",
        "Latin-1": whole.replace(b"%C3%A8", b"%E8"),
        "half a pair": whole.replace(b"%C3%A8", b"%ED%A0%80"),
        "an overlong NUL": whole.replace(b"%C3%A8", b"%C0%80"),
        "NUL in a name": whole.replace(b"%C3%A8", b"%00"),
        "NUL in a hash": whole + b"&other=%00",
        "51 fields": whole + b"".join(b"&f%d=" % number for number in range(51)),
        "too much": whole + b"&other=" + b"a" * 65_536,
        "a reversed name": whole.replace(b"%C3%A8", b"%E2%80%AE"),
        "an invisible name": urlencode(hidden | {"signer_name": "\u200b", "consent": "yes"}).encode(),
        "a name of controls": urlencode(hidden | {"signer_name": "\x1b[31m", "consent": "yes"}).encode(),
        "no consent": urlencode(hidden | {"signer_name": "Ana", "consent": "on"}).encode(),
        "a card for a name": urlencode(hidden | {"signer_name": f"Ana {CARD}", "consent": "yes"}).encode(),
        "a card for a title": urlencode(
            hidden | {"signer_name": "Ana", "signer_title": CARD, "consent": "yes"}
        ).encode(),
        "a name of digits": urlencode(hidden | {"signer_name": "42", "consent": "yes"}).encode(),
        "no hash": whole.replace(b"document_sha256=", b"document="),
        "a hash of letters": urlencode(
            hidden | {"signer_name": "Ana", "consent": "yes", "document_sha256": "é" * 9000}
        ).encode(),
    }


def is_a_page(answer: httpx.Response) -> bool:
    return answer.headers["content-type"].startswith("text/html") and "<h1>" in answer.text


def test_a_forged_form_signs_nothing_and_says_why_in_a_page(open_shop: OpenShop) -> None:
    shop = open_shop("fastening")
    subscription = shop.order("anchor-design-premium").buy().subscription
    signing = shop.page(shop.link("contract_ready", "contract")).send().send()
    assert subscription["waiting_for"] == "buyer_sign"
    action, hidden = signing.form
    for name, content in forged(hidden).items():
        answer = shop.browser.post(action, content=content, headers=FORM)
        assert 400 <= answer.status_code < 500, (name, answer.status_code)
        assert is_a_page(answer), name
    for headers in ({"Content-Type": "multipart/form-data; boundary=x"}, FORM | {"Content-Encoding": "gzip"}):
        answer = shop.browser.post(action, content=b"--x\r\n", headers=headers)
        assert 400 <= answer.status_code < 500
        assert is_a_page(answer)
    assert subscription["waiting_for"] == "buyer_sign"
    fresh = Page(shop, signing.path, shop.browser.get(signing.path))
    assert fresh.send(signer_name="Ana Lefèvre", signer_title="Gérante", consent="yes").status == 200
    shop.settle()
    assert subscription.status == "active"
