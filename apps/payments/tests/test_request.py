"""Requests to pay: paid once with their money, told to both, blind to who banks here, and nobody is flooded."""

from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, give, kes, make_account, spend
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.models import Delivery
from apps.kernel.money import BadAmount, CurrencyMismatch, Money, total
from apps.kernel.testing import at_once, deliver_events, print_keys, refusals
from apps.ledger.errors import InsufficientFunds
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import news, operations
from apps.payments.errors import (
    BadSplit,
    KeyReused,
    PayeeNotFound,
    RemindedAlready,
    RequestOver,
    TooManyRequests,
    ToYourself,
)
from apps.payments.models import PaymentRequest, SplitBill, paid_of
from apps.payments.tests.people import answer, pay
from apps.users.errors import StepUpRequired
from apps.users.events import UserRegistered
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def two():
    asker = make_account(make_customer(full_name="Wanjiku Kamau"))
    return asker, make_account(make_customer(full_name="Otieno Ouma", phone="+254722000114"), balance="5000")


def ask(asker, phone="0722 000 114", amount="350", *, key="r1", note="Lunch", at=None):
    return operations.ask_for_payment(
        by=asker.owner, phone=phone, amount=kes(amount), into_account=asker, note=note, key=key, at=at or now()
    )


def begin(request, payer, key="p1"):
    return operations.pay_request(request=request, by=payer.owner, from_account=payer, key=key, at=now())


def state(request):
    request.refresh_from_db()
    return request.status


def test_asks_names_the_asker_and_is_settled_with_its_money(two):
    asker, payer = two
    request = ask(asker)
    deliver_events()
    told = messages_to(payer.owner.phone)[-1].body
    assert "Wanjiku K. asks you for KES 350.00: Lunch" in told
    done = pay(begin(request, payer))
    assert (done.status, state(request), balance_of(asker)) == ("COMPLETED", "PAID", "350.00")
    deliver_events()
    mine = messages_to(asker.owner.phone)
    assert "Otieno O. paid the KES 350.00 you asked for" in mine[-1].body
    assert len(mine) == 1, "one message for one payment"
    assert_books_balance()


def test_is_open_until_the_money_moves_and_settled_when_a_held_payment_goes_on(two):
    asker, payer = two
    give(payer, "20000")
    request = ask(asker, amount="15000")
    held = pay(begin(request, payer))
    assert (held.status, state(request), balance_of(asker)) == ("HELD", "PAYING", "0.00")
    for act in (operations.cancel_request, operations.remind):
        with pytest.raises(RequestOver):
            act(request=request, by=asker.owner, at=now())
    with pytest.raises(RequestOver):
        operations.decline_request(request=request, by=payer.owner, at=now())
    assert operations.expire_requests(at=now() + 15 * DAY) == 0
    operations.let_go_on(payment=held, at=held.held_until)
    assert (state(request), balance_of(asker)) == ("PAID", "15000.00")
    assert_books_balance()


@pytest.mark.parametrize("ends", ["taken back", "account closed"])
def test_is_open_again_when_the_held_payment_does_not_arrive(two, ends):
    asker, payer = two
    give(payer, "20000")
    request = ask(asker, amount="15000")
    held = pay(begin(request, payer))
    if ends == "taken back":
        operations.cancel(payment=held, by=payer.owner, at=now())
    else:
        accounts.close(account=asker, by=asker.owner, at=now())
        operations.let_go_on(payment=held, at=held.held_until)
    assert (state(request), balance_of(payer)) == ("OPEN", "25000.00")
    assert_books_balance()


def test_a_refused_payment_leaves_it_open(two):
    asker, payer = two
    request = ask(asker, amount="5000")
    payment = begin(request, payer)
    asked = operations.challenge(payment=payment, by=payer.owner, at=now())
    with pytest.raises(StepUpRequired):
        operations.confirm(payment=payment, challenge_id=asked.pk, by=payer.owner, at=now())
    proof = answer(payer.owner, asked, now())
    spend(payer, "1")
    with pytest.raises(InsufficientFunds):
        operations.confirm(payment=payment, challenge_id=proof, by=payer.owner, at=now())
    assert (state(request), balance_of(payer)) == ("OPEN", "4999.00")


