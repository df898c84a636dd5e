"""Keeps one migrated template database, and clones it for each test process and after each transactional test."""

import hashlib
import inspect
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.db.models.signals import post_migrate
from psycopg import sql

from kitbank.local.drop import drop_database
from kitbank.local.migrations import migrate
from kitbank.local.places import ROOT

PREFIX = "kitbank_template_"
KEPT = 3
LOCK = 5_246_225  # any number, as long as every session takes the same


def template_name() -> str:
    """Changes whenever a migration does, or anything that runs right after migrating."""
    digest = hashlib.sha256(django.get_version().encode())
    for file in sorted({*_migrations(), *_after_migrating()}):
        digest.update(str(file).encode())
        digest.update(file.read_bytes())
    return PREFIX + digest.hexdigest()[:16]


def ensure_template() -> str:
    """The name of a migrated template; whichever process comes first makes it while the others wait."""
    name = template_name()
    with maintenance() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not _exists(server, name):
            building = f"{name}_building"  # a killed build never passes for a finished one
            drop_database(server, building)
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(building)))
            _migrate(building)
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(name))
            )
            _drop_old_templates(server)
        server.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return name


def clone(template: str, name: str) -> None:
    """Replace the database by a fresh copy of the template."""
    with maintenance() as server:
        drop_database(server, name)
        # FILE_COPY beats WAL_LOG here: nothing is ever synced, and a bank of hundreds of tables has thousands of pages.
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )


def drop(name: str) -> None:
    """Remove a clone, even with connections still open."""
    with maintenance() as server:
        drop_database(server, name)


@contextmanager
def maintenance(name: str = "postgres") -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection of our own to one of the server's databases, in autocommit."""
    own = settings.DATABASES["default"]
    places = {
        "host": own.get("HOST"),
        "port": own.get("PORT"),
        "user": own.get("USER"),
        "password": own.get("PASSWORD"),
    }
    given = {key: str(value) for key, value in places.items() if value}
    with psycopg.connect(dbname=name, autocommit=True, **given) as server:  # type: ignore[arg-type]
        yield server


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Django's default connection speaks to that database."""
    before = connection.settings_dict["NAME"]
    point_at(name)
    try:
        yield
    finally:
        point_at(before)


def point_at(name: str) -> None:
    """Close what is open and aim Django's default connection at that database."""
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _migrate(name: str) -> None:
    with pointed_at(name):
        migrate()


def _migrations() -> Iterator[Path]:
    for app in apps.get_app_configs():
        yield from (Path(app.path) / "migrations").glob("*.py")


def _after_migrating() -> Iterator[Path]:
    """Our own receivers of post_migrate write rows too, from tables that live somewhere in their app."""
    for _, receiver, *_ in post_migrate.receivers:
        function = receiver() if isinstance(receiver, weakref.ReferenceType) else receiver
        file = inspect.getsourcefile(inspect.unwrap(function)) if function else None
        if file and (ROOT / "apps") in Path(file).parents:
            app = ROOT / "apps" / Path(file).relative_to(ROOT / "apps").parts[0]
            yield from app.glob("*.py")


def _exists(server: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    return server.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop_old_templates(server: psycopg.Connection[tuple[object, ...]]) -> None:
    """Keep the newest few: another session, on other code, may be cloning from one of them right now."""
    rows = server.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC OFFSET %s", [PREFIX, KEPT]
    ).fetchall()
    for (name,) in rows:
        drop_database(server, str(name))


if __name__ == "__main__":
    django.setup()
    ensure_template()
