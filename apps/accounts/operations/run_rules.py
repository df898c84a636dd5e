"""Automatic transfers at work: all rules of a person in their order, on a day or when money came in.

One transaction a person: their accounts are locked first, by id as everywhere, so what comes at once waits its turn. A
rule answers an occasion once, and those that could chase each other move once a day: both are constraints.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, Q, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts import dues
from apps.accounts.events import AutoTransferFailed, AutoTransferMade
from apps.accounts.models import (
    Account,
    AccountStatus,
    AccountType,
    AutoRunStatus,
    AutoTransferRule,
    AutoTransferRun,
    RuleKind,
    Transaction,
    TransactionType,
)
from apps.accounts.operations.goal_money import note_paid_in
from apps.accounts.operations.movement import into, out_of
from apps.accounts.operations.post import post
from apps.accounts.rules.transfers import GRACE, ONCE_A_DAY, ORDER, Look, Move, Terms, decide, next_due
from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.kernel.clock import local_date
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.ledger import queries as books
from apps.ledger.errors import BooksBusy
from apps.users.queries import system_user

INCOME = (
    TransactionType.SALARY,
    TransactionType.DEPOSIT,
    TransactionType.MOBILE_MONEY,
    TransactionType.EXTERNAL_TRANSFER,
    TransactionType.INTERNATIONAL_REMITTANCE,
    TransactionType.SETTLEMENT,
)
SPENT = (
    TransactionType.QR_PAYMENT,
    TransactionType.BILL_PAYMENT,
    TransactionType.MERCHANT_PAYMENT,
    TransactionType.CARD_PAYMENT,
    TransactionType.AIRTIME,
    TransactionType.P2P_TRANSFER,
    TransactionType.MOBILE_MONEY,
)


def owners_to_look_at(*, on: date) -> list[int]:
    """People with a rule that was not looked at on this day."""
    rows = AutoTransferRule.objects.live().filter(Q(looked_on=None) | Q(looked_on__lt=on))
    return list(rows.order_by("owner_id").values_list("owner_id", flat=True).distinct())


def run_day(*, owner_id: int, at: datetime) -> list[AutoTransferRun]:
    """Look at all rules of a person for the day of `at`; once however often it is asked."""
    on = local_date(at)
    return run_rules(owner_id=owner_id, occasion=f"day/{on}", at=at)


@transaction.atomic
def run_rules(*, owner_id: int, occasion: str, at: datetime, only: int | None = None) -> list[AutoTransferRun]:
    """What each rule of a person does on an occasion, in the catalogue's order; answers the runs that were written.

    What is due on loans comes first. A rule that would break its floor moves nothing and its run says so. `only` is one
    rule, asked for by hand.
    """
    on, rules = local_date(at), AutoTransferRule.objects.live().filter(owner_id=owner_id)
    ends = rules.values_list("from_account_id", "to_account_id")
    among = {pk for pair in ends for pk in pair if pk}
    mine = Account.objects.filter(Q(owner_id=owner_id) | Q(pk__in=among)).select_related("owner").order_by("pk")
    accounts = {one.pk: one for one in mine.select_for_update(of=("self",), no_key=True)}
    rows = list(rules.select_for_update(of=("self",)).select_related("owner").order_by("pk"))
    rows = [row for row in rows if row.owner.is_active and (only is None or row.pk == only)]
    rows.sort(key=lambda row: (ORDER[row.kind], row.priority, row.pk))
    answered = AutoTransferRun.objects.filter(rule__in=rows, occasion=occasion)
    done = set(answered.values_list("rule_id", flat=True))
    moved = AutoTransferRun.objects.filter(rule__in=rows, on=on, status=AutoRunStatus.MADE, kind__in=ONCE_A_DAY)
    spent = set(moved.values_list("rule_id", flat=True))
    _collect_dues(rows, accounts, occasion, at)
    runs = []
    for rule in rows:
        rule.from_account = accounts[rule.from_account_id]
        rule.to_account = accounts[rule.to_account_id] if rule.to_account_id else None
        if rule.pk not in done and rule.pk not in spent and (run := _turn(rule, occasion, on, at)):
            runs.append(run)
    AutoTransferRule.objects.filter(pk__in=[row.pk for row in rows]).update(looked_on=on)
    return runs


def _collect_dues(rules: Sequence[AutoTransferRule], accounts: dict[int, Account], occasion: str, at: datetime) -> None:
    lender = dues.provider()
    for pk in sorted({rule.from_account_id for rule in rules}) if lender else ():
        if lender is not None and accounts[pk].status == AccountStatus.ACTIVE:
            lender.collect(account=accounts[pk], key=f"rules/{occasion}", at=at)


def _turn(rule: AutoTransferRule, occasion: str, on: date, at: datetime) -> AutoTransferRun | None:
    """One rule's turn; None when there was nothing to do."""
    upto = Transaction.objects.filter(account_id=rule.from_account_id).aggregate(seq=Max("seq"))["seq"] or 0
    if rule.paused_until is not None and on < rule.paused_until:
        _seen(rule, upto, on, went_by=True)
        return None
    if rule.kind == RuleKind.FIXED and (rule.next_due_on is None or rule.next_due_on > on):
        return None
    found = _look(rule, upto, at)
    move = decide(_terms(rule), found)
    if not move.amount and not move.because:
        _seen(rule, upto, on)
        return None
    if rule.skip_next:
        AutoTransferRule.objects.filter(pk=rule.pk).update(skip_next=False)
        _seen(rule, upto, on)
        return _written(rule, occasion, on, at, AutoRunStatus.SKIPPED)
    with translation.override(rule.owner.language):
        run = _made(rule, move, occasion, on, at)
    late = rule.next_due_on is not None and on >= rule.next_due_on + GRACE
    if run.status == AutoRunStatus.MADE or late:
        _seen(rule, upto, on)
    return run


