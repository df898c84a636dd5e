"""Fixed deposits: opened, grown by instalments, ended at their term or before it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from apps.accounts import deposits, queries
from apps.accounts.errors import AccountNotActive, DepositNotOffered, DepositReused
from apps.accounts.events import DepositEnded, DepositOpened
from apps.accounts.models import (
    POTS,
    Account,
    AccountStatus,
    AccruedInterest,
    DepositInstalment,
    DepositStatus,
    FixedDeposit,
    InstalmentStatus,
    OnMaturity,
    PaidBecause,
    Product,
    TransactionType,
)
from apps.accounts.operations.accrue import accrue, book_accrued
from apps.accounts.operations.movement import into, out_of
from apps.accounts.operations.open import opened
from apps.accounts.operations.pay_interest import pay_off
from apps.accounts.operations.post import post
from apps.accounts.rules.deposits import GRACE, MISSES, after_months, broken_parts, rate_for
from apps.accounts.rules.interest import simple, whole
from apps.accounts.states import ACCOUNT, DEPOSIT
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import DomainError, IllegalMove, NotAllowed, NotFound
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.errors import BooksBusy
from apps.users.models import User
from apps.users.queries import system_user


@transaction.atomic
def open_deposit(
    *,
    owner: User,
    from_account: Account,
    amount: Money,
    months: int,
    key: str,
    at: datetime,
    on_maturity: str = OnMaturity.PAY_OUT,
    recurring: bool = False,
) -> FixedDeposit:
    """Lay an amount aside for a term at the rate of today's chart; with `recurring` the same amount again each month.

    It is paid back to `from_account`. The same `key`, the same deposit. Raises NotFound, BadAmount, CurrencyMismatch,
    DepositNotOffered, DepositReused, AccountNotActive, InsufficientFunds.
    """
    _require_sound(owner, from_account, amount)
    User.objects.select_for_update().get(pk=owner.pk)
    first = FixedDeposit.objects.select_related("account").filter(owner=owner, key=key[:120]).first()
    if first is not None:
        laid = first.instalment or first.principal
        said = (first.from_account_id, first.months, laid, first.instalment is not None)
        if said != (from_account.pk, months, amount, recurring):
            raise DepositReused(_("This was sent before with other figures. No money moved; start anew."))
        return first
    today, product = local_date(at), Product.objects.filter(account_type="FIXED_DEPOSIT", currency=amount.currency)
    chart, kind = deposits.chart(amount.currency, today), product.filter(is_active=True).first()
    rate = rate_for(chart.cells, amount.minor, months) if chart else None
    if chart is None or kind is None or rate is None:
        raise DepositNotOffered(_("That amount is not taken for that term. No money moved. Look at the rates."))
    _lock(from_account.pk)
    from_account = Account.objects.select_related("owner").get(pk=from_account.pk)
    if from_account.status != AccountStatus.ACTIVE:
        raise AccountNotActive(_("Money cannot leave that account now. No money moved."))
    account = opened(owner=owner, product=kind, by=owner, at=at, nickname="")
    deposit = FixedDeposit.objects.create(
        owner=owner,
        account=account,
        from_account=from_account,
        principal_minor=amount.minor,
        currency=amount.currency,
        months=months,
        rate=rate,
        premature_rate=chart.row.premature_rate,
        starts_on=today,
        matures_on=after_months(today, months),
        on_maturity=OnMaturity.PAY_OUT if recurring else on_maturity,
        instalment_minor=amount.minor if recurring else None,
        next_instalment_on=after_months(today, 1) if recurring and months > 1 else None,
        key=key[:120],
        opened_at=at,
    )
    AccruedInterest.objects.create(account=account, through=today - timedelta(days=1))
    _move(from_account, account, amount, reference=f"deposits/{deposit.pk}/in", at=at)
    facts = {"amount": str(amount), "months": months, "rate": str(rate), "recurring": recurring}
    audit_trail.record("accounts.deposit.opened", on=deposit, by=owner, at=at, after=facts)
    events.publish(DepositOpened(deposit_id=deposit.pk, owner_id=owner.pk))
    return deposit


@transaction.atomic
def choose_at_maturity(*, deposit: FixedDeposit, on_maturity: str, by: User, at: datetime) -> FixedDeposit:
    """What becomes of it at the end of its term. Raises NotFound, IllegalMove, NotAllowed for one that grows."""
    deposit = _locked(deposit, by)
    if on_maturity not in OnMaturity.values or (deposit.instalment_minor and on_maturity != OnMaturity.PAY_OUT):
        raise NotAllowed(_("A deposit that grows each month is paid out at its end. Nothing was changed."))
    deposit.on_maturity = on_maturity
    deposit.save(update_fields=["on_maturity"])
    audit_trail.record("accounts.deposit.at_maturity", on=deposit, by=by, at=at, after={"then": on_maturity})
    return deposit


@transaction.atomic
def break_deposit(*, deposit: FixedDeposit, by: User, at: datetime) -> FixedDeposit:
    """Take it out before its term: what it earned is worked out anew at the rate for that, and all is paid back.

    Not once the term is over: what was agreed is earned then, also on a day off before it is paid.
    Raises NotFound, IllegalMove, AccountNotActive.
    """
    to = _payee(deposit)
    deposit = _locked(deposit, by, also=to.pk if to else 0)
    if deposit.account.status != AccountStatus.ACTIVE:
        raise AccountNotActive(_("This deposit is frozen, so money cannot leave it. No money moved."))
    if to is None:
        raise AccountNotActive(_("You have no open account to pay it to. No money moved. Open one first."))
    if local_date(at) >= deposit.matures_on:
        raise IllegalMove(
            _("Its term is over: it ends with all it earned, at the end of a day on which banks work. No money moved.")
        )
    row = AccruedInterest.objects.select_for_update().get(pk=deposit.account_id)
    left = _left_when_broken(deposit, row)
    lost = Money(whole(int(row.parts)) - whole(left), deposit.currency)
    AccruedInterest.objects.filter(pk=row.pk).update(parts=left)
    book_accrued(-lost, reference=f"deposits/{deposit.pk}/broken", day=local_date(at), at=at)
    _pay_out(deposit, to, PaidBecause.BROKEN, DepositStatus.BROKEN, at)
    facts = {"lost": str(lost)}
    audit_trail.record("accounts.deposit.broken", on=deposit, by=by, at=at, after=facts)
    return deposit


def _left_when_broken(deposit: FixedDeposit, row: AccruedInterest) -> int:
    """The parts at the rate for an early end. One whose rate fell by misses earned some at the agreed rate before, so
    each instalment is reckoned from its day."""
    if deposit.missed <= MISSES:
        return broken_parts(int(row.parts), deposit.rate, deposit.premature_rate)
    later = deposit.instalments.filter(status=InstalmentStatus.PAID).values_list("at", flat=True)
    days = [(row.through - day).days + 1 for day in (deposit.starts_on, *map(local_date, later))]
    each, rate = deposit.instalment_minor or 0, deposit.premature_rate
    return min(int(row.parts), sum(simple(each, rate, max(many, 0)) for many in days))


@transaction.atomic
def mature(*, day: date, at: datetime) -> tuple[int, int]:
    """End every term that is over by the end of `day`, each once; (paid out or begun again, left for a person).

    A term that ends on a weekend or holiday goes on earning to the next day on which banks work. Days that were missed
    are earned first.
    """
    accrue(day=day - timedelta(days=1), at=at)
    calendar = books.calendar_of(day - timedelta(days=40), day)
    due = FixedDeposit.objects.running().filter(matures_on__lte=day).order_by("account_id")
    over = [
        deposit
        for deposit in due.select_related("owner")
        if calendar.working_day_from(max(deposit.matures_on, day - timedelta(days=40))) <= day
    ]
    payees = {deposit.pk: _payee(deposit) for deposit in over}
    touched = {pk for one in over for pk in (one.account_id, one.from_account_id)}
    _lock(
        *touched, *(to.pk for to in payees.values() if to)
    )  # all at once and in order: the step holds them to its end
    ended = left = 0
    for deposit in over:
        done = _end(deposit, payees[deposit.pk], day, at)
        ended, left = ended + done, left + (not done)
    return ended, left


@transaction.atomic
def _end(before: FixedDeposit, to: Account | None, day: date, at: datetime) -> bool:
    """One term; False when nobody can be paid, or when it is frozen: then it may not leave by itself either."""
    if to is None or not Account.objects.open().filter(pk=to.pk).exists():
        return False
    deposit = _locked(before, before.owner, also=to.pk)
    if deposit.account.status == AccountStatus.FROZEN:
        return False
    then = deposit.on_maturity
    terms = _terms_now(deposit, deposit.principal_minor, day)
    if then == OnMaturity.PAY_OUT or terms is None:
        _pay_out(deposit, to, PaidBecause.MATURITY, DepositStatus.PAID_OUT, at)
        return True
    whose = deposit.account if then == OnMaturity.ROLL_ALL else to
    pay_off(
        account=deposit.account,
        into_account=whose,
        day=day - timedelta(days=1),
        because=PaidBecause.MATURITY,
        at=at,
    )
    DEPOSIT.make(deposit, DepositStatus.ROLLED, ended_at=at)
    principal = books.balance(deposit.account.ledger_account_id).posted.minor
    terms = _terms_now(deposit, principal, day) or terms  # with its interest it may have come to a better rate
    AccruedInterest.objects.filter(pk=deposit.account_id).update(through=day - timedelta(days=1))
    FixedDeposit.objects.create(
        owner=deposit.owner,
        account=deposit.account,
        from_account=deposit.from_account,
        principal_minor=principal,
        currency=deposit.currency,
        months=deposit.months,
        starts_on=day,
        matures_on=after_months(day, deposit.months),
        on_maturity=then,
        rolled_from=deposit,
        key=f"rolled/{deposit.pk}",
        opened_at=at,
        **terms,
    )
    audit_trail.record("accounts.deposit.rolled", on=deposit, by=system_user(), at=at, after={"minor": principal})
    events.publish(DepositEnded(deposit_id=deposit.pk, owner_id=deposit.owner_id, how=DepositStatus.ROLLED.value))
    return True


def _terms_now(deposit: FixedDeposit, minor: int, day: date) -> dict[str, Any] | None:
    """The rates of today's chart for another term of so much; None when it is offered no more."""
    chart = deposits.chart(deposit.currency, day)
    rate = rate_for(chart.cells, minor, deposit.months) if chart else None
    return {"rate": rate, "premature_rate": chart.row.premature_rate} if chart and rate else None


