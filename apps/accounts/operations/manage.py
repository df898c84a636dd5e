"""Naming, freezing and closing accounts."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import closing
from apps.accounts.errors import NotEmpty, NotSpendable
from apps.accounts.events import AccountClosed, AccountFrozen
from apps.accounts.models import POTS, Account, PaidBecause, SleepingAccount, SleepStatus
from apps.accounts.operations.pay_interest import pay_off, pending
from apps.accounts.operations.transfer_rules import end_rules_of
from apps.accounts.operations.unfreeze import forget_agreed, is_agreed
from apps.accounts.policies import holds, require_may_manage
from apps.accounts.states import ACCOUNT, SLEEP
from apps.audit_trail import operations as audit_trail
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.models import Approval, ApprovalStatus
from apps.kernel.text import one_line
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.users.errors import TwoMustAllow
from apps.users.models import User
from apps.users.operations.businesses import locked as locked_business
from apps.users.policies import require_right
from apps.users.queries import business_of

UNFREEZE = "accounts.unfreeze"


@transaction.atomic
def rename(*, account: Account, nickname: str, by: User, at: datetime) -> Account:
    """Give an account the name its holder uses. Raises NotAllowed."""
    require_may_manage(by, account)
    before, account.nickname = account.nickname, one_line(nickname)[:40]
    Account.objects.filter(pk=account.pk).update(nickname=account.nickname)
    after = {"nickname": account.nickname}
    audit_trail.record("accounts.account.renamed", on=account, by=by, at=at, before={"nickname": before}, after=after)
    return account


@transaction.atomic
def freeze(*, account: Account, by: User, at: datetime, reason: str = "") -> Account:
    """Stop money leaving: by the holder at once, by staff with a reason. Raises NotAllowed, IllegalMove.

    What the holder froze the bank may take over, and then only the bank lets go of it.
    """
    require_may_manage(by, account)
    by_bank = not holds(by, account)
    if by_bank and not reason.strip():
        raise NotAllowed(_("Say why: the record keeps your reason."))
    facts: dict[str, Any] = {"frozen_by_bank": by_bank, "frozen_because": reason.strip()[:200], "frozen_by": by}
    if by_bank and Account.objects.filter(pk=account.pk, status="FROZEN", frozen_by_bank=False).update(**facts):
        account.refresh_from_db(fields=["status", *facts])
    else:
        ACCOUNT.make(account, "FROZEN", **facts)
    forget_agreed(account)
    audit_trail.record("accounts.account.frozen", on=account, by=by, at=at, reason=reason)
    events.publish(AccountFrozen(account_id=account.pk, by_bank=by_bank))
    return account


@transaction.atomic
def unfreeze(*, account: Account, by: User, at: datetime, reason: str = "") -> Account:
    """Let money leave again, by its holder; of a business by who froze it, or once as many have asked as its mandate
    wants for the largest amount, and until then it is answered frozen as it is. What the bank froze only the bank
    unfreezes, and two people: see `ask_unfreeze`. Raises NotAllowed, TooFewSign, TwoMustAllow, IllegalMove.
    """
    business = business_of(account.owner)
    if business is not None:
        locked_business(business)  # who signs, and by which mandate, does not change while they are counted
    require_may_manage(by, account)
    held = Account.objects.select_for_update()  # the bank may be taking it over at this moment
    account.refresh_from_db(fields=["frozen_by_bank", "frozen_by", "status"], from_queryset=held)
    if account.frozen_by_bank and holds(by, account):
        raise NotAllowed(_("The bank froze this account. Call us or come to a branch; nothing was changed."))
    if account.status != "FROZEN":
        raise NotAllowed(_("This account is not frozen."))
    if not holds(by, account):
        raise TwoMustAllow(_("A second person must allow this. Ask for it; nothing was changed."))
    if business is not None and not is_agreed(account, by, at):
        return account
    return _unfrozen(account, by, at, reason)


@transaction.atomic
def ask_unfreeze(*, account: Account, by: User, at: datetime, reason: str) -> Approval:
    """Staff ask that money may leave again: freezing takes one, letting go two. Raises NotAllowed, Conflict."""
    require_right(by, "accounts.freeze_account")
    if holds(by, account):
        raise NotAllowed(_("Another member of staff must do this for you. Nothing was changed."))
    require_may_manage(by, account)
    account = Account.objects.select_for_update(of=("self",)).select_related("owner").get(pk=account.pk)
    if account.status != "FROZEN":
        raise NotAllowed(_("This account is not frozen."))
    waits = Approval.objects.filter(kind=UNFREEZE, subject=f"accounts/{account.pk}", status=ApprovalStatus.PENDING)
    if waits.exists():
        raise Conflict(_("Another officer asked for this already; it waits for a decision. Nothing was changed."))
    return approvals.ask(
        kind=UNFREEZE, subject=f"accounts/{account.pk}",
        payload={"account": account.pk, "customer": account.owner_id, "reason": reason.strip()[:200]},
        before={"status": "FROZEN", "because": account.frozen_because}, after={"status": "ACTIVE"},
        reason=reason, by=by, at=at,
    )  # fmt: skip


def run_unfreeze(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved request: money may leave. Raises NotAllowed, Connected, IllegalMove."""
    account = Account.objects.select_for_update(of=("self",)).select_related("owner").get(pk=payload["account"])
    if holds(checker, account):
        raise NotAllowed(_("Another member of staff must do this for you. Nothing was changed."))
    require_may_manage(checker, account)
    return {"status": _unfrozen(account, checker, at, payload["reason"]).status}


