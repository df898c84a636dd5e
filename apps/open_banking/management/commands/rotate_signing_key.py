"""Signs identity tokens with a new key from now on."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.kernel.clock import now
from apps.open_banking.operations import rotate_key
from apps.users.queries import system_user


class Command(BaseCommand):
    """`manage.py rotate_signing_key`."""

    help = "Sign with a new key; the one before stays published for a week."

    def handle(self, *args: Any, **options: Any) -> None:
        """Once."""
        row = rotate_key(by=system_user(), at=now())
        self.stdout.write(f"Identity tokens are signed with the key {row.kid} from now on.")
