"""Cash over the counter: a teller pays in and out of a till, large amounts with a second person."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts import fees
from apps.accounts.errors import FormReused, NoTill, TillShort
from apps.accounts.events import DepositReceived, WithdrawalMade
from apps.accounts.models import (
    Account,
    AccountType,
    CashKind,
    CashMovement,
    CashStatus,
    ChargedFor,
    Till,
    TransactionType,
)
from apps.accounts.operations.charge import charged, earned
from apps.accounts.operations.movement import into, out_of
from apps.accounts.operations.post import post
from apps.accounts.policies import require_may_take_cash, require_not_ones_own
from apps.accounts.states import CASH
from apps.audit_trail import operations as audit_trail
from apps.fx import queries as fx
from apps.kernel import approvals, events
from apps.kernel.clock import local_date
from apps.kernel.errors import NotAllowed
from apps.kernel.models import Approval
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.ledger import operations as ledger
from apps.ledger.queries import balances
from apps.users.models import Branch, User

LARGE_CASH = "accounts.large_cash"
FUND_TILL = "accounts.fund_till"


@transaction.atomic
def open_till(*, teller: User, branch: Branch, currency: str, by: User, at: datetime) -> Till:
    """Give a teller a drawer: an asset account that cannot go below nothing."""
    held = ledger.open_account(
        code=f"till/{teller.pk}-{currency}",
        name=f"Till of {teller.full_name}",
        kind="ASSET",
        currency=currency,
        mode="LOCKED",
        floor=Money.zero(currency),
        owner_reference=f"users/{teller.pk}",
        parent_code=ledger.gl("cash:tills", currency).code,
        at=at,
    )
    till = Till.objects.create(teller=teller, branch=branch, ledger_account_id=held.id, currency=currency)
    audit_trail.record("accounts.till.opened", on=till, by=by, at=at)
    return till


def till_of(teller: User, currency: str) -> Till:
    """The teller's own open till. Raises NoTill."""
    till = Till.objects.select_related("branch").filter(teller=teller, currency=currency, is_open=True).first()
    if till is None:
        raise NoTill(_("You have no open till in %(currency)s. Ask your manager for one.") % {"currency": currency})
    return till


@transaction.atomic
def fund_till(*, till: Till, amount: Money, reason: str, by: User, at: datetime) -> Approval:
    """Ask for cash from the vault into a till; a second person must allow it. Raises NotAllowed, BadAmount."""
    if amount.minor <= 0:
        raise BadAmount(_("The amount must be more than zero."))
    if till.teller_id != by.pk and not by.has_perm("accounts.approve_cash"):
        raise NotAllowed(_("That is another teller's till."))
    return approvals.ask(
        kind=FUND_TILL,
        subject=f"tills/{till.pk}",
        payload={"till": till.pk, "minor": amount.minor, "currency": amount.currency, "key": secrets.token_hex(8)},
        after={"amount": str(amount), "till": str(till)},
        amount=amount,
        reason=reason,
        by=by,
        at=at,
    )


