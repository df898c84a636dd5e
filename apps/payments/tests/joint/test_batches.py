"""Batches of a business: its mandate decides on them, too."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from apps.accounts.signing import ANY, SOME, Band
from apps.accounts.testing import balance_of, business_account, make_mandate
from apps.kernel.clock import now
from apps.kernel.testing import until_waiting
from apps.ledger.testing import assert_books_balance
from apps.payments import operations
from apps.payments.errors import NotASignatory
from apps.payments.testing import approve, bring, make_shop, proved, submit
from apps.payments.tests.bulk.firm import make_business_sole
from apps.users import operations as people
from apps.users.testing import make_customer, make_member

pytestmark = pytest.mark.django_db


def test_opens_a_shop_and_pays_a_batch_from_the_business(account, firm, second, payee):
    shop = make_shop(account, business=firm, by=firm.created_by)
    assert shop.settlement_account_id == account.pk
    bulk = bring(account, [(payee.number, "", "1500", "")], by=firm.created_by, business=firm)
    bulk = submit(bulk)
    assert bulk.status == "WAITING"
    with pytest.raises(NotASignatory):
        approve(bulk, make_member(firm, "SIGNATORY"))
    assert approve(bulk, second).status in {"RUNNING", "DONE"}


def test_wants_a_batch_signed_by_all_three_where_the_mandate_does(firm, second, payee):
    third, account = make_member(firm, "SIGNATORY"), business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, second, third)
    bulk = submit(bring(account, [(payee.number, "", "1500", "")], by=firm.created_by, business=firm))
    assert approve(bulk, second).status == "WAITING"
    assert approve(bulk, third).status in {"RUNNING", "DONE"}
    assert_books_balance()


def test_a_batch_is_not_asked_for_by_a_signatory_whom_the_mandate_does_not_name(account, firm, second, payee):
    unnamed = make_member(firm, "SIGNATORY")
    bulk = bring(account, [(payee.number, "", "1500", "")], by=firm.created_by, business=firm)
    with pytest.raises(NotASignatory):
        submit(bulk, by=unnamed)
    bulk.refresh_from_db()
    assert (bulk.status, balance_of(payee)) == ("CHECKED", "0.00")


def test_a_sole_traders_batch_is_not_paid_by_one_whom_the_mandate_does_not_name(payee):
    firm = make_business_sole(make_customer())
    account, unnamed = business_account(firm, balance="50000"), make_member(firm, "SIGNATORY")
    make_mandate(firm, firm.created_by, bands=[Band(None, ANY)])
    bulk = bring(account, [(payee.number, "", "1500", "")], by=firm.created_by, business=firm)
    with pytest.raises(NotASignatory):
        submit(bulk, by=unnamed)
    assert balance_of(account) == "50000.00"
    assert submit(bulk).status in {"RUNNING", "DONE"}


def test_does_not_count_who_asked_for_a_batch_and_left(firm, payee):
    third, fourth = make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, third, fourth, bands=[Band(None, SOME, 2)])
    bulk = submit(bring(account, [(payee.number, "", "1500", "")], by=third, business=firm))
    people.remove_member(member=firm.members.get(user=third), by=firm.created_by, at=now())
    assert approve(bulk, fourth).status == "WAITING"
    assert balance_of(account) == "50000.00"
    assert approve(bulk, firm.created_by).status in {"RUNNING", "DONE"}
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_a_batch_waits_for_a_removal_that_is_being_made_and_does_not_count_who_left(firm, payee):
    third, fourth = make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")
    account = business_account(firm, balance="50000")
    make_mandate(firm, firm.created_by, third, fourth, bands=[Band(None, SOME, 2)])
    bulk = submit(bring(account, [(payee.number, "", "1500", "")], by=third, business=firm))
    given = proved(bulk, "approve", fourth)

    def allow():
        try:
            return operations.bulk.approve(bulk=bulk, challenge_id=given, by=fourth, at=now()).status
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            people.remove_member(member=firm.members.get(user=third), by=firm.created_by, at=now())
            said = pool.submit(allow)
            until_waiting()
        assert said.result(timeout=20) == "WAITING"
    assert balance_of(account) == "50000.00"
    assert approve(bulk, firm.created_by).status in {"RUNNING", "DONE"}
