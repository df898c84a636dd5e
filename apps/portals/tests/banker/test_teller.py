"""The counter: found, seen once more, done once; and every refusal moves nothing."""

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import Account, CashMovement
from apps.accounts.testing import balance_of, make_account, make_teller
from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


class Counter:
    """A teller's browser, a till, and a customer before them."""

    def __init__(self, *, cash="5000", balance="3000"):
        self.teller, self.till = make_teller(cash=cash)
        self.account = make_account(make_customer(full_name="Achieng Otieno"), balance=balance)
        self.client = enter(self.teller)
        self.address = f"/workbench/teller/?account={self.account.number}"

    def slip(self, kind="DEPOSIT", amount="500", *, key="k1", seen="on", **facts):
        form = {"kind": kind, "amount": amount, "by_name": "Achieng", "key": key, "seen": seen, **facts}
        return self.client.post(self.address, form)

    def state(self):
        drawer = balances([self.till.ledger_account_id])[self.till.ledger_account_id].posted
        return balance_of(self.account), f"{drawer.amount:f}", CashMovement.objects.count()


@pytest.fixture
def counter():
    return Counter()


def test_finds_by_account_phone_and_id(counter):
    person = counter.account.owner
    for text in (counter.account.number, str(person.phone), person.id_number):
        answer = counter.client.get("/workbench/teller/", {"who": text})
        assert answer.headers["Location"] == counter.address, text
    savings = make_account(person, product="SAVINGS")
    page = counter.client.get("/workbench/teller/", {"who": str(person.phone)}).content.decode()
    assert f"?account={savings.number}" in page
    assert f"?account={counter.account.number}" in page


@pytest.mark.parametrize("text", ["", "  ", "0799999999", "\0", "'; --", "x" * 41, "999999999999"])
def test_says_when_it_finds_nobody(counter, text):
    assert counter.client.get("/workbench/teller/", {"who": text}).status_code in {400, 422}


@pytest.mark.parametrize("number", ["1", "%00", "x" * 5000, "%F0%9F%98%80"])
def test_an_account_that_is_not_there(counter, number):
    assert counter.client.get(f"/workbench/teller/?account={number}").status_code in {400, 404}
    assert counter.client.get(f"/workbench/teller/receipt/{number}/").status_code in {400, 404}


def test_shows_the_slip_before_it_is_done(counter):
    before = counter.state()
    answer = counter.slip(amount="1,500", seen="")
    page = answer.content.decode()
    assert answer.status_code == 200
    for words in ("Is this right?", "Take KES\u00a01,500.00", 'name="seen" value="on"', 'value="k1"'):
        assert words in page
    assert "Pay out KES\u00a0200.00" in counter.slip("WITHDRAWAL", "200", seen="").content.decode()
    assert counter.state() == before


def test_takes_in_and_pays_out_with_a_receipt(counter):
    answer = counter.slip(amount="1,500")
    assert answer.status_code == 303
    receipt = CashMovement.objects.get().receipt
    assert answer.headers["Location"] == f"/workbench/teller/receipt/{receipt}/"
    page = counter.client.get(answer.headers["Location"]).content.decode()
    for words in ("1,500.00", receipt, "Achieng Otieno", counter.teller.full_name, "Done"):
        assert words in page
    assert counter.account.number not in page, "a receipt shows the end of the number"
    assert counter.state() == ("4500.00", "6500.00", 1)
    assert counter.slip("WITHDRAWAL", "2500.50", key="k2").status_code == 303
    assert counter.state() == ("1969.50", "3999.50", 2)  # 25 for the counter and 5 of duty
    assert_books_balance()


def test_the_same_form_twice_is_one_movement_and_a_changed_one_is_refused(counter):
    first, again = counter.slip(), counter.slip()
    assert first.headers["Location"] == again.headers["Location"]
    after = counter.state()
    assert counter.slip(amount="501").status_code == 409
    assert counter.state() == after == ("3500.00", "5500.00", 1)
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_posted_ten_times_at_once_it_is_done_once():
    counter = Counter()
    answers = at_once(*[counter.slip] * 10)
    assert refusals(answers) == []
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert counter.state() == ("3500.00", "5500.00", 1)
    assert_books_balance()


def test_over_the_threshold_it_waits(counter):
    answer = counter.slip(amount="100,000.01")
    page = counter.client.get(answer.headers["Location"]).content.decode()
    assert "Waiting for a second person" in page
    assert "No money has moved" in page
    assert counter.state() == ("3000.00", "5000.00", 1)
    assert Approval.objects.get().amount_minor == 100_000_01


@pytest.mark.parametrize(
    "amount",
    ["-5", "0", "0.00", "", "ten", "1.234", "1e30", "9" * 30, "999999999999999m", "١٢٣",
     "1,50", "\0", "NaN", "Infinity"],
)  # fmt: skip
def test_refuses_an_amount_that_is_none(counter, amount):
    before = counter.state()
    answer = counter.slip(amount=amount)
    assert answer.status_code == 422
    assert 'id="errors"' in answer.content.decode()
    assert counter.state() == before


