"""`manage.py register_paybill`: tells M-Pesa where our paybill listens. In production it is taken once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.kernel.errors import DomainError
from apps.mpesa import daraja, operations


class Command(BaseCommand):
    """Registers the addresses that payments to the paybill are checked and confirmed at."""

    help = "Tell M-Pesa where payments to our paybill are checked and confirmed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Say what M-Pesa answered."""
        try:
            operations.register_addresses()
        except daraja.Refused as no:
            raise CommandError(f"M-Pesa refused: {no.error_code} {no.error_text}") from no
        except DomainError as no:
            raise CommandError(f"M-Pesa was not asked or did not answer: {no}") from no
        self.stdout.write("M-Pesa knows where the paybill listens.")
