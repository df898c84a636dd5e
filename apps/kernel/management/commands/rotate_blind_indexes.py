"""Makes every blind index anew with the newest key of BLIND_INDEX_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.kernel.prints import make_all_anew


class Command(BaseCommand):
    """`manage.py rotate_blind_indexes`."""

    help = "Make every blind index anew with the newest key; safe to stop and to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        """Column by column; ends with an error while values are found by none of the keys."""
        total = without_value = lost = 0
        for made in make_all_anew():
            total, without_value, lost = total + made.anew, without_value + made.without_value, lost + made.lost
            what = ": left, found by any key for as long as they are of use" if made.passes else ""
            self.stdout.write(f"{made.anew:>8}  {made.column}{what}")
            if made.without_value:
                self.stdout.write(f"{made.without_value:>8}  {made.column}: no value is kept to make these from")
            if made.lost:
                self.stdout.write(f"{made.lost:>8}  {made.column}: under none of the keys in force")
        self.stdout.write(f"{total} blind indexes were made anew.")
        if without_value:
            self.stdout.write("Keep the older keys until those without a value are of no more use: docs/operations.md.")
        if lost:
            raise CommandError("Values are found by none of the keys: put back the key that was dropped; run again.")
        if not total:
            self.stdout.write("Nothing was left under an older key.")
