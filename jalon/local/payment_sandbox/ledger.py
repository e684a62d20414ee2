"""The gateway's durable ledger: SQLite with one writer thread. Every answer follows its commit."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Work = tuple[Callable[[sqlite3.Connection], Any], "Future[Any]"]

_BATCH = 64
_SCHEMA = (Path(__file__).parent / "ledger.sql").read_text(encoding="utf-8")


class Ledger:
    """Runs `write` and `read` for any number of tasks. A kill -9 loses nothing that was answered."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._writing = _connect(file)
        self._writing.executescript(_SCHEMA)
        self._reading = _connect(file)
        self._thread = threading.Thread(target=self._write_batches, name="ledger-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work`, commits, and returns the result of `work`. An exception rolls back this `work` only."""
        done: Future[T] = Future()
        self._queue.put((work, done))
        return await asyncio.wrap_future(done)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work` on committed data. The call blocks the event loop, so reads must be short."""
        return work(self._reading)

    def close(self) -> None:
        """Finishes the pending writes, then closes the file and merges its write-ahead log."""
        self._queue.put(None)
        self._thread.join()
        self._reading.close()
        self._writing.close()

    def _write_batches(self) -> None:
        while (batch := self._next_batch()) is not None:
            answers = self._commit(batch)
            for future, result, error in answers:
                if not future.set_running_or_notify_cancel():
                    continue
                if error is not None:
                    future.set_exception(error)
                else:
                    future.set_result(result)

    def _next_batch(self) -> list[Work] | None:
        first = self._queue.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < _BATCH:
            try:
                more = self._queue.get_nowait()
            except queue.Empty:
                break
            if more is None:
                self._queue.put(None)
                break
            batch.append(more)
        return batch

    def _commit(self, batch: list[Work]) -> list[tuple[Future[Any], Any, BaseException | None]]:
        answers: list[tuple[Future[Any], Any, BaseException | None]] = []
        try:
            self._writing.execute("begin immediate")
            for work, future in batch:
                answers.append((future, *_alone(self._writing, work)))
            self._writing.execute("commit")
        except sqlite3.Error as error:
            if self._writing.in_transaction:
                self._writing.execute("rollback")
            return [(future, None, error) for _, future in batch]
        return answers


def _alone(
    connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], Any]
) -> tuple[Any, BaseException | None]:
    connection.execute("savepoint work")
    try:
        result = work(connection)
    except Exception as error:  # noqa: BLE001 (whoever waits for the work gets it)
        connection.execute("rollback to work")
        connection.execute("release work")
        return None, error
    connection.execute("release work")
    return result, None


def _connect(file: Path) -> sqlite3.Connection:
    file.touch(mode=0o600)
    file.chmod(0o600)
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("pragma journal_mode = wal")
    # The setting survives the death of this process at any instant. A power cut may lose the last writes.
    connection.execute("pragma synchronous = normal")
    connection.execute("pragma busy_timeout = 5000")
    return connection