@pytest.mark.parametrize(
    "facts", [{"kind": "GIFT"}, {"by_name": ""}, {"by_name": "x" * 121}, {"key": ""}, {"key": "k" * 65}, {"note": "\0"}]
)
def test_refuses_a_slip_with_holes(counter, facts):
    before = counter.state()
    assert counter.client.post(
        counter.address,
        {"kind": "DEPOSIT", "amount": "5", "by_name": "A", "key": "k", "seen": "on", **facts},
    ).status_code == 422  # fmt: skip
    assert counter.state() == before


def test_refuses_more_than_the_account_or_the_till_holds(counter):
    before = counter.state()
    for amount, words in (("3000.01", "3,000.00"), ("6000", "till")):
        answer = counter.slip("WITHDRAWAL", amount)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    rich = Counter(cash="100", balance="9000")
    answer = rich.slip("WITHDRAWAL", "101")
    assert answer.status_code == 422
    assert "Your till does not hold that much" in answer.content.decode()
    assert rich.state() == ("9000.00", "100.00", 0)
    assert counter.state() == before
    assert_books_balance()


def test_a_frozen_account_pays_nothing_out_and_a_closed_one_takes_nothing_in(counter):
    accounts.freeze(account=counter.account, by=make_staff("BRANCH_MANAGER"), at=now(), reason="Order")
    assert counter.slip("WITHDRAWAL", "10").status_code in {409, 422}
    assert counter.state() == ("3000.00", "5000.00", 0)
    empty = Counter(balance="0")
    Account.objects.filter(pk=empty.account.pk).update(status="CLOSED")
    for kind in ("DEPOSIT", "WITHDRAWAL"):
        assert empty.slip(kind, "10").status_code in {409, 422}
    assert empty.state() == ("0.00", "5000.00", 0)


def test_no_teller_serves_themselves(counter):
    own = make_account(counter.teller, balance="50")
    answer = counter.client.post(
        f"/workbench/teller/?account={own.number}",
        {"kind": "DEPOSIT", "amount": "5", "by_name": "me", "key": "k", "seen": "on"},
    )
    assert answer.status_code == 422
    assert "Another teller must serve you" in answer.content.decode()
    assert balance_of(own) == "50.00"


def test_without_a_till_there_is_no_cash(counter):
    client = enter(make_staff("TELLER"))
    answer = client.post(counter.address, {"kind": "DEPOSIT", "amount": "5", "by_name": "A", "key": "k", "seen": "on"})
    assert answer.status_code == 422
    assert "You have no open till" in answer.content.decode()
    assert "You have no open till" in client.get("/workbench/teller/till/").content.decode()
    assert counter.state() == ("3000.00", "5000.00", 0)


def test_an_account_in_dollars_takes_dollars(counter):
    dollars = make_account(counter.account.owner, product="USD_CURRENT")
    answer = counter.client.post(
        f"/workbench/teller/?account={dollars.number}",
        {"kind": "DEPOSIT", "amount": "5", "by_name": "A", "key": "k", "seen": ""},
    )
    assert "Take USD\u00a05.00" in answer.content.decode()
    assert counter.state()[2] == 0


def test_asks_the_vault_and_moves_nothing_until_decided(counter):
    for wrong in ({"amount": "x", "reason": "r"}, {"amount": "-1", "reason": "r"}, {"amount": "5", "reason": ""}):
        assert counter.client.post("/workbench/teller/till/", wrong).status_code == 422
    answer = counter.client.post("/workbench/teller/till/", {"amount": "20k", "reason": "Market day"})
    asked = Approval.objects.get()
    assert answer.headers["Location"] == f"/workbench/approvals/{asked.pk}/"
    assert counter.state() == ("3000.00", "5000.00", 0)


def test_asks_the_database_no_more_with_more_slips(counter, django_assert_max_num_queries):
    for nth in range(12):
        counter.slip(amount="10", key=f"n{nth}")
    for address, most in {"/workbench/teller/till/": 14, counter.address: 16, "/workbench/": 16}.items():
        with django_assert_max_num_queries(most):
            assert counter.client.get(address).status_code == 200


def test_who_opens_a_slip_is_written_down_and_may_not_open_the_page_of_its_holder_for_it(counter):
    for opened in (counter.client.get(counter.address), counter.slip(amount="nothing")):
        assert "3,000.00" in opened.content.decode()
    seen = AuditLog.objects.filter(action="kernel.row.viewed", actor=counter.teller)
    assert set(seen.values_list("customer", "reason")) == {(counter.account.owner_id, "Cash at the counter")}
    assert seen.count() == 2
    page = counter.client.get(f"/workbench/customer/{counter.account.owner_id}/").content.decode()
    assert "Why do you open this page?" in page
    counter.slip()
    assert AuditLog.objects.get(action="accounts.cash.deposit").customer_id == counter.account.owner_id