def instalments_due(*, on: date) -> list[int]:
    """Deposits that have an instalment to be paid."""
    rows = FixedDeposit.objects.running().filter(next_instalment_on__lte=on)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def pay_instalment(*, deposit_id: int, at: datetime) -> str:
    """Pay the next instalment of a growing deposit, or miss it after three days without money; `PAID`, `MISSED` or
    nothing.

    Of a deposit that missed more than two the rest of the term earns at the rate for breaking it.
    """
    before = FixedDeposit.objects.select_related("owner").get(pk=deposit_id)
    deposit = _locked(before, before.owner)
    due, today = deposit.next_instalment_on, local_date(at)
    if due is None or due > today or deposit.instalment is None:
        return ""
    transfer = None
    try:
        with transaction.atomic():
            source = deposit.from_account
            if source.status != AccountStatus.ACTIVE:
                raise AccountNotActive(_("Money cannot leave that account now. No money moved."))
            reference = f"deposits/{deposit.pk}/in/{due}"
            transfer = _move(source, deposit.account, deposit.instalment, reference=reference, at=at)
    except BooksBusy:
        raise  # nobody's fault: the next round tries
    except DomainError:
        if today < due + GRACE:
            return ""
    status = InstalmentStatus.PAID if transfer else InstalmentStatus.MISSED
    DepositInstalment.objects.create(deposit=deposit, due_on=due, status=status, transfer_id=transfer, at=at)
    paid = deposit.instalments.count() + 1
    following = after_months(deposit.starts_on, paid)
    deposit.principal_minor += deposit.instalment.minor if transfer else 0
    deposit.missed += 0 if transfer else 1
    deposit.rate = deposit.premature_rate if deposit.missed > MISSES else deposit.rate
    deposit.next_instalment_on = following if following < deposit.matures_on else None
    deposit.save(update_fields=["principal_minor", "missed", "rate", "next_instalment_on"])
    facts = {"due_on": str(due)}
    audit_trail.record(f"accounts.deposit.{status.lower()}", on=deposit, by=system_user(), at=at, after=facts)
    return str(status.value)


