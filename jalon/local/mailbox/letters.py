"""The messages that arrived, stored in one SQLite file."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import default
from email.utils import parsedate_to_datetime
from functools import cached_property
from html import unescape
from pathlib import Path

_SCHEMA = """
create table if not exists letters (
    id integer primary key autoincrement,
    received_at text not null,
    sent_at text not null,
    recipient text not null,
    message_id text not null,
    subject text not null,
    template text not null,
    raw blob not null
);
create index if not exists letters_recipient on letters (recipient);
create index if not exists letters_message_id on letters (message_id);
"""
_COLUMNS = (
    "id, received_at, sent_at, recipient, message_id, subject, template, raw,"
    " (select count(*) from letters c where c.message_id = letters.message_id) as copies"
)
_HEADERS = BytesHeaderParser(policy=default)
_HREF = re.compile(r'href="(https?://[^"]+)"')
_URL = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter: exact recipient, Message-ID and template; part of a subject; ids above `after`.

    An empty value does not filter.
    """

    to: str = ""
    subject: str = ""
    message_id: str = ""
    template: str = ""
    after: int = 0


@dataclass(frozen=True)
class Letter:
    """One message that arrived.

    `copies` is the number of arrivals with the same Message-ID, this one included. `sent_at` is the Date header, from the sender's clock;
    both instants are ISO 8601 in UTC.
    """

    number: int
    received_at: str
    sent_at: str
    to: str
    message_id: str
    subject: str
    template: str
    raw: bytes
    copies: int

    @cached_property
    def message(self) -> EmailMessage:
        """The parsed message."""
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 — what the default policy makes
        return parsed

    @property
    def text(self) -> str:
        """The text part, "" without one."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part, "" without one."""
        return self._part("html")

    @property
    def links(self) -> list[str]:
        """Every web address of both parts, in order of appearance."""
        found = [unescape(link) for link in _HREF.findall(self.html)] + _URL.findall(self.text)
        return list(dict.fromkeys(found))

    def _part(self, subtype: str) -> str:
        part = self.message.get_body((subtype,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class Letters:
    """The stored messages. For use by one thread."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # E-mails are private: the file, and its journal with it, belongs to this user alone.
        path.touch(mode=0o600)
        path.chmod(0o600)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("pragma journal_mode = wal")
        # The setting survives a kill of the process, which tests rehearse. A power cut may lose the last writes.
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(_SCHEMA)

    def keep(self, recipients: list[str], raw: bytes) -> None:
        """Stores a message for each recipient. Returns once it is committed."""
        message = _HEADERS.parsebytes(raw)
        facts = (
            _sent_at(message),
            str(message["Message-ID"] or "").strip(),
            str(message["Subject"] or ""),
            str(message["X-Jalon-Template"] or ""),
        )
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        rows = [(now, *facts, recipient.lower(), raw) for recipient in recipients]
        self._connection.execute("begin immediate")
        self._connection.executemany(
            "insert into letters (received_at, sent_at, message_id, subject, template, recipient, raw)"
            " values (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        self._connection.execute("commit")

    def find(self, wanted: Wanted, limit: int, newest_first: bool = False) -> list[Letter]:
        """The messages that match, oldest first unless `newest_first`."""
        where, values = _condition(wanted)
        order = "desc" if newest_first else "asc"
        rows = self._connection.execute(
            f"select {_COLUMNS} from letters where {where} order by id {order} limit ?", [*values, limit]
        )
        return [Letter(*row) for row in rows]

    def count(self, wanted: Wanted) -> int:
        """The number of messages that match."""
        where, values = _condition(wanted)
        return int(
            self._connection.execute(f"select count(*) from letters where {where}", values).fetchone()[0]
        )

    def read(self, number: int) -> Letter | None:
        """The message with this number, or None."""
        row = self._connection.execute(f"select {_COLUMNS} from letters where id = ?", [number]).fetchone()
        return Letter(*row) if row else None

    def clear(self) -> int:
        """Deletes every message. Returns how many there were."""
        return self._connection.execute("delete from letters").rowcount

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


def _sent_at(message: Message) -> str:
    try:
        return parsedate_to_datetime(str(message["Date"])).astimezone(UTC).isoformat()
    except ValueError:
        return ""


def _condition(wanted: Wanted) -> tuple[str, list[str | int]]:
    parts: list[tuple[str, str | int]] = [("id > ?", wanted.after)]
    if wanted.to:
        parts.append(("recipient = ?", wanted.to.lower()))
    if wanted.message_id:
        parts.append(("message_id = ?", wanted.message_id))
    if wanted.template:
        parts.append(("template = ?", wanted.template))
    if wanted.subject:
        parts.append(("instr(lower(subject), lower(?)) > 0", wanted.subject))
    return " and ".join(text for text, _ in parts), [value for _, value in parts]
