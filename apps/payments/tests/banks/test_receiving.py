"""Other banks pay our customers: on the account once, in suspense, or refused with the reason, and the books agree."""

import uuid
from dataclasses import replace
from unittest.mock import Mock

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Transaction
from apps.accounts.testing import balance_of, kes, make_account
from apps.kernel.clock import local_date, now
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.errors import BooksBusy
from apps.notifications.testing import messages_to
from apps.payments import iso20022 as iso
from apps.payments.models import Channel, IncomingTransfer
from apps.payments.operations import banks
from apps.payments.operations.banks.news import keep_news
from apps.payments.operations.banks.receiving import receive_entry
from apps.payments.tests.banks.desk import settles_at, sound
from apps.payments.tests.banks.incoming import came, load_sanctions, told
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


def test_it_is_on_the_account_once_and_the_customer_is_told_who_sent_it():
    account = make_account(balance="100")
    first = told(account)
    rows = [banks.receive(channel=Channel.PESALINK, told=first, at=now()) for _nth in range(3)]
    assert {row.pk for row in rows} == {rows[0].pk}
    assert (rows[0].status, balance_of(account)) == ("CREDITED", "5100.00")
    assert settles_at("pesalink:settlement") == 500_000
    line = Transaction.objects.filter(account=account).latest("pk")
    assert (line.reference, line.counterparty) == (rows[0].reference, "Peter Kamau Mwangi")
    assert "Rent" in line.description
    deliver_events()
    (message,) = [each for each in messages_to(str(account.owner.phone)) if rows[0].reference in each.body]
    assert "Peter Kamau Mwangi, Equity Bank" in message.body
    sound()


def test_a_transfer_that_meets_busy_books_is_not_refused_and_may_be_told_again(monkeypatch):
    account = make_account()
    first = told(account)
    with monkeypatch.context() as others:
        others.setattr(accounts, "post", Mock(side_effect=BooksBusy("Another transaction is in the way.")))
        with pytest.raises(BooksBusy):
            banks.receive(channel=Channel.PESALINK, told=first, at=now())
    assert banks.receive(channel=Channel.PESALINK, told=first, at=now()).status == "CREDITED"


def test_the_same_uetr_with_another_amount_moves_nothing_more():
    account = make_account()
    first = told(account)
    banks.receive(channel=Channel.PESALINK, told=first, at=now())
    again = banks.receive(channel=Channel.PESALINK, told=replace(first, amount=kes("9000")), at=now())
    assert (again.amount, balance_of(account)) == (kes("5000"), "5000.00")


@pytest.mark.parametrize("by", ["number", "spaced", "phone"])
def test_the_account_is_found_by_its_number_or_the_holders_phone(by):
    account = make_account()
    number, phone = account.number, str(account.owner.phone)
    where = {"number": number, "spaced": f"{number[:4]} {number[4:]}", "phone": f"0{phone[-9:]}"}[by]
    assert came(where).account_id == account.pk


def test_what_cannot_be_given_to_anybody_is_refused_with_the_reason_and_nothing_moves():
    closed, dollars = make_account(), make_account()
    accounts.close(account=closed, by=closed.owner, at=now())
    poor = make_account()
    for account, reason, more in (
        ("01234567890123", "AC01", {}),
        ("", "AC01", {"words": ""}),
        ("", "AC01", {"words": poor.number}),  # words lead nowhere but where an app said so
        (closed, "AC04", {}),
        (poor, "AM21", {"amount": "9000000"}),
        (dollars, "AM03", {"currency": "USD"}),
    ):
        row = came(account, **more)
        assert (row.status, row.reason, row.transfer_id) == ("REFUSED", reason, None), account
    assert settles_at("pesalink:settlement") == 0
    deliver_events()
    assert [each for each in messages_to(str(poor.owner.phone)) if "REFUSED" in each.body and "level" in each.body]
    assert not [each for each in messages_to(str(closed.owner.phone)) if "REFUSED" in each.body]
    sound()


def test_what_an_entry_brings_waits_when_it_cannot_be_given_to_anybody():
    row_of = IncomingTransfer.objects.get
    assert receive_entry(channel=Channel.BANK, told=told("nobody", reference="C1", uetr=None), at=now())
    row = row_of(their_reference="C1")
    assert (row.status, row.reason) == ("SUSPENSE", "AC01")
    assert (settles_at("bank:settlement"), settles_at("suspense:receipts")) == (500_000, 500_000)
    assert receive_entry(channel=Channel.BANK, told=told("nobody", reference="C1", uetr=None), at=now())
    assert IncomingTransfer.objects.count() == 1
    sound()


