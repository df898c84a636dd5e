"""Takes back what a transactional test did to its database: what it wrote, row by row, or the whole when it did more.

Replacing the database by a fresh clone takes seconds on a bank of hundreds of tables, of which a test touches a dozen.
So the rows that migrations made are kept aside, the tables that changed are found and filled from there. Which tables
were written at all is asked of the server's counters: a backend adds its own before it is gone, and all have gone. Of
those, changed means what the database sees: a table that was empty has a row, or a row is younger than the start, or
one is missing. Who changed the schema itself, or may not set triggers aside, has a clone.
"""

from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from kitbank.local import template

ASIDE = "before_the_test"
MANY = 5_000  # rows; more than that leave a table slow to look through

_TABLES = """
SELECT c.relname, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
   AND NOT a.attisdropped AND a.attgenerated = ''
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
 GROUP BY c.relname
"""

# Any change of the schema changes a row here: a new one, another number, or the age of one that was written again.
_SCHEMA = """
SELECT md5(string_agg(part, ',' ORDER BY part)) FROM (
    SELECT concat_ws('|', 'c', oid, relname, relkind) AS part FROM pg_class
     WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws('|', 't', oid, tgenabled, tgfoid, tgtype, tgqual) FROM pg_trigger
    UNION ALL SELECT concat_ws('|', 'p', oid, xmin) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws('|', 'k', oid, xmin) FROM pg_constraint
    UNION ALL SELECT concat_ws('|', 'd', oid, xmin) FROM pg_attrdef
    UNION ALL SELECT concat_ws('|', 'a', attrelid, attnum, xmin) FROM pg_attribute
     WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL SELECT concat_ws('|', 's', setrole, setconfig::text) FROM pg_db_role_setting) AS parts
"""

# What was rolled back counts too, so they name too many, never too few; TRUNCATE shows as a change of pg_class alone.
_WRITTEN = """
SELECT relname, pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid)
  FROM pg_class
 WHERE relkind = 'r' AND (relnamespace = 'public'::regnamespace OR relnamespace = 'pg_catalog'::regnamespace)
"""
_CATALOGS = {"pg_class", "pg_trigger", "pg_proc", "pg_constraint", "pg_attrdef", "pg_attribute", "pg_db_role_setting"}

# Those of the ledger fire for a replica too.
_STUBBORN = """
SELECT c.relname, quote_ident(t.tgname) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE t.tgenabled = 'A' AND c.relnamespace = 'public'::regnamespace
"""

# Without a last value while nobody has asked for the next one, also when a migration told it where to begin.
_SEQUENCES = """
SELECT schemaname || '.' || quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'
"""

_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

Server = psycopg.Connection[tuple[object, ...]]


