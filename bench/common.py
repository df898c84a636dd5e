"""What the benchmarks share: a durable scratch database, alternating windows, clients, and a table of results."""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DATABASE = "kitbank_bench"


@dataclass(frozen=True, slots=True)
class Options:
    """How long to measure: windows a side, seconds a window, clients at once, and accounts to move money between."""

    rounds: int = 5
    seconds: float = 5
    clients: int = 8
    accounts: int = 10_000
    interest_accounts: int = 100_000
    lines: int = 100_000


QUICK = Options(rounds=3, seconds=2, clients=8, accounts=2_000, interest_accounts=20_000, lines=20_000)


@dataclass(frozen=True, slots=True)
class Result:
    """One figure against its goal; `at_least` and `at_most` are None for figures without one."""

    name: str
    value: float
    at_least: float | None = None
    at_most: float | None = None
    unit: str = "x"
    note: str = ""

    @property
    def verdict(self) -> str:
        """met, MISSED, or nothing where there is no goal."""
        if self.at_least is None and self.at_most is None:
            return ""
        low = self.at_least is None or self.value >= self.at_least
        return "met" if low and (self.at_most is None or self.value <= self.at_most) else "MISSED"

    @property
    def goal(self) -> str:
        """The goal in words."""
        if self.at_least is not None:
            return f">= {self.at_least:g}"
        return f"<= {self.at_most:g}" if self.at_most is not None else ""


def show(results: Sequence[Result]) -> None:
    """Print the table."""
    width = max((len(one.name) for one in results), default=0)
    for one in results:
        figure = f"{one.value:.2f} {one.unit}"
        print(f"{one.name:{width}}  {figure:>12}  {one.goal:>8}  {one.verdict:6}  {one.note}".rstrip(), flush=True)


def main(run: Callable[[Options], list[Result]]) -> None:
    """Run one benchmark by itself: `python -m bench.ledger_single`."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--quick", action="store_true", help="short windows and small tables: a smoke test")
    options = QUICK if parser.parse_args().quick else Options()
    with scratch_bank():
        show(run(options))


# ---- the database ----


@contextmanager
def scratch_bank() -> Iterator[None]:
    """A migrated bank in a database of its own, with default durability; gone afterwards.

    On the server of DATABASE_URL when that is set, else on an embedded one under var/, started and stopped here.
    """
    given, server = os.environ.get("DATABASE_URL"), None
    if given:
        url = given
    else:
        from kitbank.local import places, postgres  # only where there is no database to use

        server = postgres.Server(places.VAR / "bench-postgres", database="bench")
        url = server.start()
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            _recreate(connection)
        parts = urlsplit(url)
        os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{DATABASE}"))
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kitbank.settings.test")
        _migrate(may_keep=not given)
        yield
        _hang_up()
        with psycopg.connect(url, autocommit=True) as connection:
            _drop(connection)
    finally:
        if given:
            os.environ["DATABASE_URL"] = given
        else:
            os.environ.pop("DATABASE_URL", None)
        if server is not None:
            server.stop()


def _drop(connection: psycopg.Connection[Any]) -> None:
    from kitbank.local.drop import drop_database  # here, for the packages we measure against know nothing of Celery

    drop_database(connection, DATABASE)


def _recreate(connection: psycopg.Connection[Any]) -> None:
    _drop(connection)
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(DATABASE)))


def _migrate(*, may_keep: bool) -> None:
    """The bank's tables: migrated, or on a server of our own copied from those that an earlier run migrated."""
    import logging

    import django

    django.setup()
    logging.disable(logging.INFO)
    from kitbank.local import migrations, template

    if may_keep:
        template.clone(template.ensure_template(), DATABASE)
    else:
        migrations.migrate()


def _hang_up() -> None:
    from django.db import connections

    connections.close_all()


def execute(statement: str, params: Sequence[Any] | None = None) -> None:
    """Run SQL on the scratch bank."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def filling(model: Any, columns: Mapping[str, str], source: str) -> tuple[str, dict[str, Any]]:
    """INSERT … SELECT of expressions by column, and the model's own default for every column that is not named."""
    fields = [one for one in model._meta.concrete_fields if one.column not in columns and not one.primary_key]
    defaults = {f"default_{one.column}": one.get_default() for one in fields if not one.null}
    given = dict(columns) | {one.column: f"%(default_{one.column})s" for one in fields if not one.null}
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(given)}) SELECT {', '.join(given.values())} FROM {source}",
        defaults,
    )


