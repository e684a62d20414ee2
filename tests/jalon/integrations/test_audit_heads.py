"""A file of signed heads is read whole or refused: no line can be changed, removed or moved without a sign."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jalon.domain.audit_chains import Chain, Head
from jalon.integrations.audit_heads import (
    HeadsFile,
    HeadsUnusable,
    read_private_key,
    read_public_key,
    read_signed,
)

AT = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = Ed25519PrivateKey.from_private_bytes(b"a key for tests that signs heads")
PUBLIC = KEY.public_key()
ANA, BEN = Chain("fastening", "ord_ana"), Chain("geomatics", "pty_bén")


def write(path: Path, key: Ed25519PrivateKey, at: datetime, heads: dict[Chain, Head]) -> None:
    """Adds one line."""
    with HeadsFile(path, key).open() as file:
        assert file is not None
        file.append(at, heads)


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    """A file of four lines: Ana's chain moves, Ben's moves, nothing does, Ana's moves again."""
    path = tmp_path / "heads.jsonl"
    moved: tuple[dict[Chain, Head], ...] = (
        {ANA: Head(1, "a1")},
        {BEN: Head(2, "b2")},
        {},
        {ANA: Head(3, "a3")},
    )
    for number, each in enumerate(moved):
        write(path, KEY, AT + number * HOUR, each)
    return path


def test_a_file_says_the_last_head_of_each_chain(heads: Path) -> None:
    found = read_signed(heads, PUBLIC)
    assert (found.lines, found.last_at) == (4, AT + 3 * HOUR)
    assert found.heads == {ANA: Head(3, "a3"), BEN: Head(2, "b2")}


def test_the_last_line_is_known_to_whoever_goes_on(heads: Path) -> None:
    with HeadsFile(heads, KEY).open() as file:
        assert file is not None
        assert file.last is not None
        assert (file.last.at, file.last.heads) == (AT + 3 * HOUR, {ANA: Head(3, "a3")})


@pytest.mark.parametrize("chains", [1, 800, 3000])
def test_a_line_may_be_longer_than_a_block(heads: Path, chains: int) -> None:
    many = {Chain("fastening", f"ord_{number}"): Head(number, "d" * 64) for number in range(chains)}
    for hour in (4, 5):
        write(heads, KEY, AT + hour * HOUR, many)
    assert read_signed(heads, PUBLIC).heads == {**many, ANA: Head(3, "a3"), BEN: Head(2, "b2")}


def reworded(line: str) -> str:
    content = json.loads(line)
    return json.dumps(content)


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        (lambda it: [it[0].replace("a1", "a2"), *it[1:]], "line 1 is not as this key signed it"),
        (lambda it: [*it[:3], it[3].replace("[3,", "[4,")], "line 4 is not as this key signed it"),
        (lambda it: [*it[:2], reworded(it[2]), it[3]], "line 3 is not as this key signed it"),
        (lambda it: [*it[:2], "{}", it[3]], "line 3 is not as this key signed it"),
        (lambda it: [*it[:2], "[]", it[3]], "line 3 is not as this key signed it"),
        (lambda it: [*it[:2], "", it[3]], "line 3 is not as this key signed it"),
        (lambda it: it[1:], "line 1 does not follow the line before it"),
        (lambda it: [it[0], *it[2:]], "line 2 does not follow the line before it"),
        (lambda it: [*it[:2], it[3], it[2]], "line 3 does not follow the line before it"),
        (lambda it: [*it, it[3]], "line 5 does not follow the line before it"),
    ],
)
def test_a_line_that_was_changed_removed_or_moved_is_named(
    heads: Path, tampering: Callable[[list[str]], list[str]], said: str
) -> None:
    lines = heads.read_text().splitlines()
    heads.write_text("".join(f"{line}\n" for line in tampering(lines)))
    with pytest.raises(HeadsUnusable, match=said):
        read_signed(heads, PUBLIC)


def test_another_key_neither_reads_nor_goes_on(heads: Path) -> None:
    other = Ed25519PrivateKey.generate()
    with pytest.raises(HeadsUnusable, match="line 1 is not as this key signed it"):
        read_signed(heads, other.public_key())
    with pytest.raises(HeadsUnusable, match="the last line is not as this key signed it"):
        write(heads, other, AT + 4 * HOUR, {})
    assert read_signed(heads, PUBLIC).lines == 4


@pytest.mark.parametrize("left", [1, 40, -1])
def test_a_line_that_a_crash_cut_off_is_not_read_and_makes_way(heads: Path, left: int) -> None:
    whole = heads.read_bytes()
    write(heads, KEY, AT + 4 * HOUR, {BEN: Head(9, "b9")})
    cut = heads.read_bytes()[len(whole) :][:left]
    heads.write_bytes(whole + cut)
    assert read_signed(heads, PUBLIC).lines == 4
    write(heads, KEY, AT + 5 * HOUR, {BEN: Head(10, "c1")})
    found = read_signed(heads, PUBLIC)
    assert (found.lines, found.heads[BEN]) == (5, Head(10, "c1"))


def test_one_process_writes_at_a_time(heads: Path) -> None:
    file = HeadsFile(heads, KEY)
    with file.open() as first, file.open() as second:
        assert first is not None
        assert second is None
    with file.open() as third:
        assert third is not None


def test_keys_are_read_from_their_files(tmp_path: Path) -> None:
    private, public, another = tmp_path / "audit.key", tmp_path / "audit.pub", tmp_path / "another.key"
    private.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    another.write_bytes(
        X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    assert read_private_key(private).public_key() == read_public_key(public) == PUBLIC
    for read, path, said in (
        (read_private_key, public, "audit.pub holds no private key of Ed25519"),
        (read_private_key, another, "another.key holds no private key of Ed25519"),
        (read_public_key, private, "audit.key holds no public key of Ed25519"),
        (read_public_key, tmp_path / "none", "none cannot be read: No such file"),
    ):
        with pytest.raises(HeadsUnusable, match=said):
            read(path)
