"""Settings are accepted whole or refused whole, with every variable at fault and without secrets."""

from __future__ import annotations

import base64
import os

import pytest

from jalon.settings import PREFIX, ROOT, KeyRing, Settings, SettingsInvalid

KEY = base64.b64encode(b"k" * 32).decode()
COMPLETE = {
    "JALON_DATABASE_URL": "postgresql://jalon_app:hush@db/jalon",
    "JALON_TEMPORAL_ADDRESS": "temporal:7233",
    "JALON_CODEC_KEYS": f"new:{KEY},old:{base64.b64encode(b'o' * 32).decode()}",
    "JALON_LINK_KEYS": f"k1:{KEY}",
    "JALON_PERSON_KEYS": f"k1:{KEY}",
    "JALON_PUBLIC_URL": "https://orders.example.com/",
    "JALON_SMTP_HOST": "smtp",
    "JALON_MAIL_SENDER": "Jalon <orders@example.com>",
    "JALON_PAYMENT_PROVIDERS": '{"sandbox": {"url": "http://payments", "webhook_secret": "hush-hush"}}',
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("JALON_")]:
        monkeypatch.delenv(name)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)


def test_complete_settings_are_read() -> None:
    settings = Settings.read()
    assert settings.database_url.get_secret_value() == "postgresql+psycopg://jalon_app:hush@db/jalon"
    assert settings.public_url == "https://orders.example.com"
    assert settings.codec_keys.active == "new"
    assert set(settings.codec_keys.keys) == {"new", "old"}


def test_no_secret_is_shown() -> None:
    shown = f"{Settings.read()!r} {Settings.read()}"
    assert "hush" not in shown
    assert KEY not in shown


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JALON_SMTP_HOST")
    monkeypatch.setenv("JALON_DATABASE_URL", "mysql://u:sesame@db/x")
    monkeypatch.setenv("JALON_CODEC_KEYS", "k1:short")
    with pytest.raises(SettingsInvalid) as refused:
        Settings.read()
    assert set(refused.value.faults) == {
        "JALON_SMTP_HOST is missing",
        "JALON_DATABASE_URL: must be a postgresql:// address",
        "JALON_CODEC_KEYS: key 'k1' is not base64",
    }
    assert "sesame" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "k1", f"k1:{KEY},k1:{KEY}", "k1:YWJj", f":{KEY}"])
def test_a_key_ring_that_cannot_be_used_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyRing.parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sandbox", "is not JSON"),
        ("{}", "one object per provider"),
        ('{"sandbox": "http://payments"}', "one object per provider"),
        ('{"Sand box": {}}', '"Sand box" must be small letters'),
    ],
)
def test_providers_that_cannot_be_read_are_refused(
    text: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JALON_PAYMENT_PROVIDERS", text)
    with pytest.raises(SettingsInvalid, match=f"JALON_PAYMENT_PROVIDERS: .*{said}"):
        Settings.read()


def test_every_setting_is_in_the_operations_page_with_its_default() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    for name, field in Settings.model_fields.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{PREFIX}{name.upper()}` |"))
        assert field.description, f"{name} needs a description"
        assert field.description in row
        assert ("**required**" in row) == field.is_required()