def _terms(rule: AutoTransferRule) -> Terms:
    return Terms(
        rule.kind, rule.amount_minor or 0, rule.rate or Decimal(0), rule.threshold_minor or 0, rule.floor_minor
    )


def _look(rule: AutoTransferRule, upto: int, at: datetime) -> Look:
    source, to = rule.from_account, rule.to_account
    held = books.balances([source.ledger_account_id, *([to.ledger_account_id] if to else [])])
    there = held[source.ledger_account_id].available.minor
    lines = Transaction.objects.filter(account=source, seq__gt=rule.seen_seq, seq__lte=upto)
    if rule.kind == RuleKind.PERCENTAGE:
        came = lines.filter(txn_type__in=INCOME, amount_minor__gt=0).aggregate(sum=Sum("amount_minor"))["sum"]
        return Look(there, came=came or 0)
    if rule.kind == RuleKind.ROUND_UP:
        paid = lines.filter(txn_type__in=SPENT, amount_minor__lt=0).values_list("amount_minor", flat=True)
        return Look(there, paid=tuple(-minor for minor in paid))
    if rule.kind == RuleKind.LOAN_DUES:
        lender = dues.provider()
        return Look(there, due=lender.due(account=source, at=at).minor if lender else 0)
    return Look(there, other=held[to.ledger_account_id].available.minor if to else 0)


def _seen(rule: AutoTransferRule, upto: int, on: date, *, went_by: bool = False) -> None:
    """Lines up to here have been looked at; a date that came has been dealt with."""
    changes: dict[str, object] = {"seen_seq": upto}
    if rule.next_due_on is not None and (rule.next_due_on <= on or went_by):
        changes["next_due_on"] = next_due(rule.cadence, rule.day, max(on, rule.next_due_on - timedelta(days=1)))
    AutoTransferRule.objects.filter(pk=rule.pk).update(**changes)


def _made(rule: AutoTransferRule, move: Move, occasion: str, on: date, at: datetime) -> AutoTransferRun:
    """Move it, or say why not."""
    amount = Money(move.amount, rule.currency)
    if move.because:
        words = _("That would leave less than the %(floor)s you keep there.") % {"floor": rule.floor}
        return _refused(rule, words, occasion, on, at)
    try:
        with transaction.atomic():
            amount, transfer = _moved(rule, amount, occasion, at)
    except BooksBusy:
        raise  # nobody's fault: the next round tries
    except DomainError as no:
        return _refused(rule, str(no), occasion, on, at)
    if not amount:
        return _refused(rule, _("Nothing was due any more."), occasion, on, at)
    run = _written(rule, occasion, on, at, AutoRunStatus.MADE, amount=amount, transfer=transfer)
    facts = {"amount": str(amount), "kind": rule.kind, "occasion": occasion}
    audit_trail.record("accounts.auto_transfer.made", on=rule, by=system_user(), at=at, after=facts)
    events.publish(
        AutoTransferMade(
            rule_id=rule.pk, run_id=run.pk, owner_id=rule.owner_id, minor=amount.minor, currency=amount.currency
        )
    )
    return run


def _moved(rule: AutoTransferRule, amount: Money, occasion: str, at: datetime) -> tuple[Money, int]:
    """The posting. Raises what posting raises."""
    if rule.to_account is None:
        lender = dues.provider()
        paid = (
            lender.pay(account=rule.from_account, most=amount, key=f"rule/{rule.pk}/{occasion}", at=at)
            if lender
            else None
        )
        return (paid.amount, paid.transfer_id) if paid else (Money.zero(amount.currency), 0)
    words = {"category": "savings"}
    lines = post(
        reference=f"auto/{rule.pk}/{occasion}",
        kind=TransactionType.AUTO_TRANSFER,
        narrative=f"Automatic transfer {rule.kind}",
        movements=[
            out_of(rule.from_account, amount, _("To %(account)s") % {"account": rule.to_account.name}, **words),
            into(rule.to_account, amount, _("From %(account)s") % {"account": rule.from_account.name}, **words),
        ],
        at=at,
    )
    transfer = lines[0].transfer_id
    if rule.to_account.account_type == AccountType.GOAL:
        note_paid_in(account=rule.to_account, user_id=rule.owner_id, amount=amount, transfer_id=transfer, at=at)
    return amount, transfer


def _refused(rule: AutoTransferRule, words: str, occasion: str, on: date, at: datetime) -> AutoTransferRun:
    """Written down each time, told once until it works again."""
    before = AutoTransferRun.objects.filter(rule=rule).order_by("-pk").values_list("status", flat=True).first()
    run = _written(rule, occasion, on, at, AutoRunStatus.REFUSED, because=words)
    if before != AutoRunStatus.REFUSED:
        events.publish(AutoTransferFailed(rule_id=rule.pk, run_id=run.pk, owner_id=rule.owner_id))
    return run


def _written(
    rule: AutoTransferRule,
    occasion: str,
    on: date,
    at: datetime,
    status: AutoRunStatus,
    *,
    amount: Money | None = None,
    transfer: int | None = None,
    because: str = "",
) -> AutoTransferRun:
    return AutoTransferRun.objects.create(
        rule=rule,
        kind=rule.kind,
        on=on,
        occasion=occasion[:120],
        status=status,
        amount_minor=amount.minor if amount else 0,
        currency=rule.currency,
        because=because[:200],
        transfer_id=transfer,
        at=at,
    )
