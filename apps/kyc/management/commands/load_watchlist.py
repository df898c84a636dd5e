"""Loads a watch list's file, from a scheduled download or an officer's hand."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kyc.errors import ListRefused
from apps.kyc.models import WatchList
from apps.kyc.operations import screening
from apps.users.models import User


class Command(BaseCommand):
    """Ends with an error when the file is refused; the list in force stays."""

    help = "Load a file of a watch list (OFAC_SDN, UN, PEP, ADVERSE, OWN); the same file twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which list, which file, who answers for it."""
        parser.add_argument("code")
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, metavar="E-MAIL", help="A member of staff who may load lists")
        parser.add_argument("--accept-shrinking", action="store_true", help="Ask for a list a fifth shorter or more")
        parser.add_argument("--reason", default="", help="Why it is shorter: the second person reads it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say what changed."""
        try:
            watch_list = WatchList.objects.get(code=options["code"])
            by = User.objects.with_email(options["by"]).get()
            raw = options["file"].read_bytes()
            version = screening.load_list(watch_list=watch_list, raw=raw, by=by, at=now())
        except screening.MuchShorter as no:
            if not options["accept_shrinking"]:
                raise CommandError(str(no)) from no
            self._ask(watch_list, raw, by, options["reason"])
            return
        except (WatchList.DoesNotExist, User.DoesNotExist, OSError, ListRefused) as no:
            raise CommandError(str(no)) from no
        self.stdout.write(
            f"{watch_list}, version {version.number} of {version.published_on}: {version.parties} parties, "
            f"{version.added} new, {version.changed} changed, {version.removed} gone"
        )

    def _ask(self, watch_list: WatchList, raw: bytes, by: User, reason: str) -> None:
        try:
            asked = screening.ask_shorter(watch_list=watch_list, raw=raw, reason=reason, by=by, at=now())
        except DomainError as no:
            raise CommandError(str(no)) from no
        self.stdout.write(f"{watch_list}: request {asked.pk} waits for a second person; the list in force stays")
