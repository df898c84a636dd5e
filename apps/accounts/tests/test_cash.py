"""Cash counts once by its form, never leaves a till that has too little, and large cash needs a second person."""

import pytest

from apps.accounts import operations
from apps.accounts.errors import FormReused, LimitExceeded, NoTill, PayeeLimit, TillShort
from apps.accounts.models import CashMovement, LargePaymentFloor
from apps.accounts.testing import balance_of, fill_vault, kes, make_account, make_teller
from apps.audit_trail.models import AuditLog
from apps.fx.errors import RatesStale
from apps.fx.testing import set_rates
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import IllegalMove, NotAllowed
from apps.kernel.money import BadAmount, CurrencyMismatch, Money
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance
from apps.notifications import operations as notifications
from apps.notifications.models import Alert
from apps.notifications.testing import messages_to
from apps.users.errors import Connected
from apps.users.models import User
from apps.users.operations import declare_connection
from apps.users.queries import system_user
from apps.users.testing import make_customer, make_staff


def pay_in(account, teller, amount="500", *, key="k1"):
    amount = kes(amount) if isinstance(amount, str) else amount
    return operations.deposit_cash(account=account, amount=amount, by_name="Achieng", key=key, by=teller, at=now())


def pay_out(account, teller, amount="500", *, key="k1"):
    return operations.withdraw_cash(
        account=account, amount=kes(amount), by_name="Achieng", key=key, by=teller, at=now()
    )


def till_balance(till) -> str:
    return f"{balances([till.ledger_account_id])[till.ledger_account_id].posted.amount:f}"


@pytest.mark.django_db
def test_much_cash_taken_out_is_an_alert_and_its_holders_wish_for_mail_is_kept():
    account, (teller, _till) = make_account(balance="9000"), make_teller()
    account.owner.email, account.owner.email_confirmed_at = "a@example.com", now()
    account.owner.save()
    notifications.subscribe(user=account.owner, type="LARGE_PAYMENT", channel="EMAIL", is_on=True, at=now())
    LargePaymentFloor.objects.create(amount_minor=5_000_00, valid_from=local_date(now()))
    cash = pay_out(account, teller, "5000")
    deliver_events()
    raised = Alert.objects.get(type="LARGE_PAYMENT", user=account.owner)
    assert cash.receipt in raised.message
    mail = messages_to("a@example.com")
    assert [row.code for row in mail if row.channel == "EMAIL"] == ["accounts.large_payment"]


@pytest.mark.django_db
def test_five_thousand_in_is_five_thousand_more_at_once_with_a_receipt():
    account, (teller, till) = make_account(), make_teller(cash="0")
    cash = pay_in(account, teller, "5000")
    assert (cash.status, balance_of(account), till_balance(till)) == ("DONE", "5000.00", "5000.00")
    line = account.lines.get()
    assert (line.txn_type, line.transfer_id) == ("DEPOSIT", cash.transfer_id)
    assert AuditLog.objects.filter(action="accounts.cash.deposit").exists()
    deliver_events()
    assert cash.receipt in messages_to(account.owner.phone)[-1].body
    assert account.number not in messages_to(account.owner.phone)[-1].body
    assert_books_balance()


@pytest.mark.django_db
def test_pays_out_what_the_till_and_the_account_hold():
    account, (teller, till) = make_account(balance="1000"), make_teller(cash="600")
    pay_out(account, teller, "600")
    assert (balance_of(account), till_balance(till)) == ("370.00", "0.00")  # 25 for the counter, 5 of duty on it
    with pytest.raises(TillShort):
        pay_out(account, teller, "1", key="k2")
    assert balance_of(account) == "370.00"


@pytest.mark.django_db
def test_an_account_with_too_little_is_paid_nothing():
    account, (teller, till) = make_account(balance="10"), make_teller(cash="600")
    with pytest.raises(InsufficientFunds):
        pay_out(account, teller, "11")
    assert (balance_of(account), till_balance(till)) == ("10.00", "600.00")
    assert not CashMovement.objects.exists()


@pytest.mark.django_db
def test_a_form_sent_twice_counts_once_and_with_other_figures_is_refused():
    account, (teller, _till) = make_account(), make_teller()
    first = pay_in(account, teller)
    assert pay_in(account, teller).pk == first.pk
    with pytest.raises(FormReused):
        pay_in(account, teller, "501")
    assert balance_of(account) == "500.00"


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_ten_times_at_once_counts_once():
    account, (teller, _till) = make_account(), make_teller()
    results = at_once(*[lambda: pay_in(account, teller)] * 10)
    assert refusals(results) == []
    assert balance_of(account) == "500.00"
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_eight_withdrawals_at_once_never_overdraw_the_till():
    (teller, till), accounts = make_teller(cash="1000"), [make_account(balance="1000") for _nth in range(8)]
    acts = [
        lambda account=account, nth=nth: pay_out(account, teller, "300", key=f"k{nth}")
        for nth, account in enumerate(accounts)
    ]
    assert len(refusals(at_once(*acts))) == 5
    assert till_balance(till) == "100.00"
    assert_books_balance()


