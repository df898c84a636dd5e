"""`manage.py verify_books`: the audit of the books."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.ledger import verification


class Command(BaseCommand):
    """Runs every registered check; exit code 1 and plain findings when something does not hold."""

    help = "Check that the books are sound."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--check NAME, as often as wanted."""
        parser.add_argument("--check", action="append", choices=verification.names(), help="only this one")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, and say what was found."""
        chosen = options["check"] or verification.names()
        findings = []
        for name in chosen:
            found = verification.verify([name])
            self.stdout.write(f"{'BROKEN' if found else 'ok':8} {name}")
            findings += found
        for finding in findings:
            self.stderr.write(f"{finding.check}: {finding.says}")
        if findings:
            raise CommandError(f"The books do not hold: {len(findings)} findings.")
        self.stdout.write(f"The books are sound: {len(chosen)} checks.")
