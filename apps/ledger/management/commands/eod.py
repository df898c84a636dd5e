"""`manage.py eod`: end the bank's day."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.ledger import eod
from apps.ledger.models import RunStatus


class Command(BaseCommand):
    """Runs the steps that end a day; run again after a failure, it goes on where it stopped."""

    help = "End the open business day, or --day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--day."""
        parser.add_argument("--day", type=date.fromisoformat, help="YYYY-MM-DD; the open day unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and say what each step did."""
        try:
            ended = eod.run(at=now(), day=options["day"])
        except DomainError as no:
            raise CommandError(str(no)) from no
        for step in ended.steps.order_by("position", "name"):
            self.stdout.write(f"{step.status:8} {step.name}: {step.outcome}")
        if ended.status != RunStatus.DONE:
            raise CommandError(f"{ended.day_id} is not closed: a step failed. Mend its cause and run this again.")
        self.stdout.write(f"{ended.day_id} is closed.")
