"""Faults of the store's own sections, each with its line and key."""

from __future__ import annotations

import pytest

from jalon.policy.authoring.faults import StoreFileFaults
from jalon.policy.authoring.loader import load_store
from tests.jalon.policy.conftest import Edit, WriteStore, faults_of, line_of

FAULTS: list[tuple[Edit, str, str | None, str]] = [
    # edit, key, text of the line, part of the message
    (('name = "Optics"', 'nmae = "Optics"'), "store.nmae", "nmae", 'did you mean "name"?'),
    (('name = "Optics"', 'nmae = "Optics"'), "store.name", "[store]", "is required"),
    (("[routes]", "[rotues]"), "rotues", "[rotues]", 'did you mean "routes"?'),
    (
        ("schema_version = 1", "schema_version = 2"),
        "schema_version",
        "schema_version",
        "write schema_version = 1",
    ),
    (('id = "optics"', "id = 7"), "store.id", "id = 7", "must be text in quotes, not 7"),
    (('id = "optics"', 'id = "Optics!"'), "store.id", "id =", "is not a name"),
    (('clock = "test"', 'clock = "tset"'), "store.clock", "clock =", 'did you mean "test"?'),
    (('clock = "test"', 'clock = "live"'), "store.clock_starts_at", "clock_starts_at", "test clock only"),
    (("10:30:00+01:00", "10:30:00"), "store.clock_starts_at", "clock_starts_at", "with its offset"),
    (('"EUR", "USD"', '"EUR", "EUX"'), "store.currencies[1]", "currencies", "is not a currency"),
    (('"EUR", "USD"]', '"EUR", "EUR"]'), "store.currencies", "currencies", "EUR is written more than once"),
    (("support@", "support"), "store.support_email", "support_email", "is not an e-mail address"),
    (('name = "Optics"', 'name = "Opt\\u0007ics"'), "store.name", "name =", "control character"),
    (('name = "Optics"', 'name = " \\u2800 "'), "store.name", "name =", "is blank"),
    (("2026-01-15T10:30", "9999-12-31T23:00"), "store.clock_starts_at", "clock_starts_at", "1970 to 2199"),
    (("2026-01-15T10:30", "0001-01-01T23:00"), "store.clock_starts_at", "clock_starts_at", "1970 to 2199"),
    (('"EUR", "USD"', '"EUR", "XXX"'), "store.currencies[1]", "currencies", "is not a currency"),
    (('id = "optics"', f'id = "{"o" * 81}"'), "store.id", "id =", "80 at most"),
    (("[routes]", 'zone = "Factory"\n[routes]'), "store.zone", "zone", "is not a time zone"),
    (("[routes]", 'zone = "localtime"\n[routes]'), "store.zone", "zone", "is not a time zone"),
    (
        ("[routes]", 'shop_url = "https://a b.example/"\n[routes]'),
        "store.shop_url",
        "shop_url",
        "is not an https",
    ),
    (("[routes]", 'shop_url = "https://"\n[routes]'), "store.shop_url", "shop_url", "is not an https"),
    (
        ("[routes]", 'shop_url = "https://u:p@shop.example/"\n[routes]'),
        "store.shop_url",
        "shop_url",
        "is not an https",
    ),
    (
        ("[routes]", '[store.vendor]\nlegal_name = " "\naddress = ["1 Street"]\n[routes]'),
        "store.vendor.legal_name",
        "legal_name",
        "is blank",
    ),
    (("[audiences.maker]", '[audiences."Big Co"]'), 'audiences."Big Co"', "Big Co", "is not a name"),
    (
        ('notices_before = ["P7D"]', 'notices_before = ["P7D", "P1W"]'),
        "terms.P1M.renewal.notices_before",
        '"P1W"',
        "are one time",
    ),
    (('"OPT"', '"opt1"'), "store.order_number_prefix", "order_number_prefix", "^[A-Z]{2,4}$"),
    (("[routes]", 'zone = "Europe/Pariss"\n[routes]'), "store.zone", "zone", 'did you mean "Europe/Paris"?'),
    (
        ("[routes]", 'business_calendar = "ZZ"\n[routes]'),
        "store.business_calendar",
        "business_cal",
        "holiday calendar",
    ),
    (
        ("[routes]", 'business_calendar = "FR-ZZ"\n[routes]'),
        "store.business_calendar",
        "business_cal",
        "calendar",
    ),
    (("[routes]", 'countries = ["UK"]\n[routes]'), "store.countries[0]", "countries", "is not a country"),
    (("[routes]", 'languages = ["fr", "de"]\n[routes]'), "store.languages[1]", "languages", "one of fr, en"),
    (
        ("[routes]", 'languages = ["en"]\n[routes]'),
        "store.default_language",
        "[store]",
        "not among store.languages",
    ),
    (
        ('sales = "sales@', 'sales = "sales'),
        "routes.sales",
        "sales =",
        "neither an e-mail address nor an https://",
    ),
    (('"P1Y", "P3M"]\npay', '"P2Y"]\npay'), "audiences.company.terms", '"P2Y"', "no product is sold for"),
    (
        ('payment_kinds = ["card"]', 'payment_kinds = ["cash"]'),
        "audiences.company.payment_kinds[0]",
        "cash",
        "card",
    ),
    (
        ("quantity = 10", "quantity = true"),
        "cart.self_service_max_quantity",
        "= true",
        "must be a whole number",
    ),
    (
        ("quantity = 10", "quantity = -1"),
        "cart.self_service_max_quantity",
        "= -1",
        "greater than or equal to 0",
    ),
    (('code = "one_term"', 'code = "not_found"'), "cart.rules[0].code", "code =", "a meaning of its own"),
    (('kind = "same"', 'kind = "sane"'), "cart.rules[0].kind", "sane", 'did you mean "same"?'),
    (('groups = [["software"], ["fleet", "purchase"]]\n', ""), "cart.rules[1]", None, "two groups"),
    (('["fleet", "pur', '["flete", "pur'), "cart.rules[1].groups", "flete", 'did you mean "fleet"?'),
    (
        ("acceptance_required = true", "score_review = 2"),
        "export.score_review",
        "score_review",
        "less than or equal to 1",
    ),
    (
        ("acceptance_required = true", "score_review = 0.99"),
        "export.score_review",
        "score_review",
        "above score_block",
    ),
    (
        ('stop_until = "P5D"', 'stop_until = "5 days"'),
        "renewal.stop_until",
        "5 days",
        "is not a duration: write calendar",
    ),
    (('stop_until = "P5D"', "stop_until = 5"), "renewal.stop_until", "= 5", "must be text in quotes"),
    (
        ('stop_until = "P5D"', 'stop_untill = "P5D"'),
        "renewal.stop_untill",
        "untill",
        'did you mean "stop_until"?',
    ),
    (
        ('[terms."P1M".renewal]', '[terms."P1M".renewals]'),
        "terms.P1M.renewals",
        "renewals",
        'did you mean "renewal"?',
    ),
    (
        ('[terms."P1M".renewal]', '[terms."P7M".renewal]'),
        "terms.P7M",
        "P7M",
        "not sold; terms sold: P1Y, P3M, P1M",
    ),
    (('[terms."P1M".renewal]', '[terms."soon".renewal]'), "terms.soon", "soon", "is not a term"),
    (
        ('notices_before = ["P7D"]', 'notices_before = "P7D"'),
        "terms.P1M.renewal.notices_before",
        '= "P7D"',
        "must be a list",
    ),
    (
        ('notices_before = ["P7D"]', 'notices_before = ["P30D"]'),
        "terms.P1M.renewal.notices_before[0]",
        '["P30D"]',
        "X13",
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


@pytest.mark.parametrize(
    ("addition", "key", "message"),
    [
        ('[payment]\nprovider = "stripy"\n', "payment.provider", 'did you mean "stripe"?'),
        (
            '[terms."P1Y".payment]\nprovider = "stripe"\n',
            "terms.P1Y.payment.provider",
            "holds for the whole store",
        ),
        ('[cart]\nreminder_after = "P40D"\n', "cart.reminder_after", "is not always before abandoned_after"),
        (
            '[retention]\nperiod = "P2D"\n',
            "retention.purge_warning_before",
            "is not always within period = P2D",
        ),
        ('[sla]\norder_news_within = "P1M"\n', "sla.order_news_within", "cannot be stopped while waiting"),
        ('[seats]\ninvitation_window = "PT0S"\n', "seats.invitation_window", "over when it begins"),
        ('[payment]\nrecovery_window = "PT0S"\n', "payment.recovery_window", "over when it begins"),
        (
            '[payment]\nauthentication_window = "PT0H"\n',
            "payment.authentication_window",
            "over when it begins",
        ),
        ('[export]\ncertificate_window = "PT0S"\n', "export.certificate_window", "over when it begins"),
        ('[export]\nhold_max = "PT0M"\n', "export.hold_max", "over when it begins"),
        ('[sla]\norder_news_within = "PT0S"\n', "sla.order_news_within", "over when it begins"),
        (
            '[activation]\nsteps = ["sign"]\nreminders = ["P14D", "P2W"]\n',
            "activation.reminders",
            "are one time",
        ),
        ("[activation]\nclick_is_signature = true\n", "activation", "steps hold both"),
        ('[activation]\nsteps = ["click"]\n', "activation.steps[0]", "open_contract, click_activate, sign"),
        ('[activation]\nsteps = ["sign", "sign"]\n', "activation.steps", "written more than once"),
        ('[activation]\nwindow = "P120D"\n', "activation.window", "has no effect"),
        ('[activation]\nreminders = ["P9D"]\n', "activation.reminders", "has no effect"),
        (
            '[activation]\nsteps = ["click_activate", "sign", "open_contract"]\n',
            "activation",
            "open_contract comes first",
        ),
        (
            '[activation]\nsteps = ["sign"]\nwindow = "P9D"\nreminders = ["P9D"]\n',
            "activation.reminders[0]",
            "is not always within window = P9D",
        ),
        (
            '[[export.destinations]]\naction = "block"\nbasis = "x"\n',
            "export.destinations[0]",
            "countries or regions",
        ),
        (
            '[[export.destinations]]\nregions = ["UA-99"]\naction = "block"\nbasis = "x"\n',
            "export.destinations[0].regions[0]",
            "is not a region",
        ),
    ],
)
def test_a_section_at_fault(write_store: WriteStore, addition: str, key: str, message: str) -> None:
    heading = addition.partition("\n")[0]
    for_cart = ("[cart]\nself_service_max_quantity = 10\n", "") if heading == "[cart]" else ("", "")
    path = write_store(("[export]\nacceptance_required = true\n", ""), for_cart, append=addition)
    with pytest.raises(StoreFileFaults) as refused:
        load_store(path, payment_providers={"sandbox", "stripe"})
    found = [fault for fault in refused.value.faults if fault.key == key and message in fault.message]
    assert found, str(refused.value)
    last = len(path.read_text(encoding="utf-8").split("\n"))
    assert all(line_of(path, heading) <= fault.line < last for fault in found)


def test_a_window_has_an_effect_where_one_product_has_steps(write_store: WriteStore) -> None:
    refined = '[products.overrides.activation]\nsteps = ["sign"]\n'
    path = write_store(
        ('prices.EUR = { P1Y = "99.90" }\n', f'prices.EUR = {{ P1Y = "99.90" }}\n{refined}'),
        append='[activation]\nwindow = "P120D"\nreminders = ["P9D"]\n',
    )
    assert load_store(path).store.id == "optics"
