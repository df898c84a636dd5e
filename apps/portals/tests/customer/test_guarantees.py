"""Standing for a loan on the pages: asked by phone, given with savings and proof, declined; nobody else sees it."""

import pytest
from django.urls import reverse

from apps.accounts.testing import balance_of, make_account
from apps.ledger.testing import assert_books_balance
from apps.lending.models import Guarantee, Loan
from apps.lending.testing import ask
from apps.notifications.testing import code_sent_to
from apps.portals.testing import sign_in
from apps.portals.tests.customer.loans import Borrower, text
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


class Circle:
    """A borrower with savings, who has asked for a loan that others must stand for; and a friend who saves here."""

    def __init__(self):
        self.one = Borrower(full_name="Achieng Otieno")
        make_account(self.one.user, balance="3000", product="SAVINGS")
        self.friend = make_customer(full_name="Baraka Mwangi", phone="+254722000114")
        make_account(self.friend)
        self.savings = make_account(self.friend, balance="9000", product="SAVINGS")
        self.browser = sign_in(self.friend)
        self.loan = ask(self.one.account, "10000", code="SAVINGS_BACKED")
        self.place = reverse("customer:loan-guarantors", args=[self.loan.public_id])

    def ask(self, amount="7500", phone="0722 000 114"):
        return self.one.browser.post(self.place, {"phone": phone, "amount": amount})

    def asked(self):
        assert self.ask().status_code == 303
        return reverse("customer:guarantee", args=[Guarantee.objects.get().public_id])


@pytest.fixture
def circle():
    return Circle()


def test_shows_whom_to_ask_and_how_far_it_goes(circle):
    page = text(circle.one.browser.get(circle.place))
    assert "Nobody is asked yet" in page
    assert "7,500.00" in page
    circle.asked()
    page = text(circle.one.browser.get(circle.place))
    assert "Baraka M." in page
    assert "0722 ••• 114" in page
    assert "Mwangi" not in page


@pytest.mark.parametrize(
    ("phone", "amount", "words"),
    [
        ("0799 000 999", "7500", "Nobody at KitBank has that phone. Nobody was asked."),
        ("0722 000 114", "10001", "at most the loan. Nobody was asked."),
        ("nobody", "7500", "phone"),
    ],
)
def test_refuses_and_asks_nobody(circle, phone, amount, words):
    assert words in text(circle.ask(amount, phone), 422)
    assert not Guarantee.objects.exists()


def test_nobody_stands_for_their_own_loan(circle):
    answer = circle.ask(phone=str(circle.one.user.phone))
    assert "nobody guarantees their own loan" in text(answer, 422)


def test_is_given_with_proof_and_holds_savings(circle):
    place = circle.asked()
    assert "Achieng O." in text(circle.browser.get("/borrow"))
    page = text(circle.browser.get(place))
    assert "Achieng O. asks you" in page
    assert "Otieno" not in page
    assert "You keep it and it earns interest, but you cannot take it out." in page
    assert circle.browser.post(f"{place}/code?account={circle.savings.pk}", {"way": "SMS"}).status_code == 303
    answer = circle.browser.post(place, {"code": code_sent_to(str(circle.friend.phone))})
    assert answer.status_code == 303
    row = Guarantee.objects.get()
    assert (row.status, row.held_minor) == ("GIVEN", 750_000)
    assert balance_of(circle.savings) == "9000.00"
    assert "Held now" in text(circle.browser.get(place))
    assert "You stand for" in text(circle.browser.get("/borrow"))
    assert "We wait for a loan officer" in text(
        circle.one.browser.get(reverse("customer:loan", args=[circle.loan.public_id]))
    )
    assert circle.browser.post(place, {"code": "000000"}).status_code == 303
    assert Guarantee.objects.get().times == 1
    assert_books_balance()


def test_a_wrong_code_holds_nothing(circle):
    place = circle.asked()
    circle.browser.post(f"{place}/code", {"way": "SMS"})
    assert "You can try" in text(circle.browser.post(place, {"code": "000000"}), 422)
    assert Guarantee.objects.get().status == "ASKED"


def test_says_when_savings_are_short_or_missing(circle):
    circle.ask("9500")
    place = reverse("customer:guarantee", args=[Guarantee.objects.get().public_id])
    assert "There is not enough on it." in text(circle.browser.get(place))
    other = make_customer()
    circle.ask("500", str(other.phone))
    row = Guarantee.objects.get(guarantor=other)
    page = text(sign_in(other).get(reverse("customer:guarantee", args=[row.public_id])))
    assert "You have no savings account" in page


def test_is_declined(circle):
    place = circle.asked()
    assert circle.browser.post(f"{place}/decline").status_code == 303
    assert Guarantee.objects.get().status == "DECLINED"
    assert circle.browser.post(f"{place}/decline").status_code == 409
    assert "Declined" in text(circle.one.browser.get(circle.place))


def test_belongs_to_the_one_who_is_asked(circle):
    place = circle.asked()
    for browser in (circle.one.browser, sign_in(make_customer())):
        assert browser.get(place).status_code == 404
        assert browser.post(f"{place}/decline").status_code == 404
        assert browser.post(place, {"code": "000000"}).status_code == 404
    assert Guarantee.objects.get().status == "ASKED"
    assert Loan.objects.get().status == "APPLIED"
