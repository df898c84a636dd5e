"""Posting one transfer: what it does, and every way it says no with nothing moved."""

from datetime import date, timedelta

import pytest
from django.db import DataError, connection, transaction

from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger.errors import AccountClosedForPosting, BrokenBooks, InsufficientFunds, ReferenceReused
from apps.ledger.models import Entry, LockedBalance, Transfer
from apps.ledger.rules.legs import Leg
from apps.ledger.testing import NOON, assert_books_balance, kes, open_wallet, pay, posted_in

pytestmark = pytest.mark.django_db


def standing():
    """Everything a refusal must leave as it was."""
    return (
        Transfer.objects.count(),
        Entry.objects.count(),
        list(LockedBalance.objects.order_by("pk").values_list("pk", "posted_minor", "held_minor", "seq")),
    )


def refused(error, act):
    """`act` is refused with `error` and moves nothing; gives the refusal back."""
    before = standing()
    with pytest.raises(error) as no, transaction.atomic():
        act()
    assert standing() == before
    assert_books_balance()
    return no.value


def test_moves_money_between_two_wallets():
    payer, payee = open_wallet(100), open_wallet()
    posted = pay(payer, payee, kes("60.50"), reference="payments/1")
    assert not posted.is_replay
    assert (posted_in(payer), posted_in(payee)) == (kes("39.50"), kes("60.50"))
    assert [(one.leg, one.amount_minor, one.balance_after, one.seq) for one in posted.entries] == [
        (1, 6050, 3950, 2),
        (2, -6050, 6050, 1),
    ]
    transfer = Transfer.objects.get(pk=posted.transfer_id)
    assert (transfer.reference, transfer.kind, transfer.booked_on) == ("payments/1", "TEST_PAYMENT", date(2026, 3, 2))
    assert transfer.created_at == NOON
    assert list(transfer.entries.order_by("leg").values_list("pk", flat=True)) == [
        posted.transfer_id * 1000 + 1,
        posted.transfer_id * 1000 + 2,
    ]
    assert_books_balance()


def test_costs_one_query(django_assert_num_queries):
    payer, payee = open_wallet(100), open_wallet()
    legs = [ledger.debit(payer, kes(1)), ledger.credit(payee, kes(1))]
    with django_assert_num_queries(1):
        ledger.post(reference="one", kind="P2P", narrative="", legs=legs, at=NOON)


def test_keeps_what_it_was_told():
    payer = open_wallet(100)
    posted = ledger.post(
        reference="fee/1",
        kind="FEE",
        narrative="Ada ya mwezi — ✓",
        legs=[ledger.debit(payer, kes(5)), ledger.credit("fees:maintenance", kes(5))],
        details={"tariff": 7, "words": "ñ"},
        booked_on=date(2026, 2, 28),
        at=NOON,
    )
    transfer = Transfer.objects.get(pk=posted.transfer_id)
    assert transfer.details == {"tariff": 7, "words": "ñ"}
    assert transfer.narrative == "Ada ya mwezi — ✓"
    assert set(transfer.entries.values_list("booked_on", flat=True)) == {date(2026, 2, 28)}
    assert_books_balance()


def test_books_on_the_banks_own_calendar_day():
    late = NOON.replace(hour=22)  # one in the morning of the next day in Nairobi
    payer, payee = open_wallet(100), open_wallet()
    posted = pay(payer, payee, kes(1), at=late)
    assert Transfer.objects.get(pk=posted.transfer_id).booked_on == date(2026, 3, 3)


def test_gives_the_stored_result_when_asked_again():
    payer, payee = open_wallet(100), open_wallet()
    first = pay(payer, payee, kes(60), reference="payments/1")
    pay(payer, payee, kes(10))
    before = standing()
    again = pay(payer, payee, kes(60), reference="payments/1", at=NOON + timedelta(days=1))
    assert again.is_replay
    assert (again.transfer_id, again.entries) == (first.transfer_id, first.entries)
    assert standing() == before
    assert_books_balance()


