"""A turn is closed by decision: what nobody paid for it is not owed any more, and the round goes on."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, NotYet
from apps.chamas.models import ChamaGroup, Contribution, ContributionStatus, Turn
from apps.chamas.operations import asked, books
from apps.chamas.operations.payout import end_if_over, there_for, turn_of
from apps.users.models import User


def read_skip(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`turn` and `reason`. Raises Invalid, NotFound, AlreadyDone, NotYet."""
    turn = turn_of(group, facts)
    _require_skippable(turn)
    return {"turn": turn.pk, "reason": asked.words(facts, "reason")}


def _require_skippable(turn: Turn) -> None:
    if turn.paid_at is not None:
        raise AlreadyDone(_("This turn was paid out. No money moved."))
    if turn.cycle_id is None or turn.cycle is None or turn.cycle.closed_at is None:
        raise NotYet(_("This turn's cycle is not over. Members can still pay for it. Nothing was done."))
    if there_for(turn) > 0:
        raise NotYet(_("There is money for this turn: pay it out first. Nothing was done."))


def describe_skip(group: ChamaGroup, facts: Facts) -> str:
    """Whose turn."""
    turn = turn_of(group, facts)
    words = {"who": asked.called(turn.member), "place": turn.position}
    return str(_("Close turn %(place)s of %(who)s: what is unpaid for it is not owed") % words)


@transaction.atomic
def skip_turn(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Close a turn for which nothing is there. No money moves; the merry-go-round's part of its cycle is not owed.

    Raises NotYet, AlreadyDone.
    """
    held = books.locked(group)
    rows = Turn.objects.select_for_update(of=("self",), no_key=True).select_related("member__user", "round", "cycle")
    turn = rows.get(pk=turn_of(held, facts).pk)
    # Rows of the cycle are held, so that nobody pays for a turn that is being closed.
    list(Contribution.objects.select_for_update(no_key=True).filter(cycle=turn.cycle_id).order_by("pk"))
    _require_skippable(turn)
    _owe_no_more(turn, at)
    turn.paid_at = turn.skipped_at = at
    turn.save(update_fields=["paid_at", "skipped_at"])
    audit_trail.record(
        "chamas.turn.skipped",
        on=turn.round,
        by=by,
        at=at,
        after={"turn": turn.position},
        reason=str(facts.get("reason", "")),
        customer=turn.member.user,
    )
    end_if_over(turn, at)
    return f"R{turn.round.number}/{turn.position}"


def _owe_no_more(turn: Turn, at: datetime) -> None:
    """Who owed that part alone owes nothing; the others owe the rest, or have paid it."""
    unpaid = Contribution.objects.unpaid().filter(cycle=turn.cycle_id, rotation_minor__gt=F("paid_rotation_minor"))
    alone = unpaid.filter(amount_minor=F("rotation_minor"), paid_rotation_minor=0)
    alone.update(status=ContributionStatus.WAIVED, settled_at=at)
    less = {
        "amount_minor": F("amount_minor") - F("rotation_minor") + F("paid_rotation_minor"),
        "rotation_minor": F("paid_rotation_minor"),
    }
    rest_is_paid = unpaid.filter(welfare_minor=F("paid_welfare_minor"), savings_minor=F("paid_savings_minor"))
    rest_is_paid.update(status=ContributionStatus.PAID, settled_at=at, **less)
    unpaid.update(**less)
