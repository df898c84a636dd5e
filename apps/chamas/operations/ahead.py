"""What members paid ahead, used when the next cycle opens: one movement for all of them."""

from datetime import datetime

from django.db.models import Sum

from apps.accounts.models import TransactionType
from apps.chamas.models import ChamaGroup, Cycle, EntryKind, FundKind, GroupEntry, Membership
from apps.chamas.operations import books
from apps.chamas.operations.books import Change
from apps.chamas.operations.contribute import bills_of, changes_for, settle_bills
from apps.chamas.references import new_receipt
from apps.chamas.rules.dues import allocate
from apps.kernel.money import Money
from apps.users.queries import system_user


def use_what_was_paid_ahead(*, group: ChamaGroup, cycle: Cycle, at: datetime) -> int:
    """Pay dues from what waits for them; the caller has locked the group. Returns how many members it was used for."""
    rows = GroupEntry.objects.filter(group=group, fund=FundKind.ADVANCE, member__isnull=False)
    waiting = dict(rows.values_list("member").annotate(Sum("amount_minor")).filter(amount_minor__sum__gt=0).order_by())
    if not waiting:
        return 0
    changes: list[Change] = []
    members = Membership.objects.active().select_for_update(no_key=True, of=("self",)).filter(pk__in=waiting)
    bills = bills_of(list(members.select_related("group", "user").order_by("pk")))
    paid = []
    for pk, bill in bills.items():
        parts, rest = allocate(waiting[pk], bill.owed)
        if used := waiting[pk] - rest:
            changes.append(Change(FundKind.ADVANCE, Money(-used, group.currency), bill.member))
            changes += changes_for(bill.member, parts, 0)
            paid.append((bill, parts))
    settle_bills(paid, at)
    if changes:
        books.move(
            group=group,
            changes=changes,
            kind=EntryKind.CONTRIBUTION,
            line=TransactionType.CONTRIBUTION,
            reference=f"chama/{group.pk}/ahead/{cycle.pk}",
            quoted=new_receipt(),
            action="chamas.contribution.from_ahead",
            by=system_user(),
            at=at,
        )
    return len({change.member.pk for change in changes if change.member})