def test_the_entry_of_what_was_taken_before_books_nothing_more():
    account = make_account()
    said = told(account)
    banks.receive(channel=Channel.PESALINK, told=said, at=now())
    assert receive_entry(channel=Channel.PESALINK, told=replace(said, reference="C9"), at=now())
    assert receive_entry(channel=Channel.PESALINK, told=replace(said, reference="C9"), at=now())
    assert not receive_entry(channel=Channel.PESALINK, told=replace(said, reference="C10"), at=now())
    assert not receive_entry(channel=Channel.PESALINK, told=replace(said, reference="C9", amount=kes("1")), at=now())
    assert balance_of(account) == "5000.00"
    refused = told("nobody")
    banks.receive(channel=Channel.PESALINK, told=refused, at=now())
    assert not receive_entry(channel=Channel.PESALINK, told=replace(refused, reference="C11"), at=now())
    sound()


def test_an_entry_without_a_uetr_is_matched_only_beyond_doubt():
    account = make_account()
    banks.receive(channel=Channel.PESALINK, told=told(account), at=now())
    entry = told(account, uetr=None, reference="C1")
    assert receive_entry(channel=Channel.PESALINK, told=entry, at=now())
    banks.receive(channel=Channel.PESALINK, told=told(account), at=now())
    banks.receive(channel=Channel.PESALINK, told=told(account), at=now())
    assert not receive_entry(channel=Channel.PESALINK, told=replace(entry, reference="C2"), at=now())
    assert balance_of(account) == "15000.00"


def test_who_may_be_on_a_list_is_neither_refused_nor_paid_nor_told():
    account = make_account()
    load_sanctions()
    row = came(account, payer_name="WARSAME ZUBAIR")
    assert (row.status, row.reason, balance_of(account)) == ("SUSPENSE", "RR04", "0.00")
    deliver_events()
    assert not messages_to(str(account.owner.phone))
    assert not IncomingTransfer.objects.of(account.owner).arrived().exists()
    sound()


def test_a_frozen_account_still_takes_money():
    account = make_account()
    accounts.freeze(account=account, by=account.owner, at=now())
    account = Account.objects.get(pk=account.pk)
    assert came(account).status == "CREDITED"


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_are_one():
    account = make_account()
    said = told(account)
    results = at_once(*[lambda: banks.receive(channel=Channel.PESALINK, told=said, at=now()) for _nth in range(10)])
    assert refusals(results) == []
    assert {row.pk for row in results} == {IncomingTransfer.objects.get().pk}
    assert balance_of(account) == "5000.00"
    sound()


@pytest.mark.django_db(transaction=True)
def test_the_message_and_its_entry_at_once_are_one():
    account = make_account()
    said = told(account, uetr=uuid.uuid4())
    at_once(
        *[lambda: banks.receive(channel=Channel.ABROAD, told=said, at=now()) for _nth in range(3)],
        *[
            lambda: receive_entry(channel=Channel.ABROAD, told=replace(said, reference="C1"), at=now())
            for _nth in range(3)
        ],
    )
    assert balance_of(account) == "5000.00"
    sound()


def test_an_entry_that_breaks_silences_none_after_it():
    accounts_of = [make_account() for _nth in range(3)]
    entries = []
    for account, reference in zip(accounts_of, ("B1", "B1", "B2"), strict=True):  # twice one name
        brings = told(account, reference=reference)
        entries.append(iso.Entry(reference, brings.amount, local_date(now()), "", False, "", "", brings.uetr, brings))
    said = iso.Statement("N-1", 1, "SETTLEMENT", None, None, tuple(entries))
    row = keep_news(channel=Channel.BANK, sequence=1, raw=b"<x/>", news=(said,), at=now())
    assert [one["reference"] for one in row.disputed] == ["B1"]
    assert [balance_of(one) for one in accounts_of] == ["5000.00", "0.00", "5000.00"]
    sound()


def test_a_phone_with_its_country_code_is_found_whatever_its_digits_add_up_to():
    account = make_account(make_customer(phone="+254712345902"))  # which holds together as an account's number would
    assert came("254712345902").account_id == account.pk


@pytest.mark.parametrize(
    ("bank", "status"),
    [("EQBLKENA", "REFUSED"), ("01", "REFUSED"), ("KITBKENAXXX", "CREDITED"), ("99001", "CREDITED")],
)
def test_a_transfer_for_another_bank_is_nobodys_here_though_the_phone_is(bank, status):
    account = make_account()
    row = came(str(account.owner.phone), bank=bank)
    assert (row.status, row.reason) == (status, "RC01" if status == "REFUSED" else "")
    sound()