@pytest.mark.django_db
def test_refuses_nothing_negative_amounts_other_currencies_no_till_and_ones_own_account():
    account, (teller, _till) = make_account(), make_teller()
    own = make_account(teller)
    for amount in (kes("0"), kes("-1")):
        with pytest.raises(BadAmount):
            pay_in(account, teller, amount)
    with pytest.raises(CurrencyMismatch):
        pay_in(account, teller, Money.of("5", "USD"))
    with pytest.raises(NoTill):
        pay_in(account, make_staff("TELLER"))
    with pytest.raises(NotAllowed):
        pay_in(own, teller)
    with pytest.raises(NoTill):
        pay_in(account, make_customer())
    assert not CashMovement.objects.exists()


@pytest.mark.django_db
def test_refuses_more_than_the_tier_may_hold():
    account, (teller, _till) = make_account(balance="60000"), make_teller()
    with pytest.raises(PayeeLimit):
        pay_in(account, teller, "40000.01")
    with pytest.raises(LimitExceeded):
        pay_out(account, teller, "50000.01", key="k2")
    assert balance_of(account) == "60000.00"


def large(account, teller):
    User.objects.filter(pk=account.owner_id).update(kyc_tier="TIER_3")
    return pay_in(account, teller, "100000.01")


@pytest.mark.django_db
def test_large_cash_waits_for_a_second_person_and_then_counts():
    account, (teller, _till) = make_account(), make_teller()
    cash = large(account, teller)
    assert (cash.status, balance_of(account)) == ("WAITING", "0.00")
    manager = make_staff("BRANCH_MANAGER", limit_minor=500_000_00)
    approvals.approve(approval=cash.approval, by=manager, at=now())
    cash.refresh_from_db()
    assert (cash.status, balance_of(account)) == ("DONE", "100000.01")
    with pytest.raises(IllegalMove):
        approvals.approve(approval=cash.approval, by=manager, at=now())
    assert_books_balance()


@pytest.mark.django_db
def test_large_cash_is_not_approved_by_its_maker_nor_over_ones_limit_nor_without_the_right():
    account, (teller, _till) = make_account(), make_teller()
    cash = large(account, teller)
    for who in (teller, make_staff("BRANCH_MANAGER", limit_minor=100_000_00), make_staff("SUPPORT_AGENT")):
        with pytest.raises(NotAllowed):
            approvals.approve(approval=cash.approval, by=who, at=now())
    assert balance_of(account) == "0.00"


@pytest.mark.django_db
def test_cash_in_another_currency_is_large_by_its_worth():
    account, (teller, till) = make_account(product="USD_CURRENT"), make_teller()
    operations.open_till(teller=teller, branch=till.branch, currency="USD", by=system_user(), at=now())
    User.objects.filter(pk=account.owner_id).update(kyc_tier="TIER_3")
    with pytest.raises(RatesStale):
        pay_in(account, teller, Money.of("100", "USD"))
    set_rates(USD="130")
    assert pay_in(account, teller, Money.of("769", "USD"), key="small").status == "DONE"
    cash = pay_in(account, teller, Money.of("770", "USD"), key="large")
    assert (cash.status, balance_of(account)) == ("WAITING", "769.00")
    with pytest.raises(NotAllowed, match="limit"):
        approvals.approve(approval=cash.approval, by=make_staff("BRANCH_MANAGER", limit_minor=100_099_99), at=now())
    approvals.approve(approval=cash.approval, by=make_staff("BRANCH_MANAGER", limit_minor=100_100_00), at=now())
    assert balance_of(account) == "1539.00"
    assert_books_balance()


@pytest.mark.django_db
def test_large_cash_is_not_approved_by_who_is_connected_with_its_holder():
    account, (teller, _till) = make_account(), make_teller()
    cash, manager = large(account, teller), make_staff("BRANCH_MANAGER", limit_minor=500_000_00)
    declare_connection(staff=manager, customer=account.owner, kind="SELF", by=manager, at=now())
    with pytest.raises(Connected):
        approvals.approve(approval=cash.approval, by=manager, at=now())
    cash.refresh_from_db()
    assert (balance_of(account), cash.status) == ("0.00", "WAITING")


@pytest.mark.django_db
def test_cash_sent_back_moves_nothing_and_says_so():
    account, (teller, _till) = make_account(), make_teller()
    cash = large(account, teller)
    manager = make_staff("BRANCH_MANAGER", limit_minor=500_000_00)
    approvals.send_back(approval=cash.approval, by=manager, at=now(), reason="Count it again")
    cash.refresh_from_db()
    assert (cash.status, balance_of(account)) == ("RETURNED", "0.00")


@pytest.mark.django_db(transaction=True)
def test_two_managers_approving_at_once_count_the_cash_once():
    account, (teller, _till) = make_account(), make_teller()
    cash = large(account, teller)
    managers = [make_staff("BRANCH_MANAGER", limit_minor=500_000_00) for _nth in range(2)]
    acts = [lambda who=who: approvals.approve(approval=cash.approval, by=who, at=now()) for who in managers]
    assert len(refusals(at_once(*acts))) == 1
    assert balance_of(account) == "100000.01"
    assert_books_balance()


@pytest.mark.django_db
def test_a_till_is_funded_by_two():
    teller, till = make_teller(cash="0")
    fill_vault("60000")
    approval = operations.fund_till(till=till, amount=kes("50000"), reason="Morning", by=teller, at=now())
    approvals.approve(approval=approval, by=make_staff("BRANCH_MANAGER", limit_minor=100_000_00), at=now())
    assert till_balance(till) == "50000.00"
    assert_books_balance()
