"""`manage.py verify_draw <round>`: does a draw of a merry-go-round follow from what was published?"""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from apps.chamas import audit
from apps.chamas.models import Round, RoundStatus, Turn
from apps.chamas.operations.rounds import words_of
from apps.chamas.rules import draw


class Command(BaseCommand):
    """Does the draw again and shows each figure, so that it can be done by hand as well."""

    help = "Do a draw again from its seed and its members' words, and compare."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The round's public id."""
        parser.add_argument("round", help="the public id of the round")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show, compare, say."""
        try:
            row = Round.objects.filter(public_id=options["round"], how="DRAWN").first()
        except ValidationError:
            row = None
        if row is None or row.status == RoundStatus.ORDERING:
            raise CommandError("There is no such draw, or its order is not known yet.")
        words = words_of(row)
        numbers = list(Turn.objects.filter(round=row).values_list("member__number", flat=True))
        self.stdout.write(f"published  {row.seed_hash}")
        self.stdout.write(f"seed       {row.shown_seed}")
        for number, word in sorted(words.items()):
            self.stdout.write(f"word       {number}:{word}")
        self.stdout.write(f"mixed      {draw.mixed(row.shown_seed, words)}")
        self.stdout.write(f"order      {' '.join(map(str, draw.drawn(numbers, row.shown_seed, words)))}")
        if wrong := audit.faults_of(row):
            raise CommandError(f"The draw does not follow from what was published: {', '.join(wrong)}.")
        self.stdout.write("The draw is honest.")
