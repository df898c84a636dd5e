"""Seals every personal value again with the newest key of FIELD_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.kernel.cipher import keyring
from apps.kernel.rotation import rotate_all


class Command(BaseCommand):
    """`manage.py rotate_field_keys`."""

    help = "Seal every personal value again with the newest key; safe to stop and to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Column by column."""
        total = 0
        for name, count in rotate_all():
            total += count
            self.stdout.write(f"{count:>8}  {name}")
        self.stdout.write(
            f"{total} values were sealed again; everything is now sealed with the key {keyring().newest!r}."
        )
