"""The rest of a loan's life at the desk: parts, a new loan for a late one, payments of earlier days, cash."""

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.testing import kes, make_teller
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.lending import operations
from apps.lending.models import Loan, Tranche
from apps.lending.testing import ask, end_days, make_borrower, make_loan, make_officer, signed, terms_of
from apps.portals.testing import sign_in
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_borrower(deposits="20000", kyc_tier="TIER_2")


def late(account):
    began = now() - timedelta(days=40)
    loan = make_loan(account, "5000", at=began)
    Loan.objects.filter(pk=loan.pk).update(auto_debit=False)
    end_days(began, now())
    loan.refresh_from_db()
    return loan


def decide(approval, officer):
    return enter(officer).post(reverse("admin:approval", args=[approval.pk]), {"decision": "approve", "note": "Seen"})


def test_records_a_payment_of_an_earlier_day_by_two(account):
    loan = late(account)
    client = enter(make_officer())
    address = reverse("admin:loan-earlier", args=[loan.public_id])
    assert "worked out anew" in client.get(address).content.decode()
    sent = {"amount": "2000", "came": "BANK", "document": "FT26-11", "reason": "Sat in the other tray"}
    refused = client.post(address, sent | {"paid_on": str(local_date(now()))})
    assert refused.status_code == 422
    assert "That day is not over" in refused.content.decode()
    assert client.post(address, sent | {"paid_on": str(local_date(now()) - timedelta(days=8))}).status_code == 303
    assert loan.repayments.count() == 0
    assert "waits for another person" in client.get(reverse("admin:loan", args=[loan.public_id])).content.decode()
    assert decide(Approval.objects.get(), make_officer()).status_code == 303
    assert loan.repayments.get().source == "BANK"
    assert_books_balance()


def test_puts_a_new_loan_in_place_of_a_late_one_by_two(account):
    loan = late(account)
    client = enter(make_officer())
    address = reverse("admin:loan-new", args=[loan.public_id])
    sent = {"product": "EMERGENCY", "periods": "4", "reason": "Lost her stall"}
    assert client.post(address, sent | {"periods": "99"}).status_code == 422
    assert client.post(address, sent).status_code == 303
    assert decide(Approval.objects.get(), make_officer()).status_code == 303
    made = Loan.objects.get(replaces=loan)
    assert (made.status, made.is_restructured) == ("APPROVED", True)
    shown = client.get(reverse("admin:loan", args=[made.public_id])).content.decode()
    assert loan.reference in shown


def test_plans_parts_and_pays_them_out_once(account):
    loan = ask(account, "30000", code="BUSINESS", terms=terms_of("BUSINESS", most_parts=3))
    officer = make_officer()
    client = enter(officer)
    address = reverse("admin:loan-parts", args=[loan.public_id])
    today = local_date(now())
    sent = {"amount_1": "10000", "on_1": str(today), "amount_2": "19000", "on_2": str(today), "milestone_2": "Roof"}
    wrong = client.post(address, sent)
    assert wrong.status_code == 422
    assert "must add up" in wrong.content.decode()
    assert client.post(address, sent | {"amount_2": "20000"}).status_code == 303
    desk = reverse("admin:loan", args=[loan.public_id])
    assert client.post(desk, {"act": "approve", "note": "Sound"}).status_code == 303
    signed(Loan.objects.shown().get(pk=loan.pk))
    assert client.post(desk, {"act": "disburse"}).status_code == 303
    for _press in range(2):
        assert client.post(address, {"pay": "2"}).status_code == 303
    assert [row.status for row in Tranche.objects.order_by("number")] == ["PAID", "PAID"]
    loan.refresh_from_db()
    assert (loan.principal_left_minor, loan.version) == (3_000_000, 2)
    assert "Version 2" in client.get(desk).content.decode()
    assert client.post(address, {"pay": "77"}).status_code == 404
    assert_books_balance()


def test_takes_cash_for_a_loan_by_its_reference(account):
    loan = late(account)
    teller, _till = make_teller(cash="0")
    client = enter(teller)
    address = reverse("admin:loan-cash")
    assert "No running loan" in client.get(address, {"loan": "LXXXXXXXXX"}).content.decode()
    page = client.get(address, {"loan": loan.reference.lower()})
    key = page.context["form"]["key"].value()
    sent = {"amount": "2000", "by_name": "Achieng", "key": key}
    review = client.post(f"{address}?loan={loan.reference}", sent)
    assert "Is this right?" in review.content.decode()
    assert loan.repayments.count() == 0
    for _press in range(2):
        done = client.post(f"{address}?loan={loan.reference}", sent | {"seen": "on"})
        assert done.status_code == 303
    assert loan.repayments.get().source == "CASH"
    assert loan.reference in client.get(done.headers["Location"]).content.decode()
    assert_books_balance()


@pytest.mark.parametrize("name", ["loan-earlier", "loan-new", "loan-parts"])
def test_is_closed_to_those_without_the_right(account, name):
    loan = make_loan(account, "5000")
    assert enter(make_staff("TELLER")).get(reverse(f"admin:{name}", args=[loan.public_id])).status_code == 403
    assert enter(make_staff("AUDITOR")).get(reverse("admin:loan-cash")).status_code == 403


def test_takes_a_payment_back_by_two_and_both_pages_say_so(account):
    loan = late(account)
    row = operations.repay(loan=loan, amount=kes("2000"), key="wrong", by=account.owner, at=now())
    client = enter(make_officer())
    desk = reverse("admin:loan", args=[loan.public_id])
    address = reverse("admin:repayment-back", args=[loan.public_id, row.reference])
    assert address in client.get(desk).content.decode()
    assert "stood before this payment" in client.get(address).content.decode()
    sent = {"because": "WRONG_LOAN", "to": "L222222222", "reason": "The slip says another loan"}
    refused = client.post(address, sent)
    assert (refused.status_code, "No other loan has that reference" in refused.content.decode()) == (422, True)
    assert client.post(address, sent | {"to": ""}).status_code == 303
    assert loan.repayments.standing().count() == 1
    assert "waits for another person" in client.get(desk).content.decode()
    assert client.post(address, sent | {"to": ""}).status_code == 409
    assert decide(Approval.objects.get(), make_officer()).status_code == 303
    assert not loan.repayments.standing().exists()
    shown = client.get(desk).content.decode()
    assert "It was meant for another loan" in shown
    assert address not in shown
    assert "taken back already" in client.get(address).content.decode()
    borrower = sign_in(account.owner)
    own = borrower.get(reverse("customer:loan", args=[loan.public_id])).content.decode()
    assert "it does not count" in own
    receipt = borrower.get(reverse("customer:loan-paid", args=[loan.public_id, row.reference])).content.decode()
    assert "It was meant for another loan" in receipt
    assert "Its money is on the account it came from. No penalty is charged" in receipt
    assert_books_balance()
