"""Money paid to our paybill is on the account its reference names, or in suspense until a person places it."""

import json
import uuid

import pytest
from django.core.checks import run_checks

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger import operations as ledger
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance
from apps.mpesa import addresses, operations, rules, tasks
from apps.mpesa.errors import AlreadyPlaced
from apps.mpesa.models import Callback, MpesaTransaction
from apps.notifications.testing import messages_to
from apps.users import operations as people
from apps.users.models import User
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db(transaction=True)
PAYER = "254733000222"


def suspense() -> str:
    held = ledger.gl("suspense:receipts", "KES")
    return f"{balances([held.id])[held.id].posted.amount:f}"


@pytest.fixture
def paybill(safaricom):
    operations.register_addresses()
    return safaricom


@pytest.mark.parametrize("by", ["number", "phone"])
def test_finds_the_account_by_number_or_phone(paybill, account, by):
    reference = account.number if by == "number" else "0" + str(account.owner.phone)[4:]
    paybill.pay(PAYER, 700, reference)
    paybill.tell()
    assert balance_of(account) == "5700.00"
    row = MpesaTransaction.objects.get()
    assert (row.kind, row.account_id, row.in_suspense) == ("C2B", account.pk, False)
    deliver_events()
    assert row.receipt in messages_to(account.owner.phone)[-1].body
    assert_books_balance()


def test_told_twice_it_counts_once(paybill, account):
    paybill.plan("c2b", callback="DUPLICATE")
    paybill.pay(PAYER, 700, account.number)
    paybill.tell()
    paybill.tell()
    assert balance_of(account) == "5700.00"
    assert_books_balance()


def test_without_an_owner_it_waits_in_suspense_and_is_placed_once(paybill, account, client):
    paybill.pay(PAYER, 700, "ROSE")
    paybill.tell()
    row = MpesaTransaction.objects.get()
    assert (row.in_suspense, suspense(), balance_of(account)) == (True, "700.00", "5000.00")
    officer = make_staff("BRANCH_MANAGER")
    listed = client.get("/api/v1/mpesa/suspense/", headers=bearer(officer)).json()["results"]
    assert [one["receipt"] for one in listed] == [row.receipt]
    path = f"/api/v1/mpesa/transactions/{row.public_id}/place/"
    body = {"account": account.number, "reason": "She showed the SMS"}
    sent = {"content_type": "application/json", "headers": bearer(officer)}
    assert client.post(path, {**body, "account": "001000000000"}, **sent).status_code == 404
    assert client.post(path, body, **sent).json()["in_suspense"] is False
    assert client.post(path, body, **sent).status_code == 409
    assert client.post(path, body, content_type="application/json", headers=bearer(account.owner)).status_code == 403
    assert (suspense(), balance_of(account)) == ("0.00", "5700.00")
    assert_books_balance()


def test_two_who_place_it_at_once_place_it_once(paybill, account):
    other = make_account()
    paybill.pay(PAYER, 700, "ROSE")
    paybill.tell()
    row = MpesaTransaction.objects.get()
    one, two = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER")
    tried = at_once(
        lambda: operations.place(row=row, account=account, reason="hers", by=one, at=now()),
        lambda: operations.place(row=row, account=other, reason="his", by=two, at=now()),
    )
    assert [type(no) for no in refusals(tried)] == [AlreadyPlaced]
    assert suspense() == "0.00"
    assert_books_balance()


def test_nobody_places_it_alone_for_themselves_or_without_the_right(paybill, account):
    paybill.pay(PAYER, 700, "ROSE")
    paybill.tell()
    row = MpesaTransaction.objects.get()
    manager = make_staff("BRANCH_MANAGER")
    for by, reason in ((make_staff("TELLER"), "hers"), (manager, " ")):
        with pytest.raises(NotAllowed):
            operations.place(row=row, account=account, reason=reason, by=by, at=now())
    assert suspense() == "700.00"


def test_an_account_that_cannot_take_it_leaves_it_in_suspense(paybill):
    full = make_account(make_customer(), balance="99999")
    paybill.pay(PAYER, 700, full.number)
    paybill.tell()
    assert (balance_of(full), suspense()) == ("99999.00", "700.00")
    assert_books_balance()


def test_validation_refuses_what_cannot_be_placed(paybill, account):
    paybill.control("organisations", shortcode="174379", validates=True)
    closed = make_account()
    accounts.close(account=closed, by=closed.owner, at=now())
    for reference in ("NOBODY", closed.number):
        answer = paybill.web.post(
            f"/phone/{PAYER}/pay/",
            json={"shortcode": "174379", "reference": reference, "amount": 10, "pin": "1234"},
        )
        assert answer.status_code != 200 or "rejected" in answer.text.lower()
    paybill.pay(PAYER, 10, account.number)
    paybill.tell()
    assert (balance_of(account), MpesaTransaction.objects.count()) == ("5010.00", 1)


