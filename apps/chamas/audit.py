"""Replays groups by their own constitutions: every rule that was broken, set-based, in plain sentences.

Decisions (votes, officers' approvals) add their own questions with `register`: who knows the approvals asks for them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from apps.chamas.audit_investments import OWNED
from apps.chamas.audit_money import OUT
from apps.chamas.audit_paying_in import IN
from apps.chamas.models import ChamaGroup, Round, RoundStatus, Swap, SwapStatus, Turn
from apps.chamas.operations.rounds import words_of
from apps.chamas.rules import draw


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule that was broken, in one group, on one day."""

    rule: str
    group_id: int
    on: date
    says: str


_ASK = """
SELECT group_id, day::date, says FROM (%s) asked (group_id, day, says)
 WHERE group_id = ANY(%%(groups)s) ORDER BY group_id, day LIMIT 1000
"""
# rule → a question for (group_id, day, sentence). %(at)s is the moment of the audit; a lone percent sign is doubled.
_questions: dict[str, str] = {**IN, **OUT, **OWNED}


def register(rule: str, question: str) -> None:
    """Add a question, or put another in its place."""
    _questions[rule] = question


def rules() -> list[str]:
    """Every rule that is asked for."""
    return [*_questions, "draw"]


def audit(groups: Iterable[ChamaGroup], *, at: datetime, year: int | None = None) -> list[Broken]:
    """What was broken in these groups, in a year or ever, by group and day; nothing says that they kept their rules."""
    ids = [group.pk for group in groups]
    found: list[Broken] = []
    with connection.cursor() as cursor:
        for rule, question in _questions.items():
            cursor.execute(_ASK % question.replace("%s", "%%s"), {"at": at, "groups": ids})
            found += [Broken(rule, group_id, day, says) for group_id, day, says in cursor.fetchall()]
    found += _draws(ids)
    return sorted(
        (one for one in found if year is None or one.on.year == year), key=lambda one: (one.group_id, one.on, one.rule)
    )


def faults_of(row: Round) -> list[str]:
    """What is not right about a draw, as codes. Turns that were swapped by consent stand where they were drawn."""
    numbers = dict(Turn.objects.filter(round=row).values_list("pk", "member__number"))
    return draw.faults(
        published=row.seed_hash,
        seed=row.shown_seed,
        words=words_of(row),
        numbers=list(numbers.values()),
        order=[numbers[pk] for pk in drawn_order(row)],
    )


def drawn_order(row: Round) -> list[int]:
    """The turns (ids) in the order of the draw: swaps since are taken back, the last one first."""
    order = list(Turn.objects.filter(round=row).order_by("position").values_list("pk", flat=True))
    for swap in Swap.objects.filter(asker__round=row, status=SwapStatus.DONE).order_by("-answered_at", "-pk"):
        first, second = order.index(swap.asker_id), order.index(swap.other_id)
        order[first], order[second] = order[second], order[first]
    return order


def _draws(groups: list[int]) -> list[Broken]:
    rows = Round.objects.filter(group__in=groups, how="DRAWN").exclude(status=RoundStatus.ORDERING)
    return [
        Broken("draw", row.group_id, row.ordered_at.date(), f"round {row.number} was not drawn as published: {code}")
        for row in rows.order_by("pk")
        if row.ordered_at
        for code in faults_of(row)
    ]
