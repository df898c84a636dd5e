"""What django-hordak and django-ledger post in a window; run by `bench.others` in an environment of their own.

`python -m bench.theirs NAME URL CLIENTS SECONDS` prints transfers a second. Each posts by the package's own documented
way, between accounts that were opened before, in one database transaction: no balance is locked or checked.
"""

import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings

from bench.common import Options, clients

ACCOUNTS = 200
APPS = {
    "django-hordak": ["mptt", "hordak"],
    "django-ledger": ["django_ledger"],
}


def configure(name: str, url: str) -> None:
    """The least settings the package runs with, on connections that stay open."""
    place = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": place.path[1:],
        "USER": place.username or "",
        "PASSWORD": place.password or "",
        "HOST": unquote(place.hostname or ""),
        "PORT": str(place.port or ""),
        "CONN_MAX_AGE": None,
    }
    core = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", "django.contrib.messages"]
    settings.configure(
        DATABASES={"default": database},
        INSTALLED_APPS=core + APPS[name],
        USE_TZ=True,
        SECRET_KEY="only of a benchmark",  # noqa: S106
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DEFAULT_CURRENCY="EUR",
        CURRENCIES=["EUR"],
    )
    django.setup()


def hordak() -> Callable[[int], Callable[[], None]]:
    """`Account.transfer_to`, in a transaction."""
    from django.db import transaction
    from hordak.models import Account  # type: ignore[import-not-found]
    from moneyed import Money  # type: ignore[import-not-found]

    if not Account.objects.exists():
        for nth in range(ACCOUNTS):
            Account.objects.create(name=f"Wallet {nth}", code=str(nth), type="LI", currencies=["EUR"])

    def make(_nth: int) -> Callable[[], None]:
        accounts, chance = list(Account.objects.all()), random.Random()

        @transaction.atomic
        def act() -> None:
            payer, payee = chance.sample(accounts, 2)
            payer.transfer_to(payee, Money(chance.randint(1, 1000), "EUR"), description="Rent for May")

        return act

    return make


def ledger() -> Callable[[int], Callable[[], None]]:
    """`LedgerModel.commit_txs` of a posted journal entry, in a transaction."""
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from django_ledger.io.roles import LIABILITY_CL_ACC_PAYABLE  # type: ignore[import-not-found]
    from django_ledger.models import EntityModel, LedgerModel  # type: ignore[import-not-found]

    if not LedgerModel.objects.exists():
        people: Any = get_user_model().objects  # in this project people are Django's own, not the bank's
        admin = people.create_user("bench")
        entity = EntityModel.create_entity("Bench", use_accrual_method=True, admin=admin, fy_start_month=1)
        chart = entity.create_chart_of_accounts(coa_name="Bench", commit=True, assign_as_default=True)
        for nth in range(ACCOUNTS):
            chart.create_account(
                code=str(2000 + nth),
                role=LIABILITY_CL_ACC_PAYABLE,
                name=f"Wallet {nth}",
                balance_type="credit",
                active=True,
            )
        entity.create_ledger(name="Bench", posted=True)

    def make(_nth: int) -> Callable[[], None]:
        kept: Any = LedgerModel.objects.select_related("entity").get(name="Bench")
        accounts = list(kept.entity.get_default_coa_accounts().filter(name__startswith="Wallet"))
        chance = random.Random()

        @transaction.atomic
        def act() -> None:
            payer, payee = chance.sample(accounts, 2)
            amount = chance.randint(1, 1000)
            kept.commit_txs(
                je_timestamp=datetime.now(tz=UTC),
                je_txs=[
                    {"account": payer, "amount": amount, "tx_type": "debit", "description": "Rent for May"},
                    {"account": payee, "amount": amount, "tx_type": "credit", "description": "Rent for May"},
                ],
                je_posted=True,
                je_desc="Rent for May",
            )

        return act

    return make


def main(name: str, url: str, at_once: str, seconds: str) -> None:
    """Migrate and fill what is missing, then measure."""
    configure(name, url)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    make = {"django-hordak": hordak, "django-ledger": ledger}[name]()
    make(0)()  # django-ledger makes the row that numbers its entries with the first one, and not safely at once
    print(clients(make, Options(clients=int(at_once), seconds=float(seconds))))


if __name__ == "__main__":
    main(*sys.argv[1:])
