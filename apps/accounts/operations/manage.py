"""Naming, freezing and closing accounts."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.errors import NotEmpty, NotSpendable
from apps.accounts.events import AccountClosed, AccountFrozen
from apps.accounts.models import POTS, Account, PaidBecause
from apps.accounts.operations.pay_interest import pay_off, pending
from apps.accounts.operations.transfer_rules import end_rules_of
from apps.accounts.policies import require_may_manage
from apps.accounts.states import ACCOUNT
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.users.models import User


@transaction.atomic
def rename(*, account: Account, nickname: str, by: User, at: datetime) -> Account:
    """Give an account the name its holder uses. Raises NotAllowed."""
    require_may_manage(by, account)
    before, account.nickname = account.nickname, " ".join(nickname.split())[:40]
    Account.objects.filter(pk=account.pk).update(nickname=account.nickname)
    after = {"nickname": account.nickname}
    audit_trail.record("accounts.account.renamed", on=account, by=by, at=at, before={"nickname": before}, after=after)
    return account


@transaction.atomic
def freeze(*, account: Account, by: User, at: datetime, reason: str = "") -> Account:
    """Stop money leaving: by the holder at once, by staff with a reason. Raises NotAllowed, IllegalMove."""
    require_may_manage(by, account)
    by_bank = by.pk != account.owner_id
    if by_bank and not reason.strip():
        raise NotAllowed(_("Say why: the record keeps your reason."))
    ACCOUNT.make(account, "FROZEN", frozen_by_bank=by_bank, frozen_because=reason.strip()[:200])
    audit_trail.record("accounts.account.frozen", on=account, by=by, at=at, reason=reason)
    events.publish(AccountFrozen(account_id=account.pk, by_bank=by_bank))
    return account


@transaction.atomic
def unfreeze(*, account: Account, by: User, at: datetime, reason: str = "") -> Account:
    """Let money leave again. What the bank froze, only the bank unfreezes. Raises NotAllowed, IllegalMove."""
    require_may_manage(by, account)
    account.refresh_from_db(fields=["frozen_by_bank", "status"])
    if account.frozen_by_bank and by.pk == account.owner_id:
        raise NotAllowed(_("The bank froze this account. Call us or come to a branch; nothing was changed."))
    if account.status != "FROZEN":
        raise NotAllowed(_("This account is not frozen."))
    ACCOUNT.make(account, "ACTIVE", frozen_by_bank=False, frozen_because="")
    audit_trail.record("accounts.account.unfrozen", on=account, by=by, at=at, reason=reason)
    return account


@transaction.atomic
def close(*, account: Account, by: User, at: datetime) -> Account:
    """Close an empty account; its statements stay, and what it has earned goes to the holder's main account.

    Raises NotAllowed, NotSpendable for goals and deposits, NotEmpty, IllegalMove.
    """
    require_may_manage(by, account)
    account = Account.objects.select_for_update(of=("self",)).select_related("owner").get(pk=account.pk)
    if account.status == "FROZEN" and account.frozen_by_bank and by.pk == account.owner_id:
        raise NotAllowed(_("The bank froze this account, so it cannot be closed now. Call us."))
    if account.account_type in POTS:
        raise NotSpendable(_("A goal or a deposit ends on its own page. Nothing was changed."))
    balance = books.balances([account.ledger_account_id])[account.ledger_account_id]
    if balance.posted or balance.held:
        raise NotEmpty(
            _("There is %(balance)s on this account. Move the money first, then close it.")
            % {"balance": balance.posted}
        )
    _pay_interest(account, at)
    end_rules_of(account, at)
    ACCOUNT.make(account, "CLOSED", closed_at=at)
    ledger.close_account(account.ledger_account_id, at=at)
    audit_trail.record("accounts.account.closed", on=account, by=by, at=at)
    events.publish(AccountClosed(account_id=account.pk))
    return account


def _pay_interest(account: Account, at: datetime) -> None:
    """What the account has earned, to another account of its holder: this one must stay empty."""
    earned = pending(account)
    if not earned:
        return
    rest = Account.objects.owned_by(account.owner).open().for_payments().filter(currency=account.currency)
    heir = rest.exclude(pk=account.pk).in_order().select_related("owner").first()
    if heir is None:
        raise NotEmpty(
            _("This account has earned %(interest)s. Open another account for it, or wait for the month's end.")
            % {"interest": earned}
        )
    pay_off(account=account, into_account=heir, day=local_date(at), because=PaidBecause.CLOSING, at=at)