def test_gives_it_although_the_money_has_gone_or_the_account_is_blocked_since():
    payer, payee = open_wallet(100), open_wallet()
    first = pay(payer, payee, kes(100), reference="payments/1")
    ledger.block_account(payee, at=NOON)
    again = pay(payer, payee, kes(100), reference="payments/1")
    assert again.is_replay
    assert again.entries == first.entries
    assert_books_balance()


def test_refuses_a_reference_with_another_body():
    payer, payee = open_wallet(100), open_wallet()
    pay(payer, payee, kes(60), reference="payments/1")
    no = refused(ReferenceReused, lambda: pay(payer, payee, kes(10), reference="payments/1"))
    assert (no.status, no.facts) == (409, {"reference": "payments/1"})
    refused(ReferenceReused, lambda: pay(payee, payer, kes(60), reference="payments/1"))
    refused(ReferenceReused, lambda: pay(payer, open_wallet(code="third"), kes(60), reference="payments/1"))


def test_words_may_differ_the_second_time():
    payer, payee = open_wallet(100), open_wallet()
    legs = [ledger.debit(payer, kes(1)), ledger.credit(payee, kes(1))]
    ledger.post(reference="p", kind="P2P", narrative="Rent", legs=legs, at=NOON)
    assert ledger.post(reference="p", kind="P2P", narrative="Kodi", details={"a": 1}, legs=legs, at=NOON).is_replay


def test_never_goes_below_nothing():
    payer, payee = open_wallet(100), open_wallet()
    no = refused(InsufficientFunds, lambda: pay(payer, payee, kes("100.01")))
    assert (no.status, no.code) == (422, "insufficient_funds")
    assert no.facts == {
        "available": {"amount": "100.00", "currency": "KES"},
        "needed": {"amount": "100.01", "currency": "KES"},
    }
    pay(payer, payee, kes(100))
    assert posted_in(payer) == kes(0)


def test_goes_as_low_as_its_floor():
    payer, payee = open_wallet(100, floor=kes(-50)), open_wallet()
    pay(payer, payee, kes(150))
    assert posted_in(payer) == kes(-50)
    no = refused(InsufficientFunds, lambda: pay(payer, payee, kes("0.01")))
    assert no.facts["available"]["amount"] == "0.00"


def test_keeps_what_the_floor_asks_for():
    payer, payee = open_wallet(), open_wallet()
    ledger.set_floor(payer, kes(-10), at=NOON)
    pay(payer, payee, kes(10))
    assert posted_in(payer) == kes(-10)


def test_holds_an_asset_account_to_its_floor_as_well():
    till = ledger.open_account(
        code="till/1", name="Till", kind="ASSET", currency="KES", parent_code="1020-KES", at=NOON
    )
    wallet = open_wallet(100)
    ledger.post(
        reference="in",
        kind="CASH",
        narrative="",
        legs=[ledger.debit(till, kes(30)), ledger.credit(wallet, kes(30))],
        at=NOON,
    )
    assert posted_in(till) == kes(30)
    out = [ledger.debit(wallet, kes(31)), ledger.credit(till, kes(31))]
    no = refused(InsufficientFunds, lambda: ledger.post(reference="out", kind="CASH", narrative="", legs=out, at=NOON))
    assert no.account_id == till.id


def test_says_nothing_of_the_banks_own_balances():
    wallet = open_wallet()
    legs = [ledger.debit(wallet, kes(1)), ledger.credit("1010-KES", kes(1))]
    ledger.set_floor(wallet, kes(-5), at=NOON)
    no = refused(InsufficientFunds, lambda: ledger.post(reference="v", kind="X", narrative="", legs=legs, at=NOON))
    assert no.facts == {}
    assert no.account_id == ledger.gl("cash:vault", "KES").id


def test_refuses_a_blocked_account_until_it_is_unblocked():
    payer, payee = open_wallet(100), open_wallet()
    ledger.block_account(payee, at=NOON)
    no = refused(AccountClosedForPosting, lambda: pay(payer, payee, kes(1)))
    assert (no.status, no.facts) == (422, {"account": payee.code})
    ledger.unblock_account(payee, at=NOON)
    pay(payer, payee, kes(1))
    assert_books_balance()


