"""The bank's payouts to phones: made by one, allowed by another, sent a few at a time, each followed to its end."""

import pytest

from apps.accounts.queries import holding
from apps.accounts.testing import give
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations
from apps.mpesa.models import MpesaTransaction
from apps.payments import tasks as carrying
from apps.payments.models import BulkPayment, RowError
from apps.payments.testing import submit
from apps.users.queries import system_user
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
BULK = "/api/v1/mpesa/bulk-payments/"


@pytest.fixture
def house(transactional_db):
    account = operations.payouts_account(by=system_user(), at=now())
    give(account, "10000")
    return account


def create(client, who, lines, key="key-1"):
    body = {"name": "Commission", "lines": lines}
    head = {**bearer(who), "Idempotency-Key": key}
    return client.post(BULK, body, content_type="application/json", headers=head)


def line(phone, amount, **more):
    return {"phone": phone, "amount": amount, **more}


def test_goes_to_every_phone_at_its_pace_and_each_result_is_kept(client, house, safaricom, settings):
    settings.MPESA_BULK_PACE = 2
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER", limit_minor=10_000_00)
    safaricom.plan("b2c", result_code="2040", times=1)
    lines = [line(f"072200011{nth}", "500", name="Otieno") for nth in (1, 2, 3)]
    made = create(client, maker, lines)
    assert (made.status_code, made.json()["status"], made.json()["good_rows"]) == (201, "DRAFT", 3)
    assert create(client, maker, lines).json()["id"] == made.json()["id"]
    one = f"{BULK}{made.json()['id']}/"
    assert client.post(f"{one}approve/", headers=bearer(checker)).status_code == 409
    bulk = submit(BulkPayment.objects.get(), by=maker)
    assert client.post(f"{one}approve/", headers=bearer(maker)).status_code == 403
    approved = client.post(f"{one}approve/", headers=bearer(checker))
    assert (approved.status_code, approved.json()["status"]) == (200, "SENDING")
    assert holding(house).available.minor == 850_000
    assert_books_balance()
    for sent in (2, 3):
        carrying.sweep_bulk()
        safaricom.work()
        deliver_events()
        assert MpesaTransaction.objects.filter(kind="B2C").count() == sent
        assert_books_balance()
    bulk.refresh_from_db()
    assert bulk.status == "PARTLY_FAILED"
    states = list(bulk.rows.order_by("number").values_list("status", "error"))
    assert sorted(states) == [("FAILED", RowError.NOT_CARRIED), ("PAID", ""), ("PAID", "")]
    held = holding(house)
    assert (held.posted.minor, held.available.minor) == (900_000, 900_000)
    shown = client.get(one, headers=bearer(checker)).json()
    assert (shown["status"], shown["paid"], shown["failed"]) == ("PARTLY_FAILED", 2, 1)
    assert_books_balance()


def test_says_of_each_line_what_mpesa_would_not_take(client, house):
    maker = make_staff("BRANCH_MANAGER")
    lines = [line("0722000111", "5"), line("0722000111", "10.50"), line("071", "50"), line("+255712345678", "50")]
    made = create(client, maker, lines).json()
    bulk = BulkPayment.objects.get(public_id=made["id"])
    assert list(bulk.rows.order_by("number").values_list("error", flat=True)) == [
        "RAIL_REFUSES", "RAIL_REFUSES", "PAYEE_UNREADABLE", "RAIL_REFUSES",
    ]  # fmt: skip


def test_is_the_work_of_those_who_hold_the_right(client, house):
    assert client.get(BULK).status_code == 401
    for who in (make_customer(), make_staff("TELLER")):
        assert client.get(BULK, headers=bearer(who)).status_code == 403
        assert create(client, who, [line("0722000111", "50")]).status_code == 403
    assert client.get(BULK, headers=bearer(make_staff("BRANCH_MANAGER"))).json()["results"] == []
    assert not BulkPayment.objects.exists()