def test_what_the_screen_blocks_leaves_it_open(two, monkeypatch):
    from apps.fraud import rules
    from apps.fraud.errors import PaymentBlocked

    asker, payer = two
    request = ask(asker)
    monkeypatch.setattr(rules, "judge", lambda *_: rules.Verdict(rules.BLOCK_AT, "BLOCK", ("VELOCITY",)))
    with pytest.raises(PaymentBlocked):
        pay(begin(request, payer))
    assert (state(request), balance_of(asker)) == ("OPEN", "0.00")


@pytest.mark.django_db(transaction=True)
def test_paid_twice_at_once_it_moves_money_once():
    asker, payer = make_account(), make_account(make_customer(phone="+254722000114"), balance="5000")
    request = ask(asker)
    acts = []
    for nth in range(4):
        at = now() + timedelta(minutes=nth)
        payment = begin(request, payer, key=f"p{nth}")
        asked = operations.challenge(payment=payment, by=payer.owner, at=at)
        proof = answer(payer.owner, asked, at)
        acts.append(partial(operations.confirm, payment=payment, challenge_id=proof, by=payer.owner, at=at))
    results = at_once(*acts)
    assert {type(no) for no in refusals(results)} == {RequestOver}
    assert (len(refusals(results)), balance_of(asker), state(request)) == (3, "350.00", "PAID")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_paid_and_taken_back_at_once_it_is_one_of_them():
    asker, payer = make_account(), make_account(make_customer(phone="+254722000114"), balance="5000")
    request = ask(asker)
    payment = begin(request, payer)
    asked = operations.challenge(payment=payment, by=payer.owner, at=now())
    proof = answer(payer.owner, asked, now())
    results = at_once(
        partial(operations.confirm, payment=payment, challenge_id=proof, by=payer.owner, at=now()),
        partial(operations.cancel_request, request=request, by=asker.owner, at=now()),
    )
    assert {type(no) for no in refusals(results)} == {RequestOver}
    assert (state(request), balance_of(asker)) in {("PAID", "350.00"), ("CANCELLED", "0.00")}
    assert_books_balance()


def test_answers_the_same_for_phones_nobody_here_has(two):
    asker, _payer = two
    known, unknown = ask(asker), ask(asker, "0799 000 111", key="r2")
    for name in ("status", "amount", "note", "is_silent"):
        assert getattr(known, name) == getattr(unknown, name)
    assert unknown.to_phone == "0799 000 111"
    assert known.to_phone == "0722 000 114", "as it was typed: no name"
    operations.remind(request=unknown, by=asker.owner, at=now() + 2 * DAY)
    deliver_events()
    assert messages_to("+254799000111") == []
    assert not Delivery.objects.exclude(status="DONE").exists(), "and nothing is stuck over it"


def test_whoever_joins_later_finds_what_they_were_asked_for(two):
    asker, _payer = two
    request = ask(asker, "0799 000 111")
    joined = make_customer(phone="+254799000111")
    news.introduce_requests(UserRegistered(user_id=joined.pk))
    assert list(PaymentRequest.objects.asked_of(joined)) == [request]
    late = make_customer(phone="+254799000112")
    ask(asker, "0799 000 112", key="late", at=now() - 15 * DAY)
    assert operations.introduce(user=late, at=now()) == 0


def test_the_same_form_asks_once_and_with_other_figures_it_is_refused(two):
    asker, _payer = two
    assert ask(asker).pk == ask(asker).pk
    with pytest.raises(KeyReused):
        ask(asker, amount="351")
    assert PaymentRequest.objects.count() == 1


