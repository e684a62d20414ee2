"""Faults of products, prices and terms of sale, each with its line and key."""

from __future__ import annotations

import pytest

from tests.jalon.policy.conftest import Edit, WriteStore, faults_of, line_of

FAULTS: list[tuple[Edit, str, str | None, str]] = [
    # edit, key, text of the line, part of the message
    (('sku = "lens-fleet"', 'sku = "lens-design"'), "products[1].sku", None, "is already products[0]"),
    (
        ('P3M = "330.00", ', ""),
        "products[0].prices.EUR.P3M",
        'prices.EUR = { P1Y = "1200.00"',
        "has no price in EUR for P3M",
    ),
    (('P1Y = "1200.00"', "P1Y = 1200.0"), "products[0].prices.EUR.P1Y", "1200.0", "must be text in quotes"),
    (('P1Y = "1200.00"', 'P1Y = "1200,00"'), "products[0].prices.EUR.P1Y", "1200,00", "is not a price"),
    *(
        (('P1Y = "1200.00"', f'P1Y = "{price}"'), "products[0].prices.EUR.P1Y", price, "is not a price")
        for price in (
            "1e99",
            "99999999999999999999999999.99",
            " 2_290.00 ",
            "٢٢٩٠.00",
            "-1.00",
            "NaN",
            "1.",
            "+1",
        )
    ),
    (('sku = "lens-fleet"', f'sku = "{"l" * 100}"'), "products[1].sku", None, "80 at most"),
    (
        ('fr = "Parc", en = "Fleet" }\nitem', 'fr = "Parc", en = "Fl\\teet" }\nitem'),
        "products[1].name.en",
        None,
        "control",
    ),
    (('en = "Second version."', 'en = "Second \\u001b[31m."'), "documents[1].text.en", None, "control"),
    (('P1Y = "1200.00"', 'P1Y = "1200.005"'), "products[0].prices.EUR.P1Y", "1200.005", "minor unit"),
    (
        ('prices.EUR = { P1Y = "99.90" }', 'prices.EUR = { P1Y = "99.90", P2Y = "1.00" }'),
        "products[1].prices.EUR.P2Y",
        "P2Y",
        "nobody can pay",
    ),
    (
        ('prices.EUR = { P1Y = "99.90" }', 'prices.EUR = { P1Y = "99.90" }\nprices.USD = { P1Y = "9" }'),
        "products[1].prices.USD.P1Y",
        'P1Y = "9"',
        "not sold in USD",
    ),
    (
        ('currencies = ["EUR"]\n', 'currencies = ["CHF"]\n'),
        "products[1].currencies",
        "CHF",
        "not among store.currencies",
    ),
    (
        ('audiences = ["maker"]', 'audiences = ["makers"]'),
        "products[2].audiences",
        "makers",
        'did you mean "maker"?',
    ),
    (('audiences = ["maker"]', 'audiences = ["company"]'), "products[2].terms", None, "D7"),
    (
        ('software_classes = ["CAD"]', 'software_classes = ["CDA"]'),
        "products[0].software_classes[0]",
        "CDA",
        'did you mean "CAD"?',
    ),
    (
        ('fr = "Parc", en = "Fleet" }\nitem', 'fr = "Parc" }\nitem'),
        "products[1].name",
        'name = { fr = "Parc" }',
        '"en" is missing',
    ),
    (
        ('"individual", "floating"', '"named"'),
        "products[0].licence_kinds[0]",
        "named",
        "individual, floating",
    ),
    (("seats_per_unit = 5", 'colour = "red"'), "products[1].colour", "colour", "is not a key here"),
    (("seats_per_unit = 5", "seats_per_unit = 0"), "products[1].seats_per_unit", "= 0", "greater than"),
    (("seats_per_unit = 5", "seats_per_unit = 1001"), "products[1].seats_per_unit", "= 1001", "1000"),
    (
        ('terms = ["P1Y", "P1M"]\nprices', 'terms = ["P1Y", "P12M"]\nprices'),
        "products[2].terms",
        "P12M",
        "are one term",
    ),
    (('sku = "lens-fleet"\n', ""), "products[1].sku", None, "is required"),
    (
        ("[products.overrides.renewal]", "[products.overrides.renewel]"),
        "products[0].overrides.renewel",
        "renewel",
        'did you mean "renewal"?',
    ),
    (
        ("[products.overrides.renewal]", "[products.overrides.store]"),
        "products[0].overrides.store",
        "overrides.store",
        "known keys: activation",
    ),
    (
        ('stop_until = "P3D"', 'provider = "x"'),
        "products[0].overrides.renewal.provider",
        "provider",
        "is not a key here",
    ),
    (
        ("hold_max", "hold_mex"),
        "products[1].overrides.export.hold_mex",
        "hold_mex",
        'did you mean "hold_max"?',
    ),
    (
        ('hold_max = "P10D"', 'hold_max = "10"'),
        "products[1].overrides.export.hold_max",
        'hold_max = "10"',
        "is not a duration",
    ),
    (
        ('stop_until = "P30D"', 'stop_until = "P400D"'),
        "products[0].overrides.terms.P1Y.renewal.stop_until",
        "P400D",
        "not always shorter than a term of P1Y",
    ),
    (
        ('overrides.terms."P1Y"', 'overrides.terms."P2Y"'),
        "products[0].overrides.terms.P2Y",
        "P2Y",
        "not sold; terms sold: P1Y, P3M, P1M",
    ),
    (
        ("[every_product]", '[every_product.overrides.renewal]\nstop_until = "P1D"\n[every_product]'),
        "every_product.overrides",
        "overrides",
        "store's own sections",
    ),
    (
        ("[every_product]\n", '[every_product]\nlicense_kinds = ["individual"]\n'),
        "every_product.license_kinds",
        "license_kinds",
        'did you mean "licence_kinds"?',
    ),
    (("valid_from = 2027-01-15", 'valid_from = "soon"'), "documents[1].valid_from", "soon", "date"),
    (
        ("valid_from = 2027-01-15", "valid_from = 2020-01-01"),
        "documents[1]",
        None,
        "another document of this layer",
    ),
    (
        ('skus = ["lens-fleet"]', 'skus = ["lens-fleat"]'),
        "documents[2].skus",
        "fleat",
        'did you mean "lens-fleet"?',
    ),
    (('en = "Second version."', 'de = "Zweite."'), "documents[1].text.de", "Zweite", "fr, en"),
    (
        ('text = { fr = "Parc.", en = "Fleet." }', 'file = { fr = "no.txt" }\ntext = { en = "." }'),
        "documents[2].file.fr",
        "no.txt",
        "cannot be read",
    ),
    (
        ('text = { fr = "Parc.", en = "Fleet." }', 'file = { fr = "../x.txt" }\ntext = { en = "." }'),
        "documents[2].file.fr",
        "x.txt",
        "outside the folder",
    ),
]


@pytest.mark.parametrize(("edit", "key", "at", "message"), FAULTS, ids=[f"{f[1]}:{f[3]}" for f in FAULTS])
def test_a_fault_is_named_by_line_and_key(
    write_store: WriteStore, edit: Edit, key: str, at: str | None, message: str
) -> None:
    path = write_store(edit)
    faults = [fault for fault in faults_of(path) if fault.key == key and message in fault.message]
    assert faults, [str(fault) for fault in faults_of(path)]
    if at is not None:
        assert [fault.line for fault in faults] == [line_of(path, at.strip())] * len(faults)
