"""What groups do when money comes in for them, and what members are told."""

from typing import Any

from apps.accounts.events import DepositReceived, MoneyCameIn
from apps.chamas.events import CashRecorded, ContributionLate, DrawOpened, FineGiven
from apps.chamas.models import CashNote, Contribution, Fine, Membership, PaidBy, Round
from apps.chamas.operations import incoming
from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kernel.money import Money
from apps.notifications import operations as notifications


@subscribe(DepositReceived)
def use_cash(event: DepositReceived) -> None:
    """Cash at a till for a member's reference; once for each deposit."""
    came = Money(event.minor, event.currency)
    incoming.receive_for(
        purpose=event.purpose, amount=came, key=f"deposit/{event.cash_id}", source=PaidBy.CASH, at=now()
    )


@subscribe(MoneyCameIn)
def use_money(event: MoneyCameIn) -> None:
    """Money by a rail for a member's reference; once for each receipt."""
    came, source = Money(event.minor, event.currency), PaidBy.MPESA if event.rail == "mpesa" else PaidBy.BANK
    incoming.receive_for(
        purpose=event.purpose, amount=came, key=f"{event.rail}/{event.receipt}", source=source, at=now()
    )


@subscribe(ContributionLate)
def tell_who_is_late(event: ContributionLate) -> None:
    """What is still to be paid."""
    row = Contribution.objects.select_related("member__user", "group").get(pk=event.contribution_id)
    if row.open_minor:
        left = Money(row.open_minor, row.currency)
        _tell("late", row.member, {"group": row.group.name, "left": str(left)}, key=f"contribution/{row.pk}/late")


@subscribe(FineGiven)
def tell_who_is_fined(event: FineGiven) -> None:
    """How much, and that they may ask the group to look again."""
    fine = Fine.objects.select_related("member__user", "group").get(pk=event.fine_id)
    words = {"group": fine.group.name, "amount": str(fine.amount)}
    _tell("fined", fine.member, words, key=f"fine/{fine.pk}")


@subscribe(CashRecorded)
def ask_who_gave_cash(event: CashRecorded) -> None:
    """They must say whether it is so."""
    note = CashNote.objects.select_related("member__user", "group").get(pk=event.note_id)
    words = {"group": note.group.name, "amount": str(note.amount)}
    _tell("cash_recorded", note.member, words, key=f"cash/{note.pk}")


@subscribe(DrawOpened)
def tell_of_the_draw(event: DrawOpened) -> None:
    """Everybody in the round: the bank has committed, they may add a word."""
    row = Round.objects.select_related("group").get(pk=event.round_id)
    for turn in row.turns.select_related("member__user"):
        words = {"group": row.group.name, "sign": row.seed_hash[:12] or "-"}
        _tell("draw_open", turn.member, words, key=f"round/{row.pk}/{turn.member_id}")


def _tell(what: str, member: Membership, context: dict[str, Any], *, key: str) -> None:
    notifications.send(f"chamas.{what}", to=member.user, context=context, at=now(), key=f"chama/{key}")