def test_refuses_oneself_nothing_other_money_closed_accounts_and_what_is_no_phone(two):
    asker, payer = two
    with pytest.raises(ToYourself):
        ask(asker, str(asker.owner.phone))
    with pytest.raises(BadAmount):
        ask(asker, amount="0")
    with pytest.raises(PayeeNotFound):
        ask(asker, "not a phone")
    with pytest.raises(CurrencyMismatch):
        operations.ask_for_payment(
            by=asker.owner, phone="0722000114", amount=Money.of("1", "USD"), into_account=asker, key="x", at=now()
        )
    with pytest.raises(NotFound):
        operations.ask_for_payment(
            by=asker.owner, phone="0722000114", amount=kes("1"), into_account=payer, key="x", at=now()
        )
    assert not PaymentRequest.objects.exists()


def test_another_persons_request_is_not_there(two):
    asker, payer = two
    request, stranger = ask(asker), make_account(balance="5000")
    with pytest.raises(NotFound):
        begin(request, stranger)
    with pytest.raises(NotFound):
        begin(request, asker)
    for act in (operations.decline_request, operations.block_asker, operations.cancel_request, operations.remind):
        with pytest.raises(NotFound):
            act(request=request, by=stranger.owner, at=now())
    for act in (operations.cancel_request, operations.remind):
        with pytest.raises(NotFound):
            act(request=request, by=payer.owner, at=now())
    assert state(request) == "OPEN"


@pytest.mark.parametrize("how", ["declined", "cancelled", "expired"])
def test_what_is_over_is_not_paid(two, how):
    asker, payer = two
    request = ask(asker, at=now() - 15 * DAY if how == "expired" else None)
    if how == "declined":
        for _twice in range(2):
            operations.decline_request(request=request, by=payer.owner, at=now())
        deliver_events()
        assert "was declined" in messages_to(asker.owner.phone)[-1].body
        assert "Otieno" not in messages_to(asker.owner.phone)[-1].body
    elif how == "cancelled":
        for _twice in range(2):
            operations.cancel_request(request=request, by=asker.owner, at=now())
    else:
        assert operations.expire_requests(at=now()) == 1
    with pytest.raises(RequestOver):
        begin(request, payer)
    assert state(request) == how.upper()
    assert balance_of(asker) == "0.00"


def test_a_payment_begun_before_it_was_taken_back_moves_nothing(two):
    asker, payer = two
    request = ask(asker)
    payment = begin(request, payer)
    operations.cancel_request(request=request, by=asker.owner, at=now())
    with pytest.raises(RequestOver):
        pay(payment)
    assert (balance_of(payer), balance_of(asker)) == ("5000.00", "0.00")


def test_reminds_once_a_day(two):
    asker, payer = two
    request = ask(asker)
    with pytest.raises(RemindedAlready):
        operations.remind(request=request, by=asker.owner, at=now() + timedelta(hours=23))
    operations.remind(request=request, by=asker.owner, at=now() + DAY * 1.01)
    with pytest.raises(RemindedAlready):
        operations.remind(request=request, by=asker.owner, at=now() + DAY * 1.9)
    deliver_events()
    assert "reminds you" in messages_to(payer.owner.phone)[-1].body


def test_nobody_is_flooded_while_the_key_phones_are_found_by_is_changed(two, settings):
    asker, _payer = two
    for nth, names in enumerate([("old",), ("old", "new"), ("new", "old")]):
        print_keys(settings, *names)
        ask(asker, "0799 000 111", key=f"r{nth}")
    with pytest.raises(TooManyRequests):
        ask(asker, "0799 000 111", key="r4")
    joined = make_customer(phone="+254799000111")
    assert operations.introduce(user=joined, at=now()) == 3


def test_nobody_is_flooded(two):
    asker, _payer = two
    for nth in range(3):
        ask(asker, key=f"r{nth}")
    with pytest.raises(TooManyRequests):
        ask(asker, key="r4")
    for nth in range(27):
        ask(asker, f"0799 000 1{nth:02d}", key=f"other{nth}")
    with pytest.raises(TooManyRequests):
        ask(asker, "0799 000 999", key="one more")
    assert PaymentRequest.objects.count() == 30
    ask(asker, "0799 000 999", key="tomorrow", at=now() + DAY * 1.01)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_do_not_pass_the_most_that_one_person_may_be_asked():
    asker, _payer = make_account(), make_customer(phone="+254722000114")
    results = at_once(*(partial(ask, asker, key=f"r{nth}") for nth in range(8)))
    assert len(refusals(results)) == 5
    assert PaymentRequest.objects.count() == 3


