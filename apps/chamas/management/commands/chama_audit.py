"""`manage.py chama_audit <slug>|--all [--year 2026]`: did groups keep their own rules?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.chamas import audit
from apps.chamas.models import ChamaGroup
from apps.kernel.clock import now


class Command(BaseCommand):
    """Replays groups by their constitutions; exit code 1 and one line for each rule that was broken."""

    help = "List every rule of a group's constitution that was broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One group by its address, or all; one year, or ever."""
        parser.add_argument("slug", nargs="?", help="the group's address: /chama/<slug>")
        parser.add_argument("--all", action="store_true", help="every group")
        parser.add_argument("--year", type=int, help="only what was broken in this year")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and say what was found."""
        if bool(options["slug"]) == options["all"]:
            raise CommandError("Name one group, or --all.")
        rows = ChamaGroup.objects.all() if options["all"] else ChamaGroup.objects.filter(slug=options["slug"])
        groups = {group.pk: group for group in rows.order_by("slug")}
        if not groups and not options["all"]:
            raise CommandError(f"There is no group at {options['slug']!r}.")
        broken = audit.audit(groups.values(), at=now(), year=options["year"])
        for one in broken:
            self.stdout.write(f"{groups[one.group_id].slug}  {one.on}  {one.rule}: {one.says}")
        if broken:
            raise CommandError(f"{len(broken)} times a rule was broken, in {len({b.group_id for b in broken})} groups.")
        self.stdout.write(f"{len(groups)} groups kept their rules: {len(audit.rules())} questions.")
