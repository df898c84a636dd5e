"""Money moves once, within limits, from accounts that may pay, and every line equals its leg."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from apps.accounts import operations
from apps.accounts.errors import AccountClosed, AccountNotActive, LimitExceeded, PayeeLimit
from apps.accounts.models import Account, LimitUse, Transaction
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, IllegalMove, NotAllowed
from apps.kernel.money import CurrencyMismatch, Money
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.users.errors import Connected, TwoMustAllow
from apps.users.models import User
from apps.users.operations import declare_connection, end_connection
from apps.users.queries import system_user
from apps.users.testing import make_customer, make_staff

NOON = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


def pay(payer, payee, amount, *, reference="payments/1", at=NOON):
    return operations.post(
        reference=reference,
        kind="P2P_TRANSFER",
        narrative="Test",
        movements=[operations.out_of(payer, kes(amount), "Out"), operations.into(payee, kes(amount), "In")],
        limited=True,
        at=at,
    )


def tier(account, name):
    User.objects.filter(pk=account.owner_id).update(kyc_tier=name)


@pytest.mark.django_db
def test_writes_a_line_for_each_side_with_the_balance_after_it():
    payer, payee = make_account(balance="1000"), make_account()
    out, came = pay(payer, payee, "290.50")
    assert (out.amount, out.running_balance) == (-kes("290.50"), kes("709.50"))
    assert (came.amount, came.running_balance) == (kes("290.50"), kes("290.50"))
    assert (balance_of(payer), balance_of(payee)) == ("709.50", "290.50")
    assert_books_balance()


@pytest.mark.django_db
def test_a_reference_posts_once_and_answers_with_the_first_lines():
    payer, payee = make_account(balance="1000"), make_account()
    first = pay(payer, payee, "100")
    again = pay(payer, payee, "100")
    assert [line.pk for line in first] == [line.pk for line in again]
    assert balance_of(payer) == "900.00"
    assert LimitUse.objects.get(user=payer.owner).used_minor == 10_000


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "refusal"), [("FROZEN", AccountNotActive), ("DORMANT", AccountNotActive), ("CLOSED", AccountClosed)]
)
def test_an_account_that_is_not_active_pays_nobody(status, refusal):
    payer, payee = make_account(balance="1000"), make_account()
    type(payer).objects.filter(pk=payer.pk).update(status=status, closed_at=now() if status == "CLOSED" else None)
    with pytest.raises(refusal):
        pay(payer, payee, "100")
    assert (balance_of(payer), balance_of(payee)) == ("1000.00", "0.00")
    assert not Transaction.objects.filter(reference="payments/1").exists()


@pytest.mark.django_db
def test_a_frozen_account_still_receives():
    payer, payee = make_account(balance="1000"), make_account()
    operations.freeze(account=payee, by=payee.owner, at=NOON)
    pay(payer, payee, "100")
    assert balance_of(payee) == "100.00"


@pytest.mark.django_db
def test_too_little_money_moves_nothing_and_says_so():
    payer, payee = make_account(balance="99.99"), make_account()
    with pytest.raises(InsufficientFunds):
        pay(payer, payee, "100")
    assert (balance_of(payer), balance_of(payee)) == ("99.99", "0.00")
    assert not LimitUse.objects.exists()


@pytest.mark.django_db
def test_money_of_another_currency_neither_comes_nor_goes_nor_is_held():
    payer, payee, dollars = make_account(balance="100"), make_account(), Money.of("1", "USD")
    for sides in (
        (operations.out_of(payer, dollars, "x"), operations.into(payee, dollars, "x")),
        (operations.into(payee, dollars, "x"),),
    ):
        with pytest.raises(CurrencyMismatch, match="No money moved"):
            operations.post(reference="odd", kind="INTERNAL_TRANSFER", narrative="x", movements=sides, at=NOON)
    with pytest.raises(CurrencyMismatch):
        operations.set_aside(
            account=payer, amount=dollars, cost=Money.zero("USD"), reference="h", limited=True, at=NOON
        )
    assert (balance_of(payer), balance_of(payee)) == ("100.00", "0.00")


@pytest.mark.django_db
def test_one_payment_may_not_exceed_the_tier():
    payer, payee = make_account(balance="90000"), make_account()
    with pytest.raises(LimitExceeded) as no:
        pay(payer, payee, "50000.01")
    assert no.value.facts["limit"] == {"amount": "50000.00", "currency": "KES"}
    assert no.value.facts["how_to_raise"]
    pay(payer, payee, "50000")


@pytest.mark.django_db
def test_a_day_may_not_exceed_the_tier_and_the_next_day_begins_anew_at_midnight_in_nairobi():
    payer, payee = make_account(balance="200000"), make_account()
    tier(payee, "TIER_3")
    late = datetime(2026, 3, 31, 20, 59, 59, tzinfo=UTC)  # 23:59:59 East Africa Time, the last day of the month
    pay(payer, payee, "50000", reference="a", at=late)
    pay(payer, payee, "49000", reference="b", at=late)
    with pytest.raises(LimitExceeded) as no:
        pay(payer, payee, "1000.01", reference="c", at=late)
    assert no.value.facts["left"] == {"amount": "1000.00", "currency": "KES"}
    pay(payer, payee, "1000.01", reference="c", at=late + timedelta(seconds=1))
    assert_books_balance()


@pytest.mark.django_db
def test_nobody_receives_more_than_their_tier_may_hold_all_accounts_together():
    payer, payee = make_account(balance="90000"), make_account(balance="60000")
    tier(payer, "TIER_3")
    make_account(payee.owner, product="SAVINGS", balance="30000")
    with pytest.raises(PayeeLimit):
        pay(payer, payee, "10000.01")
    pay(payer, payee, "10000")
    assert_books_balance()


@pytest.mark.django_db
def test_an_overdraft_goes_to_its_floor_and_no_further():
    payer, payee = make_account(), make_account()
    type(payer.product).objects.filter(pk=payer.product_id).update(overdraft_limit_minor=500_00)
    owner = make_customer()
    overdrawn = make_account(owner)
    pay(overdrawn, payee, "500")
    with pytest.raises(InsufficientFunds):
        pay(overdrawn, payee, "0.01", reference="more")
    assert balance_of(overdrawn) == "-500.00"


@pytest.mark.django_db(transaction=True)
def test_eight_threads_draining_one_account_never_go_below_nothing():
    payer = make_account(balance="1000")
    payees = [make_account() for _nth in range(8)]
    acts = [
        lambda to=payee, nth=nth: pay(payer, to, "300", reference=f"r/{nth}", at=now())
        for nth, payee in enumerate(payees)
    ]
    results = at_once(*acts)
    assert len(refusals(results)) == 5
    assert all(isinstance(refusal, InsufficientFunds) for refusal in refusals(results))
    assert balance_of(payer) == "100.00"
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_the_daily_limit_holds_against_eight_threads_on_two_accounts():
    owner = make_customer()
    accounts = [make_account(owner, balance="90000"), make_account(owner, product="SAVINGS", balance="90000")]
    payee = make_account()
    tier(payee, "TIER_3")
    acts = [lambda nth=nth: pay(accounts[nth % 2], payee, "20000", reference=f"r/{nth}", at=NOON) for nth in range(8)]
    results = at_once(*acts)
    assert len(refusals(results)) == 3
    assert balance_of(payee) == "100000.00"
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_two_people_paying_each_other_at_once_do_not_lock_each_other_out():
    one, other = make_account(balance="5000"), make_account(balance="5000")
    acts = []
    for nth in range(4):
        acts.append(lambda nth=nth: pay(one, other, "10", reference=f"a/{nth}", at=now()))
        acts.append(lambda nth=nth: pay(other, one, "10", reference=f"b/{nth}", at=now()))
    assert refusals(at_once(*acts)) == []
    assert (balance_of(one), balance_of(other)) == ("5000.00", "5000.00")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_the_balance_cap_holds_against_eight_senders():
    payee = make_account(balance="95000")
    payers = [make_account(balance="2000") for _nth in range(8)]
    acts = [
        lambda by=payer, nth=nth: pay(by, payee, "1000", reference=f"r/{nth}", at=now())
        for nth, payer in enumerate(payers)
    ]
    results = at_once(*acts)
    assert len(refusals(results)) == 3
    assert balance_of(payee) == "100000.00"


@pytest.mark.django_db
def test_many_post_like_one_and_once():
    payees = [make_account() for _nth in range(3)]
    from apps.ledger import operations as ledger

    orders = [
        operations.Order(
            reference=f"salary/{nth}",
            receipt=f"S{nth}",
            kind="SALARY",
            narrative="March",
            movements=[operations.into(payee, kes("1000"), "Salary")],
            legs=[ledger.debit("bank:settlement", kes("1000"))],
        )
        for nth, payee in enumerate(payees)
    ]
    assert operations.post_many(orders=orders, at=NOON) == 3
    assert operations.post_many(orders=orders, at=NOON) == 0
    assert [balance_of(payee) for payee in payees] == ["1000.00"] * 3
    assert_books_balance()


@pytest.mark.django_db
def test_a_holder_cannot_unfreeze_what_the_bank_froze():
    account, officer = make_account(balance="10"), make_staff("COMPLIANCE_OFFICER")
    operations.freeze(account=account, by=officer, at=NOON, reason="Court order")
    with pytest.raises(NotAllowed):
        operations.unfreeze(account=account, by=account.owner, at=NOON)
    assert Account.objects.get().status == "FROZEN"


@pytest.mark.django_db
def test_the_bank_takes_over_what_its_holder_froze():
    account, officer = make_account(balance="10"), make_staff("COMPLIANCE_OFFICER")
    operations.freeze(account=account, by=account.owner, at=NOON)
    operations.freeze(account=account, by=officer, at=NOON, reason="Court order")
    with pytest.raises(NotAllowed):
        operations.unfreeze(account=account, by=account.owner, at=NOON)
    with pytest.raises(IllegalMove):
        operations.freeze(account=account, by=officer, at=NOON, reason="Again")
    kept = Account.objects.get()
    assert (kept.status, kept.frozen_by_bank, kept.frozen_because) == ("FROZEN", True, "Court order")


@pytest.mark.django_db
def test_the_bank_lets_go_of_what_it_froze_only_by_two():
    account, officer, second = make_account(balance="10"), make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER")
    operations.freeze(account=account, by=officer, at=NOON, reason="Court order")
    with pytest.raises(TwoMustAllow):
        operations.unfreeze(account=account, by=officer, at=NOON)
    asked = operations.ask_unfreeze(account=account, by=officer, at=NOON, reason="Order lifted")
    with pytest.raises(Conflict):
        operations.ask_unfreeze(account=account, by=second, at=NOON, reason="Order lifted")
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=officer, at=NOON)
    assert Account.objects.get().status == "FROZEN"
    approvals.approve(approval=asked, by=second, at=NOON)
    assert Account.objects.get().status == "ACTIVE"


@pytest.mark.django_db
def test_only_an_empty_account_closes():
    from apps.accounts.errors import NotEmpty

    account = make_account(balance="10")
    with pytest.raises(NotEmpty):
        operations.close(account=account, by=account.owner, at=now())
    empty = make_account(account.owner, product="SAVINGS")
    operations.close(account=empty, by=account.owner, at=now())
    with pytest.raises(AccountClosed):
        give(empty, "1")
    assert system_user().pk != account.owner_id


@pytest.mark.django_db
def test_nobody_reverses_what_went_over_an_account_of_their_own_or_of_whom_they_are_connected_with():
    payer, payee = make_account(balance="1000"), make_account()
    transfer_id = pay(payer, payee, "400")[0].transfer_id
    maker, checker = make_staff("ADMIN"), make_staff("ADMIN")
    asked = ledger.ask_reversal(transfer_id=transfer_id, reason="Paid twice", by=maker, at=NOON)
    kin = declare_connection(staff=checker, customer=payer.owner, kind="SELF", by=checker, at=NOON)
    with pytest.raises(Connected):
        approvals.approve(approval=asked, by=checker, at=NOON)
    end_connection(connection=kin, reason="A mistake", by=make_staff("SUPER_ADMIN"), at=NOON)
    declare_connection(staff=maker, customer=payee.owner, kind="FAMILY", by=maker, at=NOON)
    with pytest.raises(Connected):
        approvals.approve(approval=asked, by=checker, at=NOON)
    assert (balance_of(payer), balance_of(payee)) == ("600.00", "400.00")


@pytest.mark.django_db
def test_reverses_no_more_than_the_second_person_may_decide():
    payer, payee = make_account(balance="1000"), make_account()
    transfer_id = pay(payer, payee, "400")[0].transfer_id
    asked = ledger.ask_reversal(transfer_id=transfer_id, reason="Paid twice", by=make_staff("ADMIN"), at=NOON)
    with pytest.raises(NotAllowed, match="own approval limit"):
        approvals.approve(approval=asked, by=make_staff("ADMIN", limit_minor=399_99), at=NOON)
    assert balance_of(payer) == "600.00"
    approvals.approve(approval=asked, by=make_staff("ADMIN", limit_minor=400_00), at=NOON)
    assert balance_of(payer) == "1000.00"


@pytest.mark.django_db
def test_a_reversal_of_staff_writes_its_lines_and_tells_both():
    payer, payee = make_account(balance="1000"), make_account()
    transfer_id = pay(payer, payee, "400")[0].transfer_id
    asked = ledger.ask_reversal(transfer_id=transfer_id, reason="Paid twice", by=make_staff("ADMIN"), at=NOON)
    approvals.approve(approval=asked, by=make_staff("ADMIN", limit_minor=400_00), at=NOON)
    for account, amount, words in ((payer, "400.00", "Reversed: Out"), (payee, "-400.00", "Reversed: In")):
        line = Transaction.objects.filter(account=account).latest("pk")
        assert (line.txn_type, f"{line.amount.amount:f}", line.description) == ("REVERSAL", amount, words)
        assert f"{line.running_balance.amount:.2f}" == balance_of(account)
        assert "we reversed" in messages_to(str(account.owner.phone))[-1].body
    assert_books_balance()


@pytest.mark.django_db
def test_staff_reverse_nothing_that_the_receiver_has_no_more():
    payer, payee = make_account(balance="1000"), make_account()
    transfer_id = pay(payer, payee, "400")[0].transfer_id
    pay(payee, make_account(), "100", reference="payments/2")
    asked = ledger.ask_reversal(transfer_id=transfer_id, reason="Paid twice", by=make_staff("ADMIN"), at=NOON)
    with pytest.raises(InsufficientFunds):
        approvals.approve(approval=asked, by=make_staff("ADMIN", limit_minor=400_00), at=NOON)
    assert (balance_of(payer), balance_of(payee), payee.lines.count()) == ("600.00", "300.00", 2)


@pytest.mark.django_db(transaction=True)
def test_two_requests_approved_at_once_reverse_once_with_a_line_for_each():
    payer, payee = make_account(balance="1000"), make_account()
    transfer_id = pay(payer, payee, "400")[0].transfer_id
    maker, checker = make_staff("ADMIN"), make_staff("ADMIN", limit_minor=400_00)
    asked = [ledger.ask_reversal(transfer_id=transfer_id, reason="Twice", by=maker, at=NOON) for _nth in range(2)]
    at_once(*(partial(approvals.approve, approval=one, by=checker, at=NOON) for one in asked))
    assert (balance_of(payer), balance_of(payee)) == ("1000.00", "0.00")
    assert Transaction.objects.filter(txn_type="REVERSAL").count() == 2
    assert len([sent for sent in messages_to(str(payer.owner.phone)) if "we reversed" in str(sent.body)]) == 1
    assert_books_balance()