@dataclass(slots=True)
class Rewinder:
    """Remembers a database as it is now, and makes it so again."""

    source: str
    name: str
    columns: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    schema: object = None
    sequences: dict[str, int | None] = field(default_factory=dict)
    begins: dict[str, int] = field(default_factory=dict)
    stubborn: dict[str, list[str]] = field(default_factory=dict)
    since: int = 0
    written: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._remember()

    def rewind(self) -> None:
        """What the last test did is undone. Nobody else may be connected, and who is will be thrown out."""
        if not self._rewound():
            template.clone(self.source, self.name)
            self._remember()

    def _remember(self) -> None:
        with template.maintenance(self.name) as server:
            self.columns = {str(table): str(columns) for table, columns in server.execute(_TABLES).fetchall()}
            server.execute(f"CREATE SCHEMA {ASIDE}")
            self.rows = {table: _count(server, table) for table in self.columns}
            for table, rows in self.rows.items():
                if rows:
                    server.execute(_as("CREATE TABLE {aside} AS TABLE {table}", table))
            self.stubborn = {}
            for of, trigger in server.execute(_STUBBORN).fetchall():
                self.stubborn.setdefault(str(of), []).append(str(trigger))
            self.schema = _schema(server)
            self.sequences = {str(row[0]): row[1] for row in server.execute(_SEQUENCES).fetchall()}  # type: ignore[misc]
            self.begins = _begins(server, [name for name, last in self.sequences.items() if last is None])
            self.since = _age(server)
            server.execute("SELECT pg_stat_force_next_flush()")  # what this very connection did counts as before
            self.written = _written(server)

    def _rewound(self) -> bool:
        with template.maintenance(self.name) as server:
            server.execute(_OTHERS)
            moved = {table for table, rows in _written(server).items() if rows != self.written.get(table)}
            if moved & _CATALOGS:
                if _schema(server) != self.schema:
                    return False
                moved = set(self.rows)
            try:
                with server.transaction():
                    server.execute("SET LOCAL session_replication_role = replica")  # no triggers, no foreign keys
                    many = [table for table in self._changed(server, moved) if self._restore(server, table) > MANY]
                    self._restart_sequences(server)
            except psycopg.errors.InsufficientPrivilege:
                return False
            for table in many:
                server.execute(_as("VACUUM {table}", table))
            self.since = _age(server)
            server.execute("SELECT pg_stat_force_next_flush()")  # what this very connection did counts as before
            self.written = _written(server)
        return True

    def _changed(self, server: Server, moved: set[str]) -> list[str]:
        looks = [
            _as("SELECT {name} WHERE EXISTS (SELECT FROM {table})", table)
            if not rows
            else _as(
                "SELECT {name} FROM {table} HAVING count(*) <> {rows} OR max(xmin::text::bigint) > {since}",
                table,
                rows=rows,
                since=self.since,
            )
            for table, rows in self.rows.items()
            if table in moved
        ]
        if not looks:
            return []
        return [str(table) for (table,) in server.execute(sql.SQL(" UNION ALL ").join(looks)).fetchall()]

    def _restore(self, server: Server, table: str) -> int:
        self._set_triggers(server, table, "DISABLE")
        gone = server.execute(_as("DELETE FROM {table}", table)).rowcount
        if self.rows[table]:
            columns = sql.SQL(self.columns[table])  # type: ignore[arg-type]  # quoted by the database
            server.execute(
                _as(
                    "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {aside}",
                    table,
                    columns=columns,
                )
            )
        self._set_triggers(server, table, "ENABLE ALWAYS")
        return gone

    def _set_triggers(self, server: Server, table: str, how: str) -> None:
        for trigger in self.stubborn.get(table, []):
            words = sql.SQL(f"{how} TRIGGER {trigger}")  # type: ignore[arg-type]  # quoted by the database
            server.execute(_as("ALTER TABLE {table} {words}", table, words=words))

    def _restart_sequences(self, server: Server) -> None:
        for row in server.execute(_SEQUENCES).fetchall():
            name, before = str(row[0]), self.sequences[str(row[0])]
            if row[1] != before:
                to = self.begins[name] if before is None else before
                server.execute("SELECT setval(%s, %s, %s)", [name, to, before is not None])


def _as(text: str, table: str, **values: object) -> sql.Composed:
    return sql.SQL(text).format(  # type: ignore[arg-type]  # the words are ours
        name=sql.Literal(table),
        table=sql.Identifier("public", table),
        aside=sql.Identifier(ASIDE, table),
        **{name: value if isinstance(value, sql.Composable) else sql.Literal(value) for name, value in values.items()},
    )


def _begins(server: Server, untouched: list[str]) -> dict[str, int]:
    """What those sequences will answer first."""
    looks = [sql.SQL("SELECT {}, last_value FROM ").format(sql.Literal(name)) + sql.SQL(name) for name in untouched]  # type: ignore[arg-type]  # quoted by the database
    return {str(name): int(str(value)) for name, value in server.execute(sql.SQL(" UNION ALL ").join(looks)).fetchall()}


def _count(server: Server, table: str) -> int:
    return int(str(_one(server, _as("SELECT count(*) FROM {table}", table))))


def _written(server: Server) -> dict[str, int]:
    """How many rows of each table were ever written, by the server's counters."""
    return {str(table): int(str(rows)) for table, rows in server.execute(_WRITTEN).fetchall()}


def _schema(server: Server) -> object:
    return _one(server, sql.SQL(_SCHEMA))


def _age(server: Server) -> int:
    """The number of this transaction: rows that come after it are younger."""
    return int(str(_one(server, sql.SQL("SELECT pg_current_xact_id()::text::bigint"))))


def _one(server: Server, query: sql.SQL | sql.Composed) -> object:
    row = server.execute(query).fetchone()
    return row[0] if row else None
