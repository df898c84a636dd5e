"""A turn of the merry-go-round is paid out: the money its cycle brought, to the member whose turn it is."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import TransactionType
from apps.chamas.acts import Facts
from apps.chamas.errors import AlreadyDone, NotYet
from apps.chamas.events import PayoutMade
from apps.chamas.models import (
    ChamaGroup,
    Contribution,
    EntryKind,
    FundKind,
    RoundStatus,
    Turn,
)
from apps.chamas.operations import asked, books
from apps.chamas.operations.books import Change
from apps.chamas.references import new_receipt
from apps.chamas.rules.sharing import share
from apps.chamas.states import ROUND
from apps.kernel import events
from apps.kernel.money import Money
from apps.users.models import User


def turn_of(group: ChamaGroup, facts: Facts) -> Turn:
    """The turn that is asked for, of this group alone. Raises Invalid, NotFound."""
    rows = Turn.objects.select_related("member__user", "member__account__owner", "round", "cycle")
    return asked.row(rows, facts, "turn", round__group=group)


def there_for(turn: Turn) -> int:
    """What the turn's cycle brought for the merry-go-round and was not paid out (minor units)."""
    if turn.cycle_id is None:
        return 0
    paid = Contribution.objects.filter(cycle=turn.cycle_id).aggregate(paid=Sum("paid_rotation_minor"))["paid"] or 0
    return int(paid) - turn.paid_minor - turn.shared_minor


def unpaid_for(turn: Turn) -> int:
    """What members still owe for the turn; what was waived is not owed."""
    rows = Contribution.objects.unpaid().filter(cycle=turn.cycle_id) if turn.cycle_id else Contribution.objects.none()
    sums = rows.aggregate(due=Sum("rotation_minor"), paid=Sum("paid_rotation_minor"))
    return (sums["due"] or 0) - (sums["paid"] or 0)


def read_payout(group: ChamaGroup, facts: Facts) -> dict[str, Any]:
    """`turn` and `partial`; completes `minor`. Raises Invalid, NotFound, AlreadyDone, NotYet."""
    turn, partial = turn_of(group, facts), facts.get("partial") is True
    _require_payable(turn, partial=partial)
    return {"turn": turn.pk, "partial": partial, "minor": there_for(turn)}


def _require_payable(turn: Turn, *, partial: bool) -> None:
    if turn.paid_at is not None:
        raise AlreadyDone(_("This turn was paid out. No money moved."))
    if turn.cycle_id is None:
        raise NotYet(_("This turn's cycle has not begun. No money moved."))
    missing = Money(unpaid_for(turn), turn.round.currency)
    if missing and not partial:
        raise NotYet(
            _("Not everybody has paid: %(missing)s is missing. No money moved. Wait, or pay out what is there.")
            % {"missing": missing},
            missing=str(missing.amount),
        )
    earlier = turn.round.turns.filter(position__lt=turn.position, paid_at=None, paid_minor=0).exists()
    if earlier:
        raise NotYet(_("An earlier turn has not had anything yet. No money moved."))
    if there_for(turn) <= 0:
        raise NotYet(_("There is nothing to pay out for this turn yet. No money moved."))


def concerns_payout(group: ChamaGroup, facts: Facts) -> set[int]:
    """Whose turn it is."""
    return {turn_of(group, facts).member_id}


def describe_payout(group: ChamaGroup, facts: Facts) -> str:
    """How much, to whom."""
    turn = turn_of(group, facts)
    words = {"amount": Money(there_for(turn), group.currency), "who": asked.called(turn.member), "place": turn.position}
    return str(_("Merry-go-round turn %(place)s: pay %(amount)s to %(who)s") % words)


@transaction.atomic
def pay_out(group: ChamaGroup, facts: Facts, *, key: str, by: User, at: datetime) -> str:
    """Pay what is there for a turn; what comes late is paid by another decision. The discount goes to the others.

    A turn is over when nothing is owed for it any more. Raises NotYet, AlreadyDone, and what moving money raises.
    """
    turn = turn_of(group, facts)
    books.hold_payee(turn.member)
    held = books.locked(group)
    rows = Turn.objects.select_for_update(of=("self",), no_key=True)
    turn = rows.select_related("member__user", "member__account__owner", "round").get(pk=turn.pk)
    # Rows of the cycle are held, so that nobody pays between counting and paying out.
    list(Contribution.objects.select_for_update(no_key=True).filter(cycle=turn.cycle_id).order_by("pk"))
    _require_payable(turn, partial=facts.get("partial") is True)
    there = there_for(turn)
    shared = min(turn.discount_minor - turn.shared_minor, there)
    receipt = new_receipt()
    amount = Money(there - shared, held.currency)
    changes = [Change(FundKind.ROTATION, Money(-there, held.currency), turn.member)]
    changes += _to_the_others(turn, shared)
    books.move(
        group=held,
        changes=changes,
        kind=EntryKind.PAYOUT,
        line=TransactionType.PAYOUT,
        reference=f"chama/{held.pk}/payout/{turn.pk}/{key[:80]}",
        quoted=receipt,
        action="chamas.payout.made",
        movements=[accounts.into(turn.member.account, amount, held.name, category="group")] if amount else [],
        by=by,
        at=at,
    )
    turn.paid_minor, turn.shared_minor = turn.paid_minor + amount.minor, turn.shared_minor + shared
    turn.paid_at = None if unpaid_for(turn) else at
    turn.save(update_fields=["paid_minor", "shared_minor", "paid_at"])
    events.publish(PayoutMade(group_id=held.pk, turn_id=turn.pk, minor=amount.minor))
    end_if_over(turn, at)
    return receipt


def _to_the_others(turn: Turn, minor: int) -> list[Change]:
    """What was given up for an early turn, in equal parts into the savings of everybody else in the round."""
    others = [one.member for one in turn.round.turns.exclude(pk=turn.pk).select_related("member").order_by("position")]
    parts = share(minor, [1] * len(others))
    currency = turn.round.currency
    return [
        Change(FundKind.SAVINGS, Money(part, currency), member, EntryKind.MOVED)
        for member, part in zip(others, parts, strict=True)
        if part
    ]


def end_if_over(turn: Turn, at: datetime) -> None:
    """The round is done when every turn is over."""
    if not turn.round.turns.filter(paid_at=None).exists():
        ROUND.make(turn.round, RoundStatus.DONE, done_at=at)


def close_empty_turn(*, contribution: Contribution, at: datetime) -> None:
    """After the last open part of a paid-out turn was waived, the turn is over without another payout."""
    turn = Turn.objects.filter(cycle=contribution.cycle_id, paid_at=None, paid_minor__gt=0).first()
    if turn is not None and not unpaid_for(turn) and not there_for(turn):
        turn.paid_at = at
        turn.save(update_fields=["paid_at"])
        end_if_over(turn, at)
