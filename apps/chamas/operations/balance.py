"""A member says that what stands as theirs in the group is right: their word beside the ledger, for officers to see."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.models import BalanceConfirmation, ChamaGroup, GroupEntry, Membership
from apps.chamas.operations import books
from apps.kernel.errors import Conflict, NotFound
from apps.users.models import User


@transaction.atomic
def confirm_balance(*, group: ChamaGroup, entry: UUID, by: User, at: datetime) -> BalanceConfirmation:
    """Say that one's balance is right as of `entry`, one's newest row when it was looked at; said twice it counts once.

    What is wrong is disputed by its row instead. No money moves. Raises NotFound; Conflict when it has changed since.
    """
    own = policies.membership(by, group)
    member = Membership.objects.select_for_update(no_key=True).get(pk=own.pk)
    newest = newest_of(member)
    if newest is None:
        raise NotFound(_("Nothing of yours stands in the ledger yet. Nothing was done."))
    if newest.public_id != entry:
        raise Conflict(_("Your balance has changed meanwhile. Look at it again. Nothing was done."))
    row, is_new = BalanceConfirmation.objects.get_or_create(
        member=member, entry=newest, defaults={"amounts": books.balances(group, member=member), "at": at}
    )
    if is_new:
        audit_trail.record("chamas.balance.confirmed", on=row, by=by, at=at, after=row.amounts, customer=by)
    return row


def newest_of(member: Membership) -> GroupEntry | None:
    """The newest row of the ledger that is this member's."""
    return GroupEntry.objects.filter(group_id=member.group_id, member=member).order_by("-pk").first()