@pytest.mark.parametrize("path", ["stk/x", "c2b/confirmation/x", "c2b/validation/x", "b2c/result/" + "0" * 64])
def test_who_does_not_know_the_word_tells_us_nothing(client, db, path):
    assert client.post(f"/webhooks/daraja/{path}", "{}", content_type="application/json").status_code == 404


NONSENSE = [
    "",
    "[]",
    "null",
    '{"Result": 5}',
    "\0",
    "[" * 60_000,
    '{"TransID": "' + "X" * 21 + '", "TransAmount": "5"}',
]
AMOUNTS = ["NaN", "0", "-5", "1e999999999", "5.001", "\\u0000"]


@pytest.mark.parametrize("body", NONSENSE + [f'{{"TransID": "X", "TransAmount": "{amount}"}}' for amount in AMOUNTS])
def test_nonsense_is_kept_and_moves_nothing(client, db, body, settings):
    path = f"/webhooks/daraja/c2b/confirmation/{settings.DARAJA_CALLBACK_SECRET}"
    assert client.post(path, body, content_type="application/json").json()["ResultCode"] == 0
    tasks.sweep_mpesa()
    assert Callback.objects.get().outcome == "UNREADABLE"
    assert client.post(path, "x" * 70_000, content_type="application/json").status_code == 413


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "0"),
        ({"TransAmount": "0.00"}, "C2B00013"),
        ({"TransAmount": "many"}, "C2B00013"),
        ({"TransAmount": "250001"}, "C2B00013"),
        ({"BillRefNumber": "NOBODY"}, "C2B00012"),
        ({"TransID": ""}, "C2B00016"),
    ],
)
def test_validation_says_what_is_wrong_by_the_code_the_payer_is_told_by(client, account, settings, said, code):
    body = {"TransID": "SKL7H2M0QX", "TransAmount": "5.00", "BillRefNumber": account.number}
    body |= {"BusinessShortCode": settings.DARAJA_SHORTCODE, **said}
    path = f"/webhooks/daraja/c2b/validation/{settings.DARAJA_CALLBACK_SECRET}"
    told = client.post(path, json.dumps(body), content_type="application/json").json()
    assert told == {"ResultCode": code, "ResultDesc": "Accepted" if code == "0" else "Rejected"}


def test_nul_inside_what_it_says_is_no_harm(client, account, settings):
    path = f"/webhooks/daraja/c2b/confirmation/{settings.DARAJA_CALLBACK_SECRET}"
    body = f'{{"TransID": "SKL7H2M0QX", "TransAmount": "5", "BillRefNumber": "{account.number}\\u0000"}}'
    client.post(path, body, content_type="application/json")
    tasks.sweep_mpesa()
    assert balance_of(account) == "5005.00"
    asked = client.post(path.replace("confirmation", "validation"), body, content_type="application/json")
    assert asked.json()["ResultCode"] == "0"


def test_one_that_breaks_us_holds_no_other_back(client, account, settings, monkeypatch):
    path = f"/webhooks/daraja/c2b/confirmation/{settings.DARAJA_CALLBACK_SECRET}"
    for receipt in ("SKL7H2M0Q1", "SKL7H2M0Q2"):
        body = f'{{"TransID": "{receipt}", "TransAmount": "5", "BillRefNumber": "{account.number}"}}'
        client.post(path, body, content_type="application/json")
    real, first = operations.apply_callback, Callback.objects.earliest("pk").pk

    def breaks(*, callback_id, at):
        if callback_id == first:
            raise RuntimeError
        return real(callback_id=callback_id, at=at)

    monkeypatch.setattr(operations, "apply_callback", breaks)
    tasks.sweep_mpesa()
    assert balance_of(account) == "5005.00"
    monkeypatch.undo()
    tasks.sweep_mpesa()
    assert balance_of(account) == "5010.00"


def test_without_a_secret_no_callback_is_ours(client, db, settings):
    settings.DARAJA_CALLBACK_SECRET = ""
    assert [found.id for found in run_checks() if found.id.startswith("mpesa")] == ["mpesa.E001"]
    token = addresses.token_of(uuid.uuid4())
    for path in (f"stk/{token}", f"b2c/result/{token}", "c2b/confirmation/x"):
        assert client.post(f"/webhooks/daraja/{path}", "{}", content_type="application/json").status_code == 404


def test_for_whoever_left_the_bank_it_is_refused_before_and_waits_in_suspense_after(paybill):
    left, outlived = make_account(), make_account()
    person = User.objects.get(pk=left.owner_id)
    people.set_status(person=person, status="CLOSED", reason="They asked", by=make_staff("ADMIN"), at=now())
    User.objects.filter(pk=outlived.owner_id).update(status="CLOSED")  # before accounts closed with the profile
    for nth, account in enumerate((left, outlived), start=1):
        told = rules.Received(f"ULEFT0000{nth}", 70_000, account.number, "174379", "Peter", "2547 ***** 222")
        assert operations.may_pay(told, at=now()) == "C2B00016"
        row = operations.confirm_c2b(told=told, at=now())
        assert (row.in_suspense, suspense(), balance_of(account)) == (True, f"{nth * 700}.00", "0.00")
    assert_books_balance()
