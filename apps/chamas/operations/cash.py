"""Cash handed to the treasurer: written down, confirmed by who gave it, and then paid in from the treasurer's account.

The note itself moves nothing: the books show money only once it has left an account of the bank.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import operations as accounts
from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.chamas import policies
from apps.chamas.errors import Invalid
from apps.chamas.events import CashRecorded
from apps.chamas.models import CashNote, CashNoteStatus, GroupRole, Membership, PaidBy
from apps.chamas.operations import books
from apps.chamas.operations.contribute import pay_in
from apps.chamas.policies import NOT_THERE
from apps.chamas.states import CASH_NOTE
from apps.kernel import events
from apps.kernel.errors import Conflict, NotAllowed, NotFound
from apps.kernel.money import Money
from apps.users.models import User


@transaction.atomic
def record_cash(*, member: Membership, amount: Money, key: str, by: User, at: datetime, note: str = "") -> CashNote:
    """The treasurer writes down cash of another member; once per `key`. No money of the group moved yet.

    Raises NotFound, NotAllowed for who is not treasurer or notes their own, Invalid, GroupNotOpen, Conflict.
    """
    group = books.kept_open(member.group)
    treasurer = policies.require_role(by, group, GroupRole.TREASURER)
    if treasurer.pk == member.pk:
        raise NotAllowed(_("Nobody writes down their own cash. Pay from your account. Nothing was done."))
    if amount.minor <= 0 or amount.currency != group.currency:
        raise Invalid(_("Write an amount of more than zero. No money moved."), errors={"amount": ["not_positive"]})
    if member.status != "ACTIVE":
        raise NotFound(NOT_THERE)
    row = CashNote(
        group=group,
        member=member,
        treasurer=treasurer,
        amount_minor=amount.minor,
        currency=amount.currency,
        note=note[:140],
        key=key[:120],
        recorded_at=at,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return _first(row)
    _record("recorded", row, by, at)
    events.publish(CashRecorded(group_id=group.pk, note_id=row.pk))
    return row


def _first(row: CashNote) -> CashNote:
    first = CashNote.objects.get(treasurer=row.treasurer, key=row.key)
    if (first.member_id, first.amount) != (row.member_id, row.amount):
        raise Conflict(_("This was sent before with other figures. Nothing was done; start anew."))
    return first


@transaction.atomic
def confirm_cash(*, note: CashNote, is_so: bool, by: User, at: datetime) -> CashNote:
    """The member says whether they gave it. Raises NotFound, IllegalMove."""
    held = _held(note)
    if held.member.user_id != by.pk:
        raise NotFound(NOT_THERE)
    CASH_NOTE.make(held, CashNoteStatus.CONFIRMED if is_so else CashNoteStatus.DENIED, answered_at=at)
    _record("confirmed" if is_so else "denied", held, by, at)
    return held


@transaction.atomic
def withdraw_cash_note(*, note: CashNote, by: User, at: datetime) -> CashNote:
    """The treasurer takes back what was written wrongly, before it is confirmed. Raises NotFound, IllegalMove."""
    held = _held(note)
    if held.treasurer.user_id != by.pk:
        raise NotFound(NOT_THERE)
    CASH_NOTE.make(held, CashNoteStatus.WITHDRAWN, answered_at=at)
    _record("withdrawn", held, by, at)
    return held


@transaction.atomic
def bank_cash(*, note: CashNote, by: User, at: datetime, from_account: Account | None = None) -> CashNote:
    """The treasurer pays confirmed cash in from an account of theirs, over which it came by a till; once.

    It pays what the member owes, as their own payment would. Raises NotFound, IllegalMove, and what posting raises.
    """
    payer = from_account or note.treasurer.account
    if note.treasurer.user_id != by.pk or payer.owner_id != by.pk:
        raise NotFound(NOT_THERE)
    accounts.lock([accounts.out_of(payer, note.amount, "")], with_siblings=False)
    held = _held(note)
    if held.status == CashNoteStatus.BANKED:
        return held
    member = Membership.objects.select_related("group", "user", "account__owner").get(pk=held.member_id)
    paid = pay_in(
        member=member, amount=held.amount, key=f"cash/{held.pk}", source=PaidBy.TREASURER, payer=payer, by=by, at=at
    )
    CASH_NOTE.make(held, CashNoteStatus.BANKED, pay_in=paid, banked_at=at)
    _record("banked", held, by, at)
    return held


def _held(note: CashNote) -> CashNote:
    rows = CashNote.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("member__user", "treasurer").get(pk=note.pk)


def _record(verb: str, note: CashNote, by: User, at: datetime) -> None:
    facts = {"amount": str(note.amount), "treasurer": note.treasurer_id}
    audit_trail.record(f"chamas.cash.{verb}", on=note, by=by, at=at, after=facts, customer=note.member.user)
