"""What the simulators remember, in a SQLite file of their own that outlives a kill."""

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, direction TEXT NOT NULL, provider TEXT NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, headers TEXT NOT NULL, body TEXT NOT NULL, status INTEGER, answer TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS script (
    provider TEXT NOT NULL, subject TEXT NOT NULL, plan TEXT NOT NULL, PRIMARY KEY (provider, subject));
CREATE TABLE IF NOT EXISTS callback (
    id INTEGER PRIMARY KEY, provider TEXT NOT NULL, url TEXT NOT NULL, content_type TEXT NOT NULL, body TEXT NOT NULL,
    due_at REAL NOT NULL, done_at REAL, status INTEGER, tries INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS callback_due ON callback (due_at) WHERE done_at IS NULL;
CREATE TABLE IF NOT EXISTS sms (
    id INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, phone TEXT NOT NULL, sender TEXT NOT NULL,
    text TEXT NOT NULL, at REAL NOT NULL, shown_at REAL, outcome TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS sms_phone ON sms (phone, id);
CREATE TABLE IF NOT EXISTS incoming (
    id INTEGER PRIMARY KEY, sender TEXT NOT NULL, recipient TEXT NOT NULL, text TEXT NOT NULL, link_id TEXT NOT NULL,
    at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS mail (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL,
    text TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("journal", "script", "callback", "sms", "incoming", "mail", "setting")


class Store:
    """One connection a thread to one file. A write is on the disk when its call returns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "simulators.sqlite3"
        self._threads = threading.local()
        self._one_writes = threading.RLock()
        self._tables = list(TABLES)
        self._connection().executescript(SCHEMA)

    def extend(self, schema: str, tables: Iterable[str]) -> None:
        """Keep a provider's own tables too."""
        self._connection().executescript(schema)
        self._tables += tables

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if found is None:
            found = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            found.row_factory = sqlite3.Row
            found.execute("PRAGMA journal_mode=WAL")
            found.execute("PRAGMA synchronous=NORMAL")
            self._threads.connection = found
        return found

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction, one writer at a time; inside another one, a part of it."""
        connection = self._connection()
        if connection.in_transaction:
            yield connection
            return
        with self._one_writes:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What a query finds."""
        return [dict(row) for row in self._connection().execute(sql, values).fetchall()]

    def row(self, sql: str, *values: Any) -> dict[str, Any] | None:
        """The first row a query finds."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def add(self, table: str, **columns: Any) -> int:
        """Write a row; returns its id."""
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        with self.write() as connection:
            cursor = connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(columns.values()))  # noqa: S608
        return int(cursor.lastrowid or 0)

    def change(self, sql: str, *values: Any) -> int:
        """Run one statement that writes; returns how many rows it touched."""
        with self.write() as connection:
            return connection.execute(sql, values).rowcount

    def setting(self, name: str, default: str) -> str:
        """A value that a person set, else `default`."""
        row = self.row("SELECT value FROM setting WHERE name = ?", name)
        return str(row["value"]) if row else default

    def set(self, name: str, value: str) -> None:
        """Keep a value."""
        self.change(
            "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value
        )

    def spend(self, name: str, default: int, amount: int) -> bool:
        """Take `amount` from a counter, unless that would make it negative."""
        with self.write() as connection:
            connection.execute("INSERT OR IGNORE INTO setting VALUES (?, ?)", (name, str(default)))
            return (
                connection.execute(
                    "UPDATE setting SET value = CAST(CAST(value AS INTEGER) - ? AS TEXT)"
                    " WHERE name = ? AND CAST(value AS INTEGER) >= ?",
                    (amount, name, amount),
                ).rowcount
                == 1
            )

    def plan(self, provider: str, subject: str) -> dict[str, Any]:
        """What somebody scripted for this phone or account; empty for the usual happy course."""
        row = self.row("SELECT plan FROM script WHERE provider = ? AND subject = ?", provider, subject)
        return dict(json.loads(row["plan"])) if row else {}

    def script(self, provider: str, subject: str, plan: dict[str, Any] | None) -> None:
        """Keep a plan for a subject; None takes it away."""
        self.change("DELETE FROM script WHERE provider = ? AND subject = ?", provider, subject)
        if plan:
            self.add("script", provider=provider, subject=subject, plan=json.dumps(plan))

    def call_back(self, provider: str, url: str, body: str, content_type: str, after: float) -> int:
        """Have `body` posted to `url` in `after` seconds; it is, even when the process is killed meanwhile."""
        return self.add(
            "callback", provider=provider, url=url, body=body, content_type=content_type, due_at=time.time() + after
        )

    def forget(self) -> None:
        """Start anew: every table is emptied."""
        for table in self._tables:
            self.change(f"DELETE FROM {table}")  # noqa: S608 a name of ours
