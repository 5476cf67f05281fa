"""What a box remembers: every record in memory for reading, and written through to one SQLite file."""

import json
import sqlite3
from collections.abc import Callable, Hashable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from controller.sandbox.nouns import Record

R = TypeVar("R", bound=Record)

_PATIENCE = 1.0
_MODE = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (noun TEXT, id INTEGER, body TEXT, PRIMARY KEY (noun, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sequence (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER);
INSERT OR IGNORE INTO sequence VALUES (1, 0);
"""


class Store:
    """One SQLite file; its callers take turns (the forge's lock).

    Args:
        path: The file, made when it does not exist.

    Raises:
        sqlite3.OperationalError: Another process (or another box of this one) has it open.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, _PATIENCE, check_same_thread=False, isolation_level=None)
        # A crash of the machine may cost a box its last words; a crash of the process may not.
        # Records are read once: a second box on the same file would not see what the first one writes.
        self._connection.executescript(_MODE + _SCHEMA)
        self._last: int = self._connection.execute("SELECT last FROM sequence").fetchone()[0]

    def close(self) -> None:
        """Close the file; nothing may be read or written afterwards."""
        self._connection.close()

    def next_id(self) -> int:
        """An id that no record of any noun has had, also not before a restart."""
        self._last += 1
        self._connection.execute("UPDATE sequence SET last = ?", (self._last,))
        return self._last

    def write(self, record: Record) -> None:
        """Keep a record, in place of an older one of the same id."""
        row = (type(record).__name__, record.id, json.dumps(asdict(record)))
        self._connection.execute("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", row)

    def erase(self, record: Record) -> None:
        """Forget a record."""
        row = (type(record).__name__, record.id)
        self._connection.execute("DELETE FROM record WHERE noun = ? AND id = ?", row)

    def read(self, noun: type[R]) -> list[R]:
        """Every kept record of a noun, by id."""
        rows = self._connection.execute(
            "SELECT body FROM record WHERE noun = ? ORDER BY id", (noun.__name__,)
        )
        return [
            noun(**{name: _frozen(value) for name, value in json.loads(body).items()}) for (body,) in rows
        ]


class Table(Generic[R]):
    """The records of one noun, found by id, by a unique key, and by the group they belong to.

    Args:
        store: Where they are kept.
        noun: Their class.
        key: What else tells a record from all others of its noun.
        group: What gathers records (the comments of a pull).
    """

    def __init__(
        self, store: Store, noun: type[R], key: Callable[[R], Hashable], group: Callable[[R], Hashable]
    ) -> None:
        self._store, self._key, self._group = store, key, group
        self._by_id: dict[int, R] = {}
        self._by_key: dict[Hashable, R] = {}
        self._by_group: dict[Hashable, dict[int, R]] = {}
        for record in store.read(noun):
            self._index(record)

    def add(self, record: R) -> R:
        """Keep a new record.

        Returns:
            The record with its id.
        """
        return self.put(replace(record, id=self._store.next_id()))

    def put(self, record: R) -> R:
        """Keep a record in place of the older one of its id."""
        if record.id in self._by_id:
            self._unindex(self._by_id[record.id])
        self._index(record)
        self._store.write(record)
        return record

    def drop(self, record: R) -> None:
        """Forget a record."""
        self._unindex(record)
        self._store.erase(record)

    def get(self, record_id: int) -> R | None:
        """The record with an id."""
        return self._by_id.get(record_id)

    def find(self, key: Hashable) -> R | None:
        """The record with a unique key."""
        return self._by_key.get(key)

    def of(self, group: Hashable) -> list[R]:
        """The records of a group, oldest first."""
        records = self._by_group.get(group, {})
        return [records[number] for number in sorted(records)]

    def count(self, group: Hashable) -> int:
        """How many records a group has."""
        return len(self._by_group.get(group, {}))

    def all(self) -> list[R]:
        """Every record, oldest first."""
        return [self._by_id[number] for number in sorted(self._by_id)]

    def _index(self, record: R) -> None:
        self._by_id[record.id] = record
        self._by_key[self._key(record)] = record
        self._by_group.setdefault(self._group(record), {})[record.id] = record

    def _unindex(self, record: R) -> None:
        old = self._by_id.pop(record.id)
        del self._by_key[self._key(old)]
        del self._by_group[self._group(old)][old.id]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
