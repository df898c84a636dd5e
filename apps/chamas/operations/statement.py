"""Making statements of groups as files: what each said is kept as a seal, so that a copy can be checked."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from apps.audit_trail import operations as audit_trail
from apps.chamas import policies, statements
from apps.chamas.models import ChamaGroup, GroupEntry, GroupStatement, Membership
from apps.users.models import User


def make_statement(
    *, group: ChamaGroup, first: date, last: date, member: Membership | None = None, by: User, at: datetime
) -> tuple[GroupStatement, statements.Statement]:
    """Make a statement of the group or of one member, and keep its seal.

    Raises NotFound, NotAllowed for another's statement, Invalid, DoesNotAddUp.
    """
    own = policies.membership(by, group)
    if member is not None:
        policies.require_may_read(own, member.number)
    upto = _newest(group)
    view = statements.statement(group, first=first, last=last, member=member, upto_id=upto)
    with transaction.atomic():
        row = GroupStatement.objects.create(
            group=group, member=member, from_date=first, to_date=last, lines=len(view.lines), upto_id=upto,
            seal=view.seal, made_at=at,
        )  # fmt: skip
        facts = {"from": str(first), "to": str(last), "member": member.number if member else None, "id": str(row.pk)}
        audit_trail.record("chamas.statement.made", on=group, by=by, at=at, after=facts, customer=by)
    return row, view


@transaction.atomic
def _newest(group: ChamaGroup) -> int:
    """The newest row, once every payment that has begun is written: members who pay in do not wait for each other, so
    a row of a lower id may be written later. Under this lock there is none, and it is held for this one question.
    """
    held = ChamaGroup.objects.select_for_update().get(pk=group.pk)
    newest = GroupEntry.objects.filter(group=held).aggregate(newest=Max("pk"))["newest"]
    return int(newest or 0)


def is_genuine(row: GroupStatement) -> bool:
    """Whether the books still say what a statement said: it is made again, and its seal compared."""
    again = statements.statement(
        row.group, first=row.from_date, last=row.to_date, member=row.member, upto_id=row.upto_id
    )
    return again.seal == row.seal