def test_a_blocked_asker_notices_nothing_and_reaches_nobody(two):
    asker, payer = two
    first, second = ask(asker), ask(asker, key="r2")
    deliver_events()
    operations.block_asker(request=first, by=payer.owner, at=now())
    third = ask(asker, key="r3")
    before = len(messages_to(payer.owner.phone))
    deliver_events()
    assert len(messages_to(payer.owner.phone)) == before
    assert [state(one) for one in (first, second, third)] == ["DECLINED", "OPEN", "OPEN"]
    assert list(PaymentRequest.objects.asked_of(payer.owner)) == [first]
    with pytest.raises(NotFound):
        begin(third, payer)
    operations.unblock_asker(asker_id=asker.owner_id, by=payer.owner, at=now())
    assert not ask(asker, "0722000114", key="r4", at=now() + 15 * DAY).is_silent


PHONES = ["0722 000 114", "0799 000 111", "0799 000 112"]


def split(asker, shares, *, bill="1000", key="s1", note="Dinner"):
    return operations.split_bill(
        owner=asker.owner, total_asked=kes(bill), shares=shares, into_account=asker, note=note, key=key, at=now()
    )


@given(st.integers(1, 10**9), st.integers(1, 20), st.booleans())
def test_equal_shares_and_the_own_part_make_the_bill_to_the_cent(minor, people, with_me):
    bill = Money(minor, "KES")
    if minor < people + with_me:
        with pytest.raises(BadSplit):
            operations.equal_shares(bill, ["x"] * people, with_me=with_me)
        return
    parts = [share.amount for share in operations.equal_shares(bill, ["x"] * people, with_me=with_me)]
    asked = total(parts, "KES")
    assert len(parts) == people
    assert max(part.minor for part in parts) - min(part.minor for part in parts) <= 1
    assert asked == bill if not with_me else 0 < (bill - asked).minor <= parts[0].minor


def test_a_bill_is_shared_and_its_progress_told(two):
    asker, payer = two
    bill = split(asker, operations.equal_shares(kes("1000"), PHONES, with_me=True))
    assert split(asker, operations.equal_shares(kes("1000"), PHONES, with_me=True)).pk == bill.pk
    shares = list(bill.shares.order_by("pk"))
    assert ([str(one.amount) for one in shares], str(bill.own)) == (["KES 250.00"] * 3, "KES 250.00")
    pay(begin(shares[0], payer))
    assert paid_of(list(bill.shares.all()), "KES") == kes("250")
    with pytest.raises(KeyReused):
        split(asker, operations.equal_shares(kes("1000"), PHONES, with_me=False))
    assert_books_balance()


@pytest.mark.parametrize(
    "shares",
    [
        [],
        [operations.Share("0722 000 114", kes("1000.01"))],
        [operations.Share("0722 000 114", kes("1")), operations.Share("+254722000114", kes("1"))],
        [operations.Share(f"07990002{nth:02d}", kes("1")) for nth in range(21)],
    ],
)
def test_refuses_shares_that_do_not_make_the_bill_and_asks_nobody(two, shares):
    with pytest.raises(BadSplit):
        split(two[0], shares)
    assert not PaymentRequest.objects.exists()
    assert not SplitBill.objects.exists()


def test_one_share_that_cannot_be_asked_stops_them_all(two):
    asker, _payer = two
    shares = [operations.Share("0799 000 111", kes("10")), operations.Share(str(asker.owner.phone), kes("10"))]
    with pytest.raises(ToYourself):
        split(asker, shares)
    assert not PaymentRequest.objects.exists()


def test_the_audit_of_the_books_finds_a_request_that_does_not_follow_its_money(two):
    asker, payer = two
    request = ask(asker)
    pay(begin(request, payer))
    assert_books_balance()
    PaymentRequest.objects.filter(pk=request.pk).update(status="OPEN", over_at=None)
    with pytest.raises(AssertionError, match="request"):
        assert_books_balance()
