"""Says at which other banks customers may link accounts."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.open_banking.models import OtherBank
from apps.open_banking.operations import BankTerms, keep_other_bank, stop_other_bank
from apps.users.queries import system_user

VARIABLE = "OTHER_BANK_SECRET"


class Command(BaseCommand):
    """`OTHER_BANK_SECRET=… manage.py other_bank keep NAME --address … --bank-id … --client-id …`, or `stop NAME`."""

    help = f"Let customers link accounts at another bank, or stop it. The client's secret is read from {VARIABLE}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do with which bank."""
        parser.add_argument("act", choices=["keep", "stop", "list"])
        parser.add_argument("name", nargs="?", default="")
        for name in ("address", "issuer", "bank-id", "client-id", "reason"):
            parser.add_argument(f"--{name}", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Once; the audit trail keeps it as the bank's own."""
        if options["act"] == "list":
            for row in OtherBank.objects.order_by("name"):
                self.stdout.write(f"{row.name}  {row.address}  {'linked by customers' if row.is_active else 'stopped'}")
            return
        try:
            said = self._keep(options) if options["act"] == "keep" else self._stop(options)
        except DomainError as no:
            raise CommandError(str(no)) from no
        self.stdout.write(said)

    def _keep(self, options: dict[str, Any]) -> str:
        terms = BankTerms(
            name=options["name"], address=options["address"], issuer=options["issuer"], bank_id=options["bank_id"],
            client_id=options["client_id"], client_secret=os.environ.get(VARIABLE, ""),
        )  # fmt: skip
        row = keep_other_bank(terms=terms, by=system_user(), at=now())
        return f"Customers may link accounts at {row.name} ({row.address})."

    def _stop(self, options: dict[str, Any]) -> str:
        row = OtherBank.objects.filter(name=options["name"]).first()
        if row is None or not options["reason"]:
            raise CommandError("Name a bank that is kept, and a --reason. Nothing was changed.")
        stop_other_bank(bank=row, by=system_user(), at=now(), reason=options["reason"])
        return f"Nothing more is read at {row.name}."