def test_refuses_a_blocked_account_of_the_bank():
    payer = open_wallet(100)
    ledger.block_account(ledger.gl("fees:transfer", "KES"), at=NOON)
    refused(AccountClosedForPosting, lambda: pay(payer, "fees:transfer", kes(1)))


def test_uses_currencies_without_decimals():
    wallet = open_wallet(5000, currency="UGX")
    assert posted_in(wallet) == Money(5000, "UGX")


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_takes_no_leg_of_nothing_or_less(amount):
    with pytest.raises(ledger.Unbalanced):
        ledger.debit("1040-KES", Money.of(amount, "KES"))


def test_crashes_on_legs_that_do_not_balance():
    payer, payee = open_wallet(100), open_wallet()
    legs = [ledger.debit(payer, kes(10)), ledger.credit(payee, kes(9))]
    refused(ledger.Unbalanced, lambda: ledger.post(reference="u", kind="X", narrative="", legs=legs, at=NOON))


def test_crashes_on_a_leg_in_another_currency_than_its_account():
    payer, payee = open_wallet(100), open_wallet(currency="USD")
    with pytest.raises(ledger.WrongCurrency):
        ledger.credit(payee, kes(1))
    legs = [ledger.debit(payer, kes(1)), ledger.credit(payee.id, kes(1))]
    refused(BrokenBooks, lambda: ledger.post(reference="w", kind="X", narrative="", legs=legs, at=NOON))


@pytest.mark.parametrize("account", [999_999_999_999, "2000-KES", "2010-KES"])
def test_crashes_on_an_account_that_is_not_there_or_takes_no_entries(account):
    payer = open_wallet(100)
    legs = [ledger.debit(payer, kes(1)), ledger.credit(account, kes(1))]
    refused(BrokenBooks, lambda: ledger.post(reference="a", kind="X", narrative="", legs=legs, at=NOON))


def test_knows_no_account_by_an_unknown_code_or_purpose():
    with pytest.raises(LookupError):
        ledger.debit("wallet/none", kes(1))
    with pytest.raises(LookupError):
        ledger.debit("fees:none", kes(1))
    with pytest.raises(KeyError):
        ledger.debit("4040-XXX", kes(1))


def test_posts_to_a_customers_code():
    wallet = open_wallet(code="wallet/by-code")
    pay(open_wallet(10), "wallet/by-code", kes(1))
    assert posted_in(wallet) == kes(1)


def test_crashes_when_a_balance_leaves_bigint():
    most = 2**62
    payers, payee = [open_wallet(floor=Money(-most, "KES")) for _ in range(2)], open_wallet()
    legs = [[Leg(payer.id, most, "KES"), Leg(payee.id, -most, "KES")] for payer in payers]
    ledger.post(reference="large", kind="X", narrative="", legs=legs[0], at=NOON)
    before = standing()
    with pytest.raises(DataError), transaction.atomic():
        ledger.post(reference="larger", kind="X", narrative="", legs=legs[1], at=NOON)
    with pytest.raises(DataError), transaction.atomic():
        ledger.post_many([ledger.Posting(reference="larger", kind="X", narrative="", legs=legs[1])], at=NOON)
    assert standing() == before
    assert_books_balance()


def test_is_undone_with_the_transaction_around_it():
    payer, payee = open_wallet(100), open_wallet()
    before = standing()

    @transaction.atomic
    def pays_and_fails():
        pay(payer, payee, kes(1))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        pays_and_fails()
    assert standing() == before
    assert_books_balance()


def test_goes_on_after_a_refusal_caught_around_a_savepoint():
    payer, payee = open_wallet(5), open_wallet()
    with transaction.atomic():
        with pytest.raises(InsufficientFunds), transaction.atomic():
            pay(payer, payee, kes(6))
        pay(payer, payee, kes(5))
    assert posted_in(payee) == kes(5)
    assert_books_balance()


def test_leaves_the_session_unable_to_write_by_hand():
    pay(open_wallet(5), open_wallet(), kes(1))
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert "posting" not in cursor.fetchone()[0]
