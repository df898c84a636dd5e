"""Where a payment of the sandbox goes once nothing more has to be proven: made at once, on its way for a minute, or
stopped. Lines and balances move here, under the locks of the accounts.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from apps.kernel import events
from apps.open_banking.events import SandboxPaymentChanged
from apps.open_banking.magic import Magic
from apps.open_banking.models import SandboxAccount, SandboxLine, SandboxPayment

UNDER_WAY = timedelta(minutes=1)
_S = SandboxPayment.Status


@transaction.atomic
def settle_due(*, at: datetime, most: int = 200) -> int:
    """End the payments on their way whose minute is over, as their amounts say. Returns how many."""
    rows = SandboxPayment.objects.setting_aside().filter(settles_at__lte=at).order_by("pk")
    due = list(rows.select_for_update(skip_locked=True, of=("self",)).shown()[:most])
    lock_all(pk for row in due for pk in (row.account_id, row.to_account_id))
    for row in due:
        row.account.refresh_from_db()
        ends = row.will_be
        row.settles_at, row.will_be, row.ended_at = None, "", at
        if ends == _S.COMPLETED:
            _move(row, at)
        else:
            row.status = _S.FAILED
        row.save()
        tell(row)
    return len(due)


def set_aside(accounts: Iterable[int]) -> dict[int, int]:
    """What payments on their way hold of each account, in minor units; one query."""
    rows = SandboxPayment.objects.setting_aside().filter(account__in=accounts)
    found = rows.values_list("account_id").annotate(minor=Sum("amount_minor")).order_by()
    return dict(found)


def lock_all(ids: Iterable[int | None]) -> None:
    wanted = {pk for pk in ids if pk is not None}
    list(SandboxAccount.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk"))


def go(row: SandboxPayment, magic: Magic | None, at: datetime) -> None:
    """Where it goes from here: made, on its way, or stopped by the screen."""
    if magic is None:
        _move(row, at)
    elif magic.will_be:
        row.status, row.settles_at, row.will_be = _S.PENDING, at + UNDER_WAY, magic.will_be
    else:
        row.status, row.ended_at = _S.FAILED, at


def _move(row: SandboxPayment, at: datetime) -> None:
    """A line out of one account, and where the payee is of the sandbox a line into theirs."""
    words = row.note or _("Payment by %(app)s") % {"app": row.app.name}
    row.seq = _line(row.account, -row.amount_minor, row, str(words), row.payee_name, at)
    if row.to_account is not None:
        row.to_account.refresh_from_db()
        row.received_seq = _line(row.to_account, row.amount_minor, row, str(words), row.persona.full_name, at)
    row.status, row.ended_at = _S.COMPLETED, at


def _line(account: SandboxAccount, minor: int, row: SandboxPayment, words: str, other: str, at: datetime) -> int:
    """Beside the guarded move of the balance; the account is locked."""
    line = SandboxLine.objects.create(
        account=account, seq=account.last_seq + 1, txn_type=row.txn_type, amount_minor=minor, currency=account.currency,
        running_balance_minor=account.balance_minor + minor, description=words[:140], counterparty=other, posted_at=at,
    )  # fmt: skip
    as_read = SandboxAccount.objects.filter(pk=account.pk, last_seq=account.last_seq)
    as_read.update(last_seq=line.seq, balance_minor=line.running_balance_minor)
    account.last_seq, account.balance_minor = line.seq, line.running_balance_minor
    return int(line.seq)


def tell(row: SandboxPayment) -> None:
    """The app's server, of an end; while it waits or is on its way there is none."""
    if row.status not in {_S.INITIATED, _S.PENDING}:
        events.publish(SandboxPaymentChanged(payment_id=row.pk, app_id=row.app_id, status=row.status))