def run_fund_till(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved funding: vault to till."""
    till, amount = Till.objects.get(pk=payload["till"]), Money(payload["minor"], payload["currency"])
    posted = ledger.post(
        reference=f"tills/{till.pk}/fund/{payload['key']}",
        kind="TILL_FUNDING",
        narrative=f"Vault to till of {till.teller}",
        legs=[
            ledger.debit(till.ledger_account_id, amount),
            ledger.credit(ledger.gl("cash:vault", amount.currency), amount),
        ],
        at=at,
    )
    audit_trail.record("accounts.till.funded", on=till, by=checker, at=at, after={"amount": str(amount)})
    return {"transfer": posted.transfer_id}


def deposit_cash(**asked: Any) -> CashMovement:
    """Take cash from a customer; see `_cash` for the arguments and refusals."""
    return _cash(kind=CashKind.DEPOSIT, **asked)


def withdraw_cash(**asked: Any) -> CashMovement:
    """Pay cash to a customer; see `_cash` for the arguments and refusals."""
    return _cash(kind=CashKind.WITHDRAWAL, **asked)


@transaction.atomic
def _cash(
    *,
    kind: str,
    account: Account,
    amount: Money,
    by_name: str,
    key: str,
    by: User,
    at: datetime,
    note: str = "",
    purpose: str = "",
) -> CashMovement:
    """One form of a teller, counted once by its `key`. Over the threshold it waits for a second person;
    another currency is measured at its middle rate.

    Raises NotAllowed, NoTill, TillShort, BadAmount, CurrencyMismatch, FormReused, RatesStale, and what posting raises.
    """
    if amount.minor <= 0:
        raise BadAmount(_("The amount must be more than zero."))
    if amount.currency != account.currency:
        raise CurrencyMismatch(_("The account is in %(currency)s. No money moved.") % {"currency": account.currency})
    if kind == CashKind.WITHDRAWAL and account.account_type == AccountType.BUSINESS:
        raise NotAllowed(
            _("Cash is not paid from a business account: its signatories sign for each payment. No money moved.")
        )
    till = till_of(by, amount.currency)
    require_may_take_cash(by, account, till)
    charge = cash_charge(kind=kind, account=account, amount=amount, at=at)
    cash = CashMovement(
        kind=kind,
        status=CashStatus.WAITING,
        account=account,
        till=till,
        amount_minor=amount.minor,
        fee_minor=charge.fee.minor,
        duty_minor=charge.duty.minor,
        currency=amount.currency,
        by_name=by_name.strip()[:120],
        note=note.strip()[:140],
        purpose=purpose,
        receipt=f"C{secrets.token_hex(5).upper()}",
        key=key,
        made_by=by,
        created_at=at,
    )
    try:
        with transaction.atomic():
            cash.save()
    except IntegrityError:
        return _first_of(cash)
    if fx.in_home(amount, at).minor > settings.CASH_APPROVAL_ABOVE_MINOR:
        _ask(cash, by, at)
    else:
        _settle(cash, by=by, at=at)
    return cash


def cash_charge(*, kind: str, account: Account, amount: Money, at: datetime) -> fees.Charge:
    """What the counter charges: paying in is free. Raises NotOffered."""
    if kind == CashKind.DEPOSIT:
        return fees.nothing(amount.currency)
    return fees.quote(charged_for=ChargedFor.CASH_WITHDRAWAL, amount=amount, product=account.product, on=local_date(at))


def _first_of(cash: CashMovement) -> CashMovement:
    first = CashMovement.objects.select_related("account", "till").get(made_by=cash.made_by, key=cash.key)
    meant = [(one.kind, one.account_id, one.amount, one.purpose) for one in (first, cash)]
    if meant[0] != meant[1]:
        raise FormReused(_("This form was sent before with other figures. No money moved; start a new one."))
    return first


def _ask(cash: CashMovement, by: User, at: datetime) -> None:
    cash.approval = approvals.ask(
        kind=LARGE_CASH,
        subject=f"cash/{cash.pk}",
        payload={"cash": cash.pk},
        after={"what": str(cash.get_kind_display()), "account": cash.account.masked_number, "amount": str(cash.amount)},
        amount=cash.amount,
        reason=cash.note or str(_("Cash above the threshold")),
        by=by,
        at=at,
    )
    cash.save(update_fields=["approval"])


def approve_cash_run(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The approved movement: it goes into the books now. Raises NotAllowed, Connected, and what posting raises."""
    cash = CashMovement.objects.select_related("account__owner", "till__branch").get(pk=payload["cash"])
    require_not_ones_own(checker, cash.account)
    _settle(cash, by=checker, at=at)
    return {"receipt": cash.receipt, "transfer": cash.transfer_id}


def return_cash(*, payload: dict[str, Any], maker: User, checker: User, at: datetime) -> dict[str, Any]:
    """The movement that was sent back: the cash goes back over the counter, and no money has moved."""
    CASH.make(CashMovement.objects.get(pk=payload["cash"]), CashStatus.RETURNED)
    return {}


def _settle(cash: CashMovement, *, by: User, at: datetime) -> None:
    deposit = cash.kind == CashKind.DEPOSIT
    words = {"counterparty": cash.by_name, "category": "cash"}
    title = _("Cash paid in at %(branch)s") if deposit else _("Cash taken out at %(branch)s")
    move = into if deposit else out_of
    drawer = ledger.debit if deposit else ledger.credit
    if not deposit:
        _require_cash(cash)
    charge = fees.Charge(cash.fee, cash.duty, fees.income_of(ChargedFor.CASH_WITHDRAWAL))
    lines = post(
        reference=f"cash/{cash.pk}",
        kind=TransactionType.DEPOSIT if deposit else TransactionType.WITHDRAWAL,
        narrative=f"Cash {cash.receipt}",
        movements=[
            move(cash.account, cash.amount, str(title % {"branch": cash.till.branch.name}), **words),
            *charged(cash.account, charge),
        ],
        legs=[drawer(cash.till.ledger_account_id, cash.amount), *earned(charge)],
        receipt=cash.receipt,
        limited=True,
        at=at,
    )
    CASH.make(cash, CashStatus.DONE, transfer_id=lines[0].transfer_id, done_at=at)
    facts = {"receipt": cash.receipt, "amount": str(cash.amount), "account": cash.account.number}
    audit_trail.record(
        f"accounts.cash.{cash.kind.lower()}", on=cash, by=by, at=at, after=facts, customer=cash.account.owner
    )
    told: dict[str, Any] = {
        "account_id": cash.account_id,
        "cash_id": cash.pk,
        "minor": cash.amount_minor,
        "currency": cash.currency,
    }
    events.publish(DepositReceived(**told, purpose=cash.purpose) if deposit else WithdrawalMade(**told))


def _require_cash(cash: CashMovement) -> None:
    """A kinder refusal than the books' own, which still stand behind it should the till be emptied meanwhile."""
    if balances([cash.till.ledger_account_id])[cash.till.ledger_account_id].available < cash.amount:
        raise TillShort(_("Your till does not hold that much. No money moved. Ask for cash from the vault first."))
