"""What a customer sets for an account by their own word: limits of payees, and views of their own."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.audit_trail import operations as audit_trail
from apps.kernel.errors import Conflict
from apps.kernel.money import Money
from apps.open_banking.errors import BeyondConsent
from apps.open_banking.models import CounterpartyLimit, CustomView, TransactionRequest
from apps.open_banking.operations.cover import require_room
from apps.payments.models import Payee
from apps.users.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """The most that apps may pay somebody: minor units of the account's currency, and how often."""

    single_minor: int
    monthly_minor: int
    monthly_count: int
    yearly_minor: int
    yearly_count: int
    total_minor: int
    total_count: int


@transaction.atomic
def keep_limit(
    *, account: Account, payee: Payee, most: Most, by: User, at: datetime, is_new: bool
) -> CounterpartyLimit:  # fmt: skip
    """Set how much apps may pay a payee from an account. Raises Conflict for a second new one."""
    facts = {**asdict(most), "currency": account.currency}
    if is_new:
        try:
            with transaction.atomic():
                row = CounterpartyLimit.objects.create(account=account, payee=payee, created_at=at, **facts)
        except IntegrityError as no:
            raise Conflict(_("There is a limit for them already. Nothing was changed; change that one.")) from no
    else:
        row = CounterpartyLimit.objects.select_for_update().get(account=account, payee=payee)
        CounterpartyLimit.objects.filter(pk=row.pk).update(**facts)
        row.refresh_from_db()
    audit_trail.record("open_banking.payee.limited", on=row, by=by, at=at, after=facts, customer=by)
    return row


@transaction.atomic
def remove_limit(*, limit: CounterpartyLimit, by: User, at: datetime) -> None:
    """Apps may pay them as before."""
    audit_trail.record("open_banking.payee.unlimited", on=limit, by=by, at=at, customer=by)
    limit.delete()


def require_within_limits(*, account: Account, payee_key: str, amount: Money, at: datetime) -> None:
    """Whether the customer's own limits leave room for one more payment by any app; the limits stay locked.

    Raises BeyondConsent.
    """
    rows = CounterpartyLimit.objects.select_for_update(of=("self",)).filter(account=account)
    for limit in rows.filter(payee__payee_key=payee_key, payee__removed_at=None).order_by("pk"):
        if amount > limit.single:
            words = _("The customer allowed %(amount)s for one payment. No money moved.")
            raise BeyondConsent(words % {"amount": limit.single}, limit="max_single_amount")

        def made(begin: datetime, end: datetime) -> tuple[int, int]:
            so_far = TransactionRequest.objects.moving(begin, end, at=at)
            so_far = so_far.filter(account=account, payment__payee_key=payee_key)
            return so_far.count(), so_far.aggregate(minor=Sum("payment__amount_minor"))["minor"] or 0

        require_room(limit.caps, amount, made, at)


@transaction.atomic
def keep_view(
    *, account: Account, view_id: str, permissions: Sequence[str], by: User, at: datetime, is_new: bool, **words: Any
) -> CustomView:  # fmt: skip
    """Make a view of one's own, or change it. Raises Conflict where one of that name stands and a new one was asked
    for.
    """
    facts = {"permissions": sorted(permissions), **words}
    if is_new:
        try:
            with transaction.atomic():
                row = CustomView.objects.create(account=account, view_id=view_id, created_at=at, **facts)
        except IntegrityError as no:
            raise Conflict(_("There is a view of that name already. Nothing was changed.")) from no
    else:
        row = CustomView.objects.select_for_update().get(account=account, view_id=view_id)
        CustomView.objects.filter(pk=row.pk).update(**facts)
        row.refresh_from_db()
    audit_trail.record("open_banking.view.kept", on=row, by=by, at=at, after=facts, customer=by)
    return row


@transaction.atomic
def remove_view(*, view: CustomView, by: User, at: datetime) -> None:
    """Nothing is seen through it any more."""
    audit_trail.record("open_banking.view.removed", on=view, by=by, at=at, customer=by)
    view.delete()