def _pay_out(deposit: FixedDeposit, to: Account, because: PaidBecause, status: DepositStatus, at: datetime) -> None:
    """Interest, then the amount, then the account is closed; under the locks of both accounts."""
    last = local_date(at) if because == PaidBecause.BROKEN else local_date(at) - timedelta(days=1)
    pay_off(account=deposit.account, into_account=to, day=last, because=because, at=at)
    amount = books.balance(deposit.account.ledger_account_id).posted
    _move(deposit.account, to, amount, reference=f"deposits/{deposit.pk}/out", at=at)
    DEPOSIT.make(deposit, status, ended_at=at)
    ACCOUNT.make(deposit.account, "CLOSED", closed_at=at)
    ledger.close_account(deposit.account.ledger_account_id, at=at)
    audit_trail.record("accounts.deposit.paid_out", on=deposit, by=system_user(), at=at, after={"amount": str(amount)})
    events.publish(DepositEnded(deposit_id=deposit.pk, owner_id=deposit.owner_id, how=status.value))


def _move(source: Account, to: Account, amount: Money, *, reference: str, at: datetime) -> int:
    """Between a deposit and the account it came from, as the bank: nothing else moves a deposit's money."""
    lines = post(
        reference=reference,
        kind=TransactionType.INTERNAL_TRANSFER,
        narrative="Fixed deposit",
        movements=[
            out_of(source, amount, _now("Fixed deposit"), counterparty=to.masked_number, category="savings"),
            into(to, amount, _now("Fixed deposit"), counterparty=source.masked_number, category="savings"),
        ],
        by_bank=True,
        at=at,
    )
    return lines[0].transfer_id


