"""Fills an empty bank with a year of life, through the operations; says how to sign in."""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from importlib import import_module
from random import Random
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.test.utils import override_settings

from apps.accounts import operations as accounts
from apps.accounts.models import Transaction
from apps.audit_trail import operations as audit_trail
from apps.fraud import operations as fraud
from apps.kernel.clock import day_start, local_date, month_bounds, now
from apps.kernel.garbage import settle_in
from apps.kernel.relay import deliver_due
from apps.ledger import operations as ledger
from apps.notifications import operations as notifications
from apps.notifications.wake import quietly
from apps.portals.demo import (
    banks,
    books,
    companies,
    credit,
    exchange,
    factory,
    groups,
    loans,
    oversight,
    papers,
    payroll,
    people,
    phones,
    plans,
    privacy,
    saving,
    screen,
    shops,
    staff,
    story,
    taxes,
    watch,
    year,
)
from apps.portals.demo.beside import beside
from apps.users.models import User

PASSWORD = "kisumu-lakeside-2026"  # noqa: S105 a demo that nobody can sign in to shows nothing
CUSTOMERS = 300


class Command(BaseCommand):
    """`manage.py demo`."""

    help = "Make the demo bank: 300 customers with a year of movements. Safe to run again: it says so and does nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Seed, size, and what only prints."""
        parser.add_argument("--seed", type=int, default=2026, help="the same seed makes the same figures")
        parser.add_argument("--customers", type=int, default=CUSTOMERS)
        parser.add_argument("--if-empty", action="store_true", help="do nothing, quietly, when there are customers")
        parser.add_argument("--sign-ins", action="store_true", help="only print how to sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, once."""
        if options["sign_ins"]:
            self._print_sign_ins()
            return
        if User.objects.customers().exists():
            if not options["if_empty"]:
                self.stdout.write("The bank has customers already: nothing was changed.")
            return
        if options["customers"] < 10:
            raise CommandError("A demo needs ten customers or more.")
        # The past needs no wake-up calls, and its passwords may be hashed with less work: Argon2 still reads them,
        # and makes them strong at the first sign-in.
        settle_in()
        with quietly(), override_settings(PASSWORD_HASHERS=["apps.portals.demo.hasher.QuickArgon2", *_argon2()]):
            end = now()
            # What takes long to load is loaded while the database works; all is there before anything is forked.
            # All of the story or none: one that was killed is told again from the beginning.
            with _loading("lightgbm", "weasyprint"), transaction.atomic():
                self._tell(options["customers"], Random(options["seed"]), end)  # noqa: S311 figures, not secrets
            with self._step("Messages, roll-ups, seals, statements") as say:
                self._tidy(end, say)
        self._print_sign_ins()

    def _tell(self, customers: int, dice: Random, end: datetime) -> None:
        start = end - timedelta(days=365)
        with self._step("Opening the bank"):
            hired = staff.open_the_bank(password=PASSWORD, at=start)
            manager = hired["manager@kitbank.example"]
            firms = story.found_firms(password=PASSWORD, officer=manager, second=hired["kyc@kitbank.example"], at=start)
        with self._step(f"{customers} people join"):
            households = [
                story.join(people.someone(nth, dice), password=PASSWORD, at=start + timedelta(hours=2 + 5 * nth % 1400))
                for nth in range(customers)
            ]
        with self._step("Some bring their papers"):
            for household in households:
                if household.who.salary >= 31_000 or household is households[0]:
                    at = household.joined_at + timedelta(days=9)
                    story.prove_who_they_are(household, officer=manager, second=hired["kyc@kitbank.example"], at=at)
        with self._step("A year of salaries, rents and shopping") as say:
            say(f"{year.live(households, firms, start=start, end=end, dice=dice):,} lines")
            _take_stock()
        with self._step("Cash over the counter"):
            self._cash(households, hired["teller@kitbank.example"], end, dice)
        with self._step("People pay each other") as say:
            say(f"{story.send_around(households, end=end, times=customers // 3, dice=dice)} payments")
        with self._step("Payees, standing orders, requests to pay"):
            plans.make_plans(households, end=end)
        with self._step("Two shops are paid by code") as say:
            say(f"{shops.open_shops(households, end=end)} sales")
        with self._step("An employer pays by file"):
            payroll.pay_by_file(
                firms[people.EMPLOYERS[0]],
                households[1:9],
                second=households[0].account.owner,
                officer=hired["compliance@kitbank.example"],
                end=end,
            )
        with self._step("Some keep dollars, euros and pounds") as say:
            exchange.tell_rates(end=end, dice=dice)
            say(f"{exchange.keep_foreign_money(households, end=end, dice=dice)} exchanges")
        with self._step("Billers, airtime, USSD"):
            admin, chief = hired["admin@kitbank.example"], hired["super@kitbank.example"]
            phones.tell_of_phones(households, maker=admin, checker=chief, end=end)
        with self._step("Some pay other banks, one pays abroad") as say:
            say(f"{banks.pay_other_banks(households, end=end)} payments")
        with self._step("Other banks pay some") as say:
            say(f"{banks.be_paid_by_other_banks(households, end=end)} payments")
        with self._step("Some borrow, and friends stand for them") as say:
            second = hired["admin@kitbank.example"]
            say(f"{loans.lend(households, officer=manager, second=second, end=end)} loans paid out")
        with self._step("Some save: goals, rules, a deposit, interest") as say:
            say(f"{saving.save(households, end=end)} payments of interest")
        with self._step("Three groups save together") as say:
            say(f"{groups.save_together(households, end=end)} contributions")
        with self._step("Products get other terms, a boda is lent against, bad times are tried") as say:
            admin, chief = hired["admin@kitbank.example"], hired["super@kitbank.example"]
            versions = factory.run_the_factory(households, officer=manager, maker=admin, checker=chief, end=end)
            say(f"{versions} versions of terms")
        with self._step("Everybody is scored, some ask for credit") as say:
            say(f"{credit.lend_a_thought(households, end=end)} decisions")
        with self._step("Some send their papers") as say:
            say(f"{papers.send_papers(households, officer=hired['kyc@kitbank.example'], end=end)} verifications")
        with self._step("Two companies bank here") as say:
            officer, second = hired["kyc@kitbank.example"], hired["admin@kitbank.example"]
            say(f"{companies.found_businesses(households, officer=officer, second=second, end=end)} payment waits")
        with self._step("The screen is taught, and an address is blocked"):
            officer = hired["compliance@kitbank.example"]
            screen.watch(officer=officer, second=hired["admin@kitbank.example"], end=end)
        with self._step("Some launder money, and compliance looks") as say:
            officer, mlro = hired["compliance@kitbank.example"], hired["super@kitbank.example"]
            say(f"{watch.tell_of_laundering(households, officer=officer, mlro=mlro, end=end)} alerts")
        with self._step("Some ask for their data, a laptop is lost") as say:
            officer, teller = hired["compliance@kitbank.example"], hired["teller@kitbank.example"]
            say(f"{privacy.ask_of_data(households, officer=officer, teller=teller, end=end)} requests wait")
        with self._step("Staff are watched too") as say:
            say(f"{oversight.watch_the_staff(households, hired, end=end)} alerts")
        with self._step("Taxes of each month are filed and paid") as say:
            landlord, second = firms[people.LANDLORDS[0]], hired["admin@kitbank.example"]
            say(
                f"{taxes.file_the_taxes(landlord, officer=hired['compliance@kitbank.example'], second=second, end=end)}"
            )
        with self._step("Apps of other firms are let in"):
            call_command("demo_third_parties", at=end.isoformat())  # a neighbour of the pages, so called by its name
        with self._step("A few stories of their own"):
            self._stories(households, manager, end)
            story.leave_work_waiting(firms, teller=hired["teller@kitbank.example"], at=end - timedelta(minutes=40))
        with self._step("The books of past months are closed") as say:  # last: nothing is booked there any more
            say(f"{books.close_the_months(accountant=hired['admin@kitbank.example'], end=end)} months")

    def _cash(self, households: list[year.Household], teller: User, end: datetime, dice: Random) -> None:
        story.pay_in_cash(households[0], 5000, teller=teller, at=end - timedelta(days=1), key="demo-cash-0")
        for nth in range(1, len(households) // 4):
            at = end - timedelta(minutes=dice.randrange(60, 20 * 24 * 60))
            amount = dice.randrange(5, 60) * 100
            story.pay_in_cash(households[nth], amount, teller=teller, at=at, key=f"demo-cash-{nth}")

    def _stories(self, households: list[year.Household], manager: User, end: datetime) -> None:
        accounts.freeze(account=households[7].account, by=households[7].account.owner, at=end, reason="Lost my phone")
        accounts.freeze(account=households[8].account, by=manager, at=end, reason="Court order 114 of 2026")
        accounts.close(account=households[9].savings, by=households[9].account.owner, at=end)
        line = Transaction.objects.select_related("account__owner").filter(account=households[0].account).latest("pk")
        fraud.open_dispute(line=line, reason="TWICE", text="I see this twice", by=line.account.owner, at=end)

    def _tidy(self, end: datetime, say: Callable[[str], None]) -> None:
        last_month = month_bounds(local_date(end).replace(day=1) - timedelta(days=1))[1]
        with beside(_deliver, _deliver):  # as the bank's relays: which message has which number is theirs to settle
            made = accounts.make_month_statements(day=last_month, at=day_start(last_month + timedelta(days=1)))
            _deliver()
        _deliver()
        _close_the_books(last_month, end)
        notifications.drop_expired(at=end)
        audit_trail.seal_due(at=end)
        say(f"{made} statements")

    @contextmanager
    def _step(self, title: str) -> Any:
        """Say what is going on and how long it took."""
        said: list[str] = []
        self.stdout.write(f"  {title} …", ending="")
        self.stdout.flush()
        began = time.monotonic()
        yield said.append
        extra = f", {said[0]}" if said else ""
        self.stdout.write(f" {time.monotonic() - began:.1f} s{extra}")

    def _print_sign_ins(self) -> None:
        first = people.someone(0, Random(0))  # noqa: S311
        self.stdout.write(f"Everyone's password: {PASSWORD}")
        self.stdout.write(f"  customer    0{first.phone[4:]}  {first.full_name}")
        self.stdout.write(f"  by USSD     dial {settings.USSD_CODE} on that phone's page, PIN {phones.USSD_PIN}")
        for post in staff.STAFF:
            self.stdout.write(
                f"  {post.role.lower():<20} {post.email:<28} code by SMS to 0{post.phone[4:]} (phone page)"
            )


@contextmanager
def _loading(*modules: str) -> Iterator[None]:
    with ThreadPoolExecutor(1) as hand:
        loaded = [hand.submit(import_module, name) for name in modules]
        yield
    for one in loaded:
        one.result()


def _deliver() -> None:
    """As a relay does, but without waiting for the disk after each: what a power cut took would be delivered again."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        while deliver_due(1000):
            pass
        cursor.execute("RESET synchronous_commit")


def _close_the_books(last_month: date, end: datetime) -> None:
    """What the end of its days would have done, once nothing moves any more: so it is the same each time."""
    ledger.roll_up_days()
    ledger.take_snapshots(as_of=last_month, at=end)
    ledger.seal_up_to(at=end)


_WRITTEN = """
SELECT format('%I.%I', schemaname, relname) FROM pg_stat_xact_user_tables WHERE n_tup_ins + n_tup_upd > 0 ORDER BY 1
"""

# What an index of ranges has not summed up is read whole, by each of the days to come.
_SUM_UP = """
SELECT brin_summarize_new_values(i.indexrelid::regclass)
  FROM pg_stat_xact_user_tables t JOIN pg_index i ON i.indrelid = t.relid JOIN pg_class c ON c.oid = i.indexrelid
 WHERE t.n_tup_ins > 0 AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'brin')
"""


def _take_stock() -> None:
    """Tell the planner how full the tables are now: nobody else does before all is committed.

    Only those that the story has written to, for all that are looked at stay locked until its end.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN)
        tables = ", ".join(name for (name,) in cursor.fetchall())
        cursor.execute(f"ANALYZE {tables}")
        cursor.execute(_SUM_UP)


def _argon2() -> list[str]:
    return ["django.contrib.auth.hashers.Argon2PasswordHasher"]
