"""People are readable through their own key alone, found by exact address, and unreadable once the key is destroyed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from jalon.persistence.people.parties import AddressTaken, Parties
from jalon.persistence.people.vault import PersonErased, Vault
from jalon.persistence.sessions import Sessions
from tests.jalon.persistence.conftest import AT

ANA = {"email": "Ana.Lefevre@example.com", "name": "Ana Lefèvre", "company": "Lefèvre SARL", "language": "fr"}


async def test_nothing_of_a_person_is_readable_at_rest(
    sessions: Sessions, parties: Parties, here: str
) -> None:
    async with sessions.of(here) as tx:
        ana = await parties.meet(tx, here, **ANA)
        await parties.keep(
            tx, here, ana, "certificate", {"legal_name": "Lefèvre SARL", "site": "rue Tête d'Or"}
        )
        rows = [
            *await tx.execute(text("select party::text from party")),
            *await tx.execute(text("select personal_record::text from personal_record")),
        ]
    everything = "".join(row[0] for row in rows).casefold()
    for word in ("lefèvre", "lefevre", "ana", "sarl", "tête"):
        assert word not in everything
        assert word.encode().hex() not in everything


@pytest.mark.rule("X18")
async def test_a_person_is_one_per_store_and_known_by_the_first_name(
    sessions: Sessions, parties: Parties, here: str
) -> None:
    async with sessions.of(here) as tx:
        first = await parties.meet(tx, here, **ANA)
        again = await parties.meet(
            tx, here, email=" ana.lefevre@EXAMPLE.com", name="Ana L.", company=None, language="en"
        )
        assert again == first
        (read,) = (await parties.read(tx, first)).values()
        assert (read.name, read.company, read.language) == ("Ana Lefèvre", "Lefèvre SARL", "fr")
        assert await parties.find(tx, "ana.lefevre@example.com") == [first]
        assert await parties.find(tx, "ana.le.fevre@example.com") == []


@pytest.mark.rule("X18")
async def test_names_stay_as_they_were_given_and_the_address_is_todays(
    sessions: Sessions, parties: Parties, here: str
) -> None:
    given = {"name": "Mary Smith", "company": None, "language": "en"}
    async with sessions.of(here) as tx:
        ana = await parties.meet(tx, here, **ANA)
        names = await parties.keep_names(tx, here, ana, given)
        assert await parties.keep_names(tx, here, ana, dict(given), names) == names
        assert await parties.keep_names(tx, here, ana, given | {"company": "Smith Ltd"}, names) != names
        person = (await parties.read(tx, ana))[ana]
        await parties.change(tx, replace(person, email="ana@elsewhere.example.com", name="Ana L."))
        read = await parties.read(tx, ana, names)
        assert await parties.find(tx, "ana@elsewhere.example.com") == [ana]
        assert await parties.find(tx, ANA["email"]) == []
    assert (read[names].id, read[names].email) == (ana, "ana@elsewhere.example.com")
    assert (read[names].name, read[names].company, read[names].language) == ("Mary Smith", None, "en")
    assert read[ana].name == "Ana L."


async def test_two_people_never_have_one_address_and_a_new_address_is_not_refused_yet(
    sessions: Sessions, parties: Parties, here: str
) -> None:
    async with sessions.of(here) as tx:
        ana = await parties.meet(tx, here, **ANA)
        await parties.meet(tx, here, **(ANA | {"email": "bob@example.com"}))
        await parties.flag_undeliverable(tx, ana, "550")
        person = (await parties.read(tx, ana))[ana]
        with pytest.raises(AddressTaken):
            await parties.change(tx, replace(person, email="bob@example.com"))
        await parties.change(tx, replace(person, language="en"))
        assert (await parties.read(tx, ana))[ana].undeliverable == "550"
        await parties.change(tx, replace(person, email="ana.l@example.com"))
        assert (await parties.read(tx, ana))[ana].undeliverable is None


@pytest.mark.rule("T1")
async def test_an_identity_is_set_up_once(sessions: Sessions, parties: Parties, here: str) -> None:
    async with sessions.of(here) as tx:
        ana = await parties.meet(tx, here, **ANA)
        assert (await parties.read(tx, ana))[ana].identity_at is None
        await parties.set_up_identity(tx, ana, AT)
        await parties.set_up_identity(tx, ana, AT.replace(year=2027))
        assert (await parties.read(tx, ana))[ana].identity_at == AT


async def test_an_erased_person_cannot_be_read_again(owner: Sessions, parties: Parties, here: str) -> None:
    async with owner.of(here) as tx:
        ana = await parties.meet(tx, here, **ANA)
        record = await parties.keep(tx, here, ana, "address", {"lines": ["1 rue de la Paix"]})
        sealed = await parties.seal_for(tx, ana, b"a contract")
        assert await parties.recall(tx, record) == {"lines": ["1 rue de la Paix"]}
        assert await parties.open_for(tx, ana, sealed) == b"a contract"
        await tx.execute(text("update party set wrapped_key = null where id = :id"), {"id": ana})
        assert await parties.read(tx, ana) == {}
        with pytest.raises(PersonErased):
            await parties.recall(tx, record)
        with pytest.raises(PersonErased):
            await parties.open_for(tx, ana, sealed)
        with pytest.raises(PersonErased):
            await parties.keep(tx, here, ana, "address", {})


def test_a_vault_opens_what_it_sealed_and_nothing_of_another(vault: Vault) -> None:
    mine, theirs = vault.new_person_key(), vault.new_person_key()
    sealed = vault.seal(mine, {"name": "Zoé"})
    assert vault.open(mine, sealed) == {"name": "Zoé"}
    assert vault.seal(mine, {"name": "Zoé"}) != sealed
    for key in (theirs, None):
        with pytest.raises((PersonErased, Exception)) as fault:
            vault.open(key, sealed)
        assert "Zoé" not in str(fault.value)
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(b"short")


def test_hashes_for_search_and_fingerprints_need_the_key(vault: Vault) -> None:
    other = Vault(b"another vault key of 32 bytes...")
    assert vault.email_hash(" Ana@Example.com ") == vault.email_hash("ana@example.com")
    assert vault.email_hash("ana@example.com") != other.email_hash("ana@example.com")
    assert vault.fingerprint(b"POST", b"/v1") == vault.fingerprint(b"POST", b"/v1")
    assert vault.fingerprint(b"POST", b"/v1") != other.fingerprint(b"POST", b"/v1")
    assert vault.fingerprint(b"POST/", b"v1") != vault.fingerprint(b"POST", b"/v1")
