"""Verifies the whole audit trail, for an auditor at a terminal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit_trail import operations
from apps.kernel.clock import now


class Command(BaseCommand):
    """Ends with an error when something is not as it was sealed."""

    help = "Recompute every leaf and root of the audit trail, and name what is not as it was sealed."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--last N` verifies the newest N blocks alone."""
        parser.add_argument("--last", type=int, default=None, metavar="BLOCKS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, and say so."""
        check = operations.verify(at=now(), last_blocks=options["last"])
        covered = f"{check.records} records in seals {check.from_seal} to {check.upto_seal}"
        if not check.is_intact:
            raise CommandError("\n".join([f"NOT INTACT: {covered}", *check.breaks]))
        self.stdout.write(f"Intact: {covered}. Newest root {bytes(check.root).hex()}")
