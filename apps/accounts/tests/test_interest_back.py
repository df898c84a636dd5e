"""Interest that was paid wrongly is taken back by two, once, with its tax; what was earned is paid again later."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from apps.accounts import checks, operations
from apps.accounts.errors import AccountClosed, BadInterestBack
from apps.accounts.models import Account, InterestPayment, InterestReturn, Transaction
from apps.accounts.rules.interest import PARTS
from apps.accounts.testing import balance_of, kes, make_account
from apps.accounts.tests.test_interest import FIRST, OPENED, empty, night, parts, savings, through
from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.errors import AlreadyAsked, IllegalMove, NotAllowed
from apps.kernel.models import Approval, OutboxEvent
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger.errors import InsufficientFunds, PeriodClosed, TransferTied
from apps.ledger.queries import balance
from apps.ledger.testing import assert_books_balance, make_period
from apps.notifications.models import Message
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
LAST = date(2026, 4, 30)
MAY = night(LAST) + timedelta(days=3)


def posted(purpose):
    return balance(ledger.gl(purpose, "KES").id).posted


def paid_month(amount="100000", **more):
    """616.43 gross of April, 92.46 of it tax."""
    account = savings(amount, **more)
    through(FIRST, LAST)
    operations.pay_month(day=LAST, at=night(LAST))
    return InterestPayment.objects.select_related("account").get(account=account)


def ask(payment, owed="0", *, by=None, at=MAY):
    owed = owed if isinstance(owed, Money) else kes(owed)
    by = by or make_staff("ADMIN")
    return operations.ask_interest_back(payment=payment, owed=owed, reason="Wrong rate", by=by, at=at)


def allow(asked, *, by=None, at=MAY):
    return approvals.approve(approval=asked, by=by or make_staff("SUPER_ADMIN", limit_minor=10_000_00), at=at)


def test_all_of_it_goes_back_with_its_tax_and_is_no_expense():
    payment = paid_month()
    fraction = parts(payment.account)
    maker = make_staff("ADMIN")
    asked = ask(payment, by=maker)
    assert (asked.amount_minor, asked.after["taken from the account"]) == (616_43, "KES 523.97")
    assert balance_of(payment.account) == "100523.97", "nothing moves before another allowed it"
    Message.objects.all().delete()
    allow(asked)
    assert balance_of(payment.account) == "100000.00"
    assert (parts(payment.account), posted("interest:payable"), posted("tax:withholding")) == (
        fraction,
        kes("0"),
        kes("0"),
    )
    assert posted("interest:deposits") == kes("0")
    told = OutboxEvent.objects.get(name="accounts.interest.taken_back").payload
    assert (told["payment_id"], told["minor"], told["owed_minor"]) == (payment.pk, 616_43, 0)
    lines = Transaction.objects.filter(account=payment.account, txn_type="REVERSAL").order_by("pk")
    assert [(line.amount, line.description[:9]) for line in lines] == [
        (-kes("616.43"), "Reversed:"),
        (kes("92.46"), "Reversed:"),
    ]
    assert Message.objects.filter(code="accounts.reversed", user=payment.account.owner).count() == 2
    row = InterestReturn.objects.get()
    kept = AuditLog.objects.get(action="accounts.interest.taken_back")
    assert (row.asked_by, kept.actor_id, kept.reason) == (maker, row.allowed_by_id, "Wrong rate")
    assert_books_balance()


def test_what_was_earned_all_the_same_is_paid_at_the_next_months_end():
    payment = paid_month()
    fraction = parts(payment.account)
    allow(ask(payment, "500"))
    assert parts(payment.account) == fraction + 500_00 * PARTS
    assert (posted("interest:payable"), posted("interest:deposits")) == (kes("500"), kes("500"))
    assert operations.pay_month(day=LAST, at=MAY) == (0, 0), "April was paid once, rightly or not"
    through(date(2026, 5, 1), date(2026, 5, 31))
    earned = parts(payment.account) // PARTS
    operations.pay_month(day=date(2026, 5, 31), at=night(date(2026, 5, 31)))
    again = InterestPayment.objects.get(paid_for=date(2026, 5, 31))
    assert again.gross_minor == earned > 500_00
    assert_books_balance()


def test_of_an_account_that_closed_all_goes_back_from_where_it_was_paid():
    owner = make_customer()
    account, current = savings("100000", owner=owner), make_account(owner, at=OPENED)
    through(FIRST, FIRST)
    empty(account)
    operations.close(account=account, by=owner, at=night(FIRST))
    payment = InterestPayment.objects.select_related("account").get()
    assert (payment.because, balance_of(current)) == ("CLOSING", "17.47")
    with pytest.raises(BadInterestBack, match="closed"):
        ask(payment, "5")
    allow(ask(payment))
    assert (balance_of(current), parts(account), posted("interest:payable")) == ("0.00", 0, kes("0"))
    assert (posted("interest:deposits"), posted("tax:withholding")) == (kes("0"), kes("0"))
    assert_books_balance()


def test_what_became_part_of_a_deposit_stays_there():
    payment = paid_month()
    Account.objects.filter(pk=payment.account_id).update(account_type="GOAL")
    with pytest.raises(BadInterestBack, match="part of it"):
        ask(payment)


@pytest.mark.parametrize(
    ("owed", "refusal"),
    [("616.43", BadInterestBack), ("700", BadInterestBack), ("-1", BadInterestBack),
     (Money.of("5", "USD"), CurrencyMismatch)],
)  # fmt: skip
def test_what_cannot_be_is_not_asked_for(owed, refusal):
    payment = paid_month()
    with pytest.raises(refusal, match="Nothing was changed"):
        ask(payment, owed)
    assert not Approval.objects.exists()


def test_by_who_may_reverse_within_their_limit_and_never_for_oneself():
    payment = paid_month()
    for who in (make_customer(), make_staff("TELLER"), make_staff("BRANCH_MANAGER")):
        with pytest.raises(NotAllowed):
            ask(payment, by=who)
    maker = make_staff("ADMIN")
    asked = ask(payment, by=maker)
    with pytest.raises(AlreadyAsked):
        ask(payment)
    for who in (
        maker,
        make_staff("SUPER_ADMIN", limit_minor=616_42),
        make_staff("BRANCH_MANAGER", limit_minor=10_000_00),
    ):
        with pytest.raises(NotAllowed):
            allow(asked, by=who)
    own = make_staff("ADMIN", limit_minor=10_000_00)
    Account.objects.filter(pk=payment.account_id).update(owner=own)
    payment = InterestPayment.objects.select_related("account").get(pk=payment.pk)
    with pytest.raises(NotAllowed):
        allow(asked, by=own)
    approvals.withdraw(approval=asked, by=maker, at=MAY)
    with pytest.raises(NotAllowed):
        ask(payment, by=own)
    assert not InterestReturn.objects.exists()


def test_refusals_move_nothing():
    payment = paid_month()
    account = payment.account
    asked = ask(payment)
    period = make_period("May", MAY.date(), MAY.date(), status="CLOSED")
    with pytest.raises(PeriodClosed):
        allow(asked)
    type(period).objects.filter(pk=period.pk).update(status="OPEN")
    spent = balance(account.ledger_account_id).posted - kes("500")
    legs = [ledger.debit(account.ledger_account_id, spent), ledger.credit("bank:settlement", spent)]
    ledger.post(reference="t/spent", kind="X", narrative="", legs=legs, at=MAY)
    with pytest.raises(InsufficientFunds):
        allow(asked)
    Account.objects.filter(pk=account.pk).update(status="CLOSED")
    with pytest.raises(AccountClosed):
        allow(asked)
    assert not InterestReturn.objects.exists()
    assert not Transaction.objects.filter(txn_type="REVERSAL").exists()
    asked.refresh_from_db()
    assert asked.status == "PENDING"


def test_the_books_alone_refuse_it_say_where_and_are_watched():
    payment = paid_month()
    with pytest.raises(TransferTied, match="taken back with its tax"):
        ledger.ask_reversal(transfer_id=payment.transfer_id, reason="Wrong", by=make_staff("ADMIN"), at=MAY)
    allow(ask(payment))
    with pytest.raises(IllegalMove, match="before"):
        ask(payment)
    assert checks._findings(checks._INTEREST_BACK) == []


def test_one_reversed_past_the_desk_is_found_and_not_taken_back_again():
    payment = paid_month()
    asked = ask(payment)
    ledger.reverse(transfer_id=payment.transfer_id, reason="By hand", by=make_staff("ADMIN"), at=MAY)
    assert "reversed in the books alone" in checks._findings(checks._INTEREST_BACK)[0]
    with pytest.raises(IllegalMove, match="reversal of this payment already"):
        allow(asked)
    assert not InterestReturn.objects.exists()


def test_the_database_takes_nothing_by_one_nor_twice_and_keeps_it():
    payment, officer, second = paid_month(), make_staff("ADMIN"), make_staff("ADMIN")
    row = {"payment": payment, "owed_minor": 0, "transfer_id": 1, "reason": "x", "asked_by": officer, "at": MAY}
    with pytest.raises(IntegrityError, match="no_one_takes_interest_back_alone"), transaction.atomic():
        InterestReturn.objects.create(**row, allowed_by=officer)
    InterestReturn.objects.create(**row, allowed_by=second)
    with pytest.raises(IntegrityError), transaction.atomic():
        InterestReturn.objects.create(**row, allowed_by=second)
    with pytest.raises(DatabaseError), transaction.atomic():
        InterestReturn.objects.update(owed_minor=1)


@pytest.mark.django_db(transaction=True)
def test_two_who_allow_it_at_once_take_it_back_once():
    payment = paid_month()
    asked, officers = ask(payment), [make_staff("SUPER_ADMIN", limit_minor=10_000_00) for _nth in range(3)]
    made = at_once(*[partial(allow, asked, by=who) for who in officers])
    assert [type(no) for no in refusals(made)] == [IllegalMove, IllegalMove]
    assert balance_of(payment.account) == "100000.00"
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_while_the_next_day_is_earned_and_its_month_paid_nothing_is_lost():
    payment = paid_month()
    through(date(2026, 5, 1), date(2026, 5, 30))
    asked = ask(payment, "500")
    month = date(2026, 5, 31)

    def end_the_day():
        operations.accrue(day=month, at=night(month))
        return operations.pay_month(day=month, at=night(month))

    assert refusals(at_once(partial(allow, asked), end_the_day)) == []
    assert InterestReturn.objects.count() == 1
    assert_books_balance()
