"""Accounts fall asleep a year after their holder's own last act; after two the holder is told; an act of theirs wakes.

Interest, its tax, fees, duty and automatic transfers are no acts of the holder. A business acts by those who sign for
it: any one of them wakes its account with a proof, as waking pays nobody; what leaves needs the mandate's signatures.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import NotAsleep
from apps.accounts.events import AccountFellAsleep, AccountWoken
from apps.accounts.mandates import require_may_operate
from apps.accounts.models import Account, AccountStatus, SleepingAccount, SleepStatus
from apps.accounts.rules.dormancy import ASLEEP_AFTER, TOLD_AFTER, months_before
from apps.accounts.states import ACCOUNT, SLEEP
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import day_start
from apps.kernel.errors import NotFound
from apps.notifications import operations as notifications
from apps.users import operations as people
from apps.users.acts import act
from apps.users.models import StepUpChallenge, User
from apps.users.queries import business_of, system_user

WAKE = act("accounts.wake", _("wake an account"))
NOT_THEIRS = ("INTEREST", "WITHHOLDING_TAX", "FEE", "EXCISE_DUTY", "AUTO_TRANSFER", "REVERSAL", "UNCLAIMED")
# All at once; the register's row and the account's status are written together.
_FALL = """
WITH idle AS MATERIALIZED (
    SELECT a.id, a.currency, greatest(
           (a.opened_at AT TIME ZONE 'Africa/Nairobi')::date,
           (SELECT max(l.booked_on) FROM accounts_transaction l
             WHERE l.account_id = a.id AND l.txn_type <> ALL(%(not_theirs)s::text[])),
           (SELECT max((s.over_at AT TIME ZONE 'Africa/Nairobi')::date) FROM accounts_sleepingaccount s
             WHERE s.account_id = a.id)) AS last_act_on
      FROM accounts_account a
      JOIN users_user u ON u.id = a.owner_id
     WHERE a.status = 'ACTIVE' AND a.account_type IN ('TRANSACTION', 'SAVINGS', 'BUSINESS') AND a.opened_at < %(before)s
       AND NOT u.is_service
       AND NOT EXISTS (SELECT 1 FROM accounts_sleepingaccount s
                        WHERE s.account_id = a.id AND s.status NOT IN ('WOKEN', 'RECLAIMED'))
), asleep AS (
    UPDATE accounts_account a SET status = 'DORMANT' FROM idle i
     WHERE a.id = i.id AND i.last_act_on <= %(last)s AND a.status = 'ACTIVE'
    RETURNING a.id
)
INSERT INTO accounts_sleepingaccount (account_id, last_act_on, asleep_since, status, currency)
SELECT i.id, i.last_act_on, %(day)s, 'ASLEEP', i.currency FROM idle i JOIN asleep ON asleep.id = i.id
RETURNING account_id
"""


@transaction.atomic
def fall_asleep(*, day: date, at: datetime) -> int:
    """Put to sleep what was not touched by its holder for a year by the end of `day`; how many."""
    last = months_before(day, ASLEEP_AFTER)
    values: dict[str, Any] = {"not_theirs": list(NOT_THEIRS), "last": last, "day": day}
    values["before"] = day_start(last + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(_FALL, values)
        found = [row[0] for row in cursor.fetchall()]
    for pk in found:
        events.publish(AccountFellAsleep(account_id=pk))
    if found:
        facts = {"day": str(day), "accounts": len(found)}
        audit_trail.record("accounts.dormancy.asleep", on=f"dormancy/{day}", by=system_user(), at=at, after=facts)
    return len(found)


@transaction.atomic
def give_notice(*, day: date, at: datetime) -> int:
    """Tell the holders of what has slept for two years that it will go to the Authority; once each."""
    due = SleepingAccount.objects.select_for_update(of=("self",)).select_related("account__owner")
    rows = list(due.filter(status=SleepStatus.ASLEEP, last_act_on__lte=months_before(day, TOLD_AFTER)).order_by("pk"))
    for row in rows:
        SLEEP.make(row, SleepStatus.NOTICED, noticed_at=at)
        context = {"account": row.account.masked_number.replace("•", "*"), "day": f"{row.last_act_on:%d/%m/%Y}"}
        owner = row.account.owner
        notifications.send("accounts.dormant_notice", to=owner, context=context, at=at, key=f"dormant/{row.pk}/notice")
    return len(rows)


def challenge_wake(*, account: Account, by: User, at: datetime, method: str = "") -> StepUpChallenge:
    """Ask the holder, or who signs for the business, to prove that it is them.

    Raises NotFound, NotAllowed (a viewer), NotAsleep, TooSoon.
    """
    _require_theirs(account, by)
    if account.status != AccountStatus.DORMANT:
        raise NotAsleep(_("This account is not asleep. Nothing was changed."))
    return people.challenge(user=by, operation=WAKE, subject=f"accounts/{account.pk}", at=at, method=method)


@transaction.atomic
def wake(*, account: Account, challenge_id: Any, by: User, at: datetime) -> Account:
    """Let money leave again, proven by the holder or who signs for the business.

    Raises NotFound, NotAllowed (a viewer), NotAsleep, StepUpRequired.

    What is with the Authority already stays there until it is claimed back.
    """
    _require_theirs(account, by)
    account = Account.objects.select_for_update(of=("self",)).select_related("owner").get(pk=account.pk)
    if account.status != AccountStatus.DORMANT:
        raise NotAsleep(_("This account is not asleep. Nothing was changed."))
    people.use(challenge_id=challenge_id, user=by, operation=WAKE, subject=f"accounts/{account.pk}", at=at)
    return woken(account, by=by, at=at)


def woken(account: Account, *, by: User, at: datetime) -> Account:
    """Awake, within the caller's transaction and lock; the register says when."""
    ACCOUNT.make(account, AccountStatus.ACTIVE)
    rows = SleepingAccount.objects.select_for_update().filter(account=account)
    row = rows.filter(status__in=[SleepStatus.ASLEEP, SleepStatus.NOTICED]).first()
    if row is not None:
        SLEEP.make(row, SleepStatus.WOKEN, over_at=at)
    audit_trail.record("accounts.account.woken", on=account, by=by, at=at)
    events.publish(AccountWoken(account_id=account.pk))
    return account


def _require_theirs(account: Account, by: User) -> None:
    if account.owner_id == by.pk and by.is_active:
        return
    if business_of(account.owner) is None:
        raise NotFound(_("There is no such account, or it is not yours."))
    require_may_operate(by, account)
