"""Trains the model beside the rules of the screen and prints how it does."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.fraud import operations
from apps.fraud.operations.train import BANK, ROWS, SEED, SYNTHETIC
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.users.queries import system_user


class Command(BaseCommand):
    """`manage.py train_fraud`."""

    help = "Train an isolation forest on what the screen knew; it is a candidate until two people put it to use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """On what, and from which seed."""
        parser.add_argument("--dataset", choices=[SYNTHETIC, BANK], default=SYNTHETIC)
        parser.add_argument("--seed", type=int, default=SEED, help="the same seed makes the same model")
        parser.add_argument("--rows", type=int, default=ROWS, help="invented payments (synthetic)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Train, keep, print."""
        asked = {name: options[name] for name in ("dataset", "seed", "rows")}
        try:
            row = operations.train_model(by=system_user(), at=now(), **asked)
        except DomainError as no:
            raise CommandError(str(no)) from no
        told = row.metrics
        self.stdout.write(
            f"{row.name} ({row.status}): learnt from {told['learnt_from']}, judged on {told['judged_on']}"
        )
        self.stdout.write(f"AUC {told['auc'] if told['auc'] is not None else 'not known: no confirmed fraud'}")
        for at, share in told["above"].items():
            found = told["found_above"][at]
            self.stdout.write(f"from {at}: {share:.2%} of payments" + (f", {found:.1%} of the odd" if found else ""))
        if row.is_synthetic:
            self.stdout.write("Learnt from invented payments: these figures say nothing of real ones.")