def settle() -> None:
    """Statistics and a checkpoint before measuring, so that no window pays for the one before."""
    execute("VACUUM ANALYZE")
    try:
        execute("CHECKPOINT")
    except Exception as no:
        if "checkpoint" not in str(no).lower() and "permission" not in str(no).lower():
            raise


# ---- measuring ----


def alternate(one: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[float, float, float]:
    """Measure both sides in turn, after a round that does not count; the medians, and the median of the ratios."""
    one()
    other()
    ones, others, ratios = [], [], []
    for nth in range(rounds):
        first, second = (one, other) if nth % 2 == 0 else (other, one)
        pair = {first: first(), second: second()}
        ones.append(pair[one])
        others.append(pair[other])
        ratios.append(pair[one] / pair[other])
    return statistics.median(ones), statistics.median(others), statistics.median(ratios)


def pgbench(script: str, options: Options, *, mode: str = "prepared") -> float:
    """Transactions a second of a pgbench script with all clients. Raises RuntimeError when one fails."""
    program = _pgbench_program()
    with tempfile.NamedTemporaryFile("w", suffix=".pgbench") as file:
        file.write(script)
        file.flush()
        asked = [program, "-n", "-M", mode, "-c", str(options.clients), "-j", "2", "-T", str(round(options.seconds))]
        done = subprocess.run(
            [*asked, "-f", file.name, os.environ["DATABASE_URL"]], capture_output=True, text=True, check=False
        )
    for line in done.stdout.splitlines():
        if line.startswith("tps = ") and "aborted" not in done.stderr:
            return float(line.split()[2])
    raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")


def _pgbench_program() -> str:
    from kitbank.local import binaries

    beside = Path(binaries.programs()) / "pgbench"
    found = str(beside) if beside.exists() else shutil.which("pgbench")
    if not found:
        raise RuntimeError("there is no pgbench on this machine")
    return found


def clients(make: Callable[[int], Callable[[], None]], options: Options) -> float:
    """Acts a second of as many processes as there are clients, each with a connection of its own.

    `make(nth)` is called in the process and gives what it does again and again.
    """
    _hang_up()
    context = get_context("fork")
    counts, gate = context.Queue(), context.Barrier(options.clients)

    def work(nth: int) -> None:
        act = make(nth)
        act()
        gate.wait()
        until, done = time.perf_counter() + options.seconds, 0
        while time.perf_counter() < until:
            act()
            done += 1
        counts.put(done)
        _hang_up()

    workers = [context.Process(target=work, args=(nth,)) for nth in range(options.clients)]
    for worker in workers:
        worker.start()
    total: int = sum(counts.get(timeout=options.seconds * 10 + 60) for _ in workers)
    for worker in workers:
        worker.join()
    return total / options.seconds


def timed(act: Callable[[], Any]) -> float:
    """Seconds that `act` takes."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


# ---- accounts to move money between ----


def open_wallets(options: Options, *, name: str = "bench", balance: int = 10**9) -> list[int]:
    """As many customers' accounts as asked, with money in them; their ids, which follow each other."""
    from apps.kernel.money import Money
    from apps.ledger import operations as ledger

    opened = ledger.open_accounts(
        [
            ledger.AccountToOpen(
                code=f"{name}/{nth}", name="Wallet", kind="LIABILITY", currency="KES", parent_code="2010-KES"
            )
            for nth in range(options.accounts)
        ],
        at=AT,
    )
    if balance:
        money = Money(balance, "KES")
        ledger.post_many(
            [
                ledger.Posting(
                    reference=f"{name}/fund/{nth}",
                    kind="FUNDING",
                    narrative="Money to begin with",
                    legs=[ledger.debit("1040-KES", money), ledger.credit(wallet, money)],
                )
                for nth, wallet in enumerate(opened)
            ],
            at=AT,
        )
    return [wallet.id for wallet in opened]