def _unfrozen(account: Account, by: User, at: datetime, reason: str) -> Account:
    """Awake or asleep, as it was: freezing and letting go is no way around the proof that wakes it."""
    asleep = SleepingAccount.objects.filter(account=account, status__in=[SleepStatus.ASLEEP, SleepStatus.NOTICED])
    to = "DORMANT" if asleep.exists() else "ACTIVE"
    ACCOUNT.make(account, to, frozen_by_bank=False, frozen_because="", frozen_by=None)
    forget_agreed(account)
    audit_trail.record("accounts.account.unfrozen", on=account, by=by, at=at, reason=reason)
    return account


@transaction.atomic
def close(*, account: Account, by: User, at: datetime) -> Account:
    """Close an empty account; its statements stay, and what it has earned goes to the holder's main account.

    Raises NotAllowed, NotSpendable for goals and deposits, NotEmpty, IllegalMove, and what `closing.register` knows.
    """
    require_may_manage(by, account)
    account = Account.objects.select_for_update(of=("self",)).select_related("owner").get(pk=account.pk)
    if account.status == "FROZEN" and account.frozen_by_bank and holds(by, account):
        raise NotAllowed(_("The bank froze this account, so it cannot be closed now. Call us."))
    if account.account_type in POTS:
        raise NotSpendable(_("A goal or a deposit ends on its own page. Nothing was changed."))
    balance = books.balances([account.ledger_account_id])[account.ledger_account_id]
    if balance.posted or balance.held:
        raise NotEmpty(
            _("There is %(balance)s on this account. Move the money first, then close it.")
            % {"balance": balance.posted}
        )
    closing.require_free(account)
    out_of_the_register(account, at)
    _pay_interest(account, at)
    ended(account, by=by, at=at)
    return account


def ended(account: Account, *, by: User, at: datetime) -> None:
    """Close an account that the caller has locked and found empty."""
    end_rules_of(account, at)
    ACCOUNT.make(account, "CLOSED", closed_at=at)
    ledger.close_account(account.ledger_account_id, at=at)
    audit_trail.record("accounts.account.closed", on=account, by=by, at=at)
    events.publish(AccountClosed(account_id=account.pk))


def out_of_the_register(account: Account, at: datetime) -> None:
    """What sleeps has ended with its account; what is with the Authority comes back to the account it left, which stays
    open for it. Raises NotEmpty.
    """
    row = SleepingAccount.objects.select_for_update().filter(account=account, over_at=None).first()
    if row is None:
        return
    if row.status == SleepStatus.HANDED_OVER:
        raise NotEmpty(
            _("%(amount)s of this account is with the Authority for unclaimed assets. Claim it back first, then close.")
            % {"amount": row.amount}
        )
    SLEEP.make(row, SleepStatus.WOKEN, over_at=at)


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
