"""Which keys came before, in bounded memory: the first million in a set, the rest in a temporary table on disk."""

import sqlite3

LIMIT = 1_000_000
"""Of 32 bytes each, these take some 130 MB."""


class Seen:
    """A set that only grows. `new(key)` is true the first time."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self._near: set[bytes] = set()
        self._far: sqlite3.Connection | None = None

    def new(self, key: bytes) -> bool:
        """Whether this key came for the first time; it is known from now on."""
        if key in self._near:
            return False
        if len(self._near) < self.limit:
            self._near.add(key)
            return True
        if self._far is None:
            # The empty name is a database of its own in a file that goes with it (https://sqlite.org/inmemorydb.html).
            self._far = sqlite3.connect("", isolation_level=None)
            self._far.execute("PRAGMA journal_mode = OFF")
            self._far.execute("CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID")
        return self._far.execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,)).rowcount == 1

    def close(self) -> None:
        """Let the table go."""
        if self._far is not None:
            self._far.close()
            self._far = None
