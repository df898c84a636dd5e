"""Held and stuck payments at the desk: decided once, with a note, by someone who may; the rest is looked at."""

import re
from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, make_account
from apps.fraud.models import FlaggedTransaction
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.payments.models import Payment
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import Desk, enter, pay
from apps.users.models import CustomerView
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def officer():
    return make_staff("COMPLIANCE_OFFICER")


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def test_shows_why_it_is_here_and_records_the_look(desk, officer):
    client = enter(officer)
    words = text_of(client.get("/workbench/queues/flagged/"))
    assert "A large amount" in words
    assert desk.customer.full_name not in words
    address = desk.pages()["flag"]
    for _nth in range(2):
        words = text_of(client.get(address))
    for said in ("LARGE_AMOUNT", "KES 1,000.00", desk.customer.full_name, desk.held.reference, "score"):
        assert said in words, said
    assert CustomerView.objects.filter(viewer=officer, customer=desk.customer).count() == 1


@pytest.mark.parametrize(
    ("decision", "status", "left"), [("clear", "COMPLETED", "19500.00"), ("stop", "FAILED", "20500.00")]
)
def test_is_decided_once_with_a_note(desk, officer, decision, status, left):
    client, address = enter(officer), desk.pages()["flag"]
    without = client.post(address, {"decision": decision, "note": " "})
    assert without.status_code == 422
    assert FlaggedTransaction.objects.get().status == "OPEN"
    done = client.post(address, {"decision": decision, "note": "Called her; she knows the shop"})
    assert done.headers["Location"] == "/workbench/queues/flagged/"
    deliver_events()
    desk.held.refresh_from_db()
    assert desk.held.status == status
    assert balance_of(desk.account) == left
    again = client.post(address, {"decision": "clear", "note": "Again"})
    assert again.status_code in {409, 422}
    assert "Called her" in text_of(client.get(address))
    assert "Called her" in text_of(client.get("/workbench/queues/flagged/"))
    assert_books_balance()


def test_nobody_decides_without_the_right(desk):
    client = enter(make_staff("BRANCH_MANAGER"))
    assert client.post(desk.pages()["flag"], {"decision": "clear", "note": "x"}).status_code == 403
    assert FlaggedTransaction.objects.get().status == "OPEN"
    assert "Held by the screen" not in client.get("/workbench/").content.decode()


def test_home_and_menu_count_what_waits(desk, officer, django_assert_max_num_queries):
    client = enter(officer)
    with django_assert_max_num_queries(22):
        words = text_of(client.get("/workbench/"))
    assert "1 payment held by the screen" in words
    assert "1 payment held or stuck" in words
    assert "/workbench/queues/flagged/" in client.get("/workbench/approvals/").content.decode()


def test_stuck_payments_stand_by_age(desk, officer, django_assert_max_num_queries):
    other = make_account(balance="90000")
    for nth, (status, age) in enumerate([("PENDING", 300), ("CHECKING", 900), ("PENDING", 60)]):
        payment = pay(other, make_account(), f"2000{nth}")
        Payment.objects.filter(pk=payment.pk).update(
            status=status, held_because="", rail="mpesa", to_account=None, sent_at=now() - timedelta(seconds=age)
        )
    client = enter(officer)
    with django_assert_max_num_queries(12):
        words = text_of(client.get("/workbench/payments/stuck/"))
    assert "3 payments" in words
    assert "KES 20,002.00" not in words, "a minute is not long"
    assert words.index("20,001.00") < words.index("20,000.00") < words.index("1,000.00 ")
    assert desk.customer.full_name not in words
    assert "Decide it" in words


def test_with_nothing_stuck_it_says_so():
    words = text_of(enter(make_staff("AUDITOR")).get("/workbench/payments/stuck/"))
    assert "Nothing is stuck" in words
    assert "Nothing waits for you" in text_of(enter(make_staff("COMPLIANCE_OFFICER")).get("/workbench/queues/flagged/"))


def test_the_palette_knows_the_pages(officer):
    client = enter(officer)
    page = client.get("/workbench/go/?q=stuck").content.decode()
    assert "/workbench/payments/stuck/" in page
    assert "/workbench/tariffs/" not in client.get("/workbench/go/?q=tariff").content.decode().partition("<main")[2]