def _payee(deposit: FixedDeposit) -> Account | None:
    """Where it came from, while that is open; else the main account in its currency."""
    held = Account.objects.select_related("owner").filter(pk=deposit.from_account_id).open().first()
    return held or queries.account_in(deposit.owner, deposit.currency)


def _require_sound(owner: User, account: Account, amount: Money) -> None:
    if account.owner_id != owner.pk or not owner.is_active or account.account_type in POTS:
        raise NotFound(_("There is no such account, or it is not yours. No money moved."))
    if amount.minor <= 0:
        raise BadAmount(_("Write an amount of more than zero."))
    if amount.currency != account.currency:
        raise CurrencyMismatch(_("The account is in %(currency)s. No money moved.") % {"currency": account.currency})


def _locked(deposit: FixedDeposit, who: User, *, also: int = 0) -> FixedDeposit:
    """A running deposit of one's own under its lock, its accounts locked before it. Raises NotFound, IllegalMove."""
    if deposit.owner_id != who.pk:
        raise NotFound(_("There is no such deposit, or it is not yours."))
    _lock(deposit.account_id, deposit.from_account_id, also)
    rows = FixedDeposit.objects.select_for_update(of=("self",))
    found = rows.select_related("account__owner", "from_account__owner", "owner").get(pk=deposit.pk)
    if found.status != DepositStatus.RUNNING:
        raise IllegalMove(_("This deposit has ended. Nothing was changed."))
    return found


def _lock(*pks: int) -> None:
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk")
    list(rows.values_list("pk"))
