"""The accounts of somebody whose profile is closed for good: they close with it, so that no payment comes after."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from apps.accounts import closing
from apps.accounts.errors import AccountsOpen
from apps.accounts.events import GoalClosed
from apps.accounts.models import Account, SavingsGoal
from apps.accounts.operations.manage import ended, out_of_the_register
from apps.accounts.operations.pay_interest import pending
from apps.kernel import events
from apps.ledger import queries as books
from apps.users.models import Party, User


def close_all(party: User, by: User, at: datetime) -> None:
    """Close what accounts a profile still has, within the caller's transaction and under the locks that every posting
    takes first: a payment is there before, and stands against it, or finds a closed account.

    Raises AccountsOpen: of a business while an account is open; of a person, who has accounts from the first day, while
    there is money on one, set aside, owed or earned. Raises NotEmpty for money that is with the Authority, and what
    `closing.register` of accounts knows.
    """
    _open_accounts(party)  # before the person's row, in the order in which payments lock
    User.objects.select_for_update(no_key=True).only("pk").get(pk=party.pk)  # opening an account waits for this
    rows = _open_accounts(party)
    if rows and party.kind != Party.PERSON:
        raise AccountsOpen(_("There are open accounts. Move the money and close them first. Nothing was done."))
    kept = books.balances([account.ledger_account_id for account in rows])
    if any(balance.posted or balance.held for balance in kept.values()) or any(map(pending, rows)):
        raise AccountsOpen(_("There is money on an account, set aside or owed. Settle it first. Nothing was done."))
    for account in rows:
        closing.require_free(account)
        out_of_the_register(account, at)
        _end_goal(account, at)
        ended(account, by=by, at=at)


def _open_accounts(party: User) -> list[Account]:
    rows = Account.objects.select_for_update(of=("self",), no_key=True).select_related("owner")
    return list(rows.filter(owner=party).open().order_by("pk"))


def _end_goal(account: Account, at: datetime) -> None:
    """Nobody has a share in an empty goal: what is left of it is its page."""
    goal = SavingsGoal.objects.filter(account=account).open().first()
    if goal is not None:
        SavingsGoal.objects.filter(pk=goal.pk).update(closed_at=at)
        events.publish(GoalClosed(goal_id=goal.pk, owner_id=goal.owner_id))
