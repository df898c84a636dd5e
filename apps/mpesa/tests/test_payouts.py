"""What leaves by M-Pesa leaves once; what does not arrive is given back in full; what nobody knows stays set aside."""

from datetime import timedelta

import httpx
import pytest
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext

from apps.accounts.queries import holding
from apps.accounts.testing import balance_of
from apps.kernel import breaker, http
from apps.kernel.clock import now
from apps.kernel.models import ProviderState
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.mpesa import identities
from apps.mpesa.errors import BadMpesaPhone, BadPaybill, OutsideMpesaLimits
from apps.mpesa.models import Callback, MpesaTransaction
from apps.notifications.testing import messages_to
from apps.payments import operations as payments
from apps.payments import tasks as carrying
from apps.payments.errors import PayeeNotFound
from apps.payments.models import Payment
from apps.users.testing import bearer

pytestmark = pytest.mark.django_db(transaction=True)
SENT = "4491.95"  # 500 to the phone, 7 the fee, 1.05 the duty


def seen(account) -> tuple[str, str]:
    held = holding(account)
    return f"{held.posted.amount:f}", f"{held.available.amount:f}"


def state(payment: Payment) -> str:
    payment.refresh_from_db()
    return payment.status


def wallet(safaricom, phone: str = "254722000111") -> int:
    return sum(row["cents"] for row in safaricom.truth()["accounts"] if row["owner"] == phone)


def test_goes_to_a_phone_and_is_told(safaricom, account, pay_out):
    payment = pay_out()
    assert (payment.status, seen(account)) == ("PENDING", ("5000.00", SENT))
    safaricom.work()
    assert (state(payment), seen(account)) == ("COMPLETED", (SENT, SENT))
    row = MpesaTransaction.objects.get()
    assert (row.status, row.receipt) == ("COMPLETED", payment.provider_reference)
    deliver_events()
    assert "KES 8.05" in messages_to(account.owner.phone)[-1].body
    assert_books_balance()


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("BILL_PAYMENT", {"paybill": "888880", "account": "W-1201"}), ("MERCHANT_PAYMENT", {"till": "300584"})],
)
def test_goes_to_businesses(safaricom, account, pay_out, kind, asked):
    payment = pay_out(kind, "300", **asked)
    assert payment.payee_name in {"KPLC Prepaid", "Duka la Mama"}
    safaricom.work()
    assert state(payment) == "COMPLETED"
    assert_books_balance()


CODES = "1 2 3 4 8 11 21 2001 2006 2028 2040 8006 SFC_IC0003"


@pytest.mark.parametrize("code", CODES.split())
def test_every_refusal_gives_all_of_it_back(safaricom, account, pay_out, code):
    safaricom.plan("b2c", result_code=code)
    payment = pay_out()
    safaricom.work()
    assert (state(payment), seen(account)) == ("FAILED", ("5000.00", "5000.00"))
    deliver_events()
    assert "NOT sent" in messages_to(account.owner.phone)[-1].body
    assert_books_balance()


@pytest.mark.parametrize("code", CODES.split())
def test_why_is_told_in_the_payers_language_and_what_is_our_own_fault_is_not_called_theirs(
    safaricom, account, pay_out, code
):
    """To us M-Pesa says 1 of the bank's float, 2001 and 8006 of the bank's own password."""
    safaricom.plan("b2c", result_code=code)
    payment = pay_out()
    safaricom.work()
    payment.refresh_from_db()
    assert payment.failed_because.endswith(".")
    with translation.override("sw"):
        assert gettext(payment.failed_because) != payment.failed_because
    if code in {"1", "11", "21", "2001", "2028", "8006"}:
        assert payment.failed_because == "M-Pesa did not carry it out. Try again later."
    if code == "2040":
        assert payment.failed_because == "That number is not registered with M-Pesa."


@pytest.mark.parametrize("fate", ["DUPLICATE", "BEFORE", "WRONG_TYPE"])
def test_strange_results_settle_it_once(safaricom, account, pay_out, fate):
    safaricom.plan("b2c", callback=fate)
    payment = pay_out()
    for _nth in range(3):
        safaricom.work()
    assert (state(payment), seen(account)) == ("COMPLETED", (SENT, SENT))
    assert_books_balance()


@pytest.mark.parametrize("fate", ["NEVER", "GARBAGE", "QUEUE_TIMEOUT"])
def test_silence_is_asked_about_and_never_called_failed(safaricom, account, pay_out, fate):
    safaricom.plan("b2c", callback=fate)
    payment = pay_out()
    safaricom.work()
    assert state(payment) in {"PENDING", "CHECKING"}
    assert seen(account) == ("5000.00", SENT)
    Payment.objects.update(sent_at=now() - timedelta(minutes=2))
    carrying.ask_about_silence()
    safaricom.tell()
    assert (state(payment), seen(account)) == ("COMPLETED", (SENT, SENT))
    assert_books_balance()


@pytest.mark.parametrize(
    ("fate", "was_done"), [("TIMEOUT", True), ("RESET", True), ("GARBAGE", True), ("HTTP_500", False)]
)
def test_a_lost_answer_pays_once_all_the_same(safaricom, account, pay_out, monkeypatch, fate, was_done):
    monkeypatch.setattr(http.send, "__kwdefaults__", {**http.send.__kwdefaults__, "timeout": httpx.Timeout(1.0)})
    safaricom.plan("b2c", sync=fate, sync_done=was_done, callback="NEVER", times=1)
    payment = pay_out()
    safaricom.work()
    assert (state(payment), seen(account)) == ("CHECKING", ("5000.00", SENT))
    for _nth in range(3):
        ProviderState.objects.all().delete()
        Payment.objects.update(sent_at=now() - timedelta(minutes=2))
        carrying.ask_about_silence()
        safaricom.tell()
    assert (state(payment), seen(account)) == ("COMPLETED", (SENT, SENT))
    assert wallet(safaricom) == 50_500_00  # what every phone starts with, and the payment
    assert_books_balance()


def test_a_refusal_of_the_second_try_says_nothing_of_the_first(safaricom, account, pay_out, monkeypatch):
    monkeypatch.setattr(http.send, "__kwdefaults__", {**http.send.__kwdefaults__, "timeout": httpx.Timeout(1.0)})
    safaricom.plan("b2c", sync="RESET", sync_done=True, callback="NEVER", times=1)
    payment = pay_out()
    carrying.sweep_payments()
    safaricom.plan("b2c", sync="SPIKE_ARREST", times=1)
    Payment.objects.update(sent_at=now() - timedelta(minutes=2))
    carrying.ask_about_silence()
    assert (state(payment), seen(account)) == ("CHECKING", ("5000.00", SENT))
    Payment.objects.update(sent_at=now() - timedelta(minutes=2))
    carrying.ask_about_silence()
    Payment.objects.update(sent_at=now() - timedelta(minutes=2))
    carrying.ask_about_silence()
    safaricom.tell()
    assert (state(payment), wallet(safaricom)) == ("COMPLETED", 50_500_00)
    assert_books_balance()


def test_mpesa_away_gives_it_back_at_once(settings, account, pay_out, safaricom):
    settings.DARAJA_NAMES = False
    payment = pay_out()
    settings.DARAJA_URL = "http://127.0.0.1:9"
    carrying.sweep_payments()
    assert (state(payment), seen(account)) == ("FAILED", ("5000.00", "5000.00"))


class Killed(BaseException):
    """No process hears of it before it dies."""


def test_a_worker_killed_over_a_refusal_leaves_nothing_half_done(settings, account, pay_out, safaricom, monkeypatch):
    settings.DARAJA_NAMES = False
    payment = pay_out()

    def die(**_what):
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("apps.mpesa.operations.payout.payments.fail", die)
        settings.DARAJA_URL, there = "http://127.0.0.1:9", settings.DARAJA_URL
        with pytest.raises(Killed):
            carrying.sweep_payments()
    assert (MpesaTransaction.objects.get().status, state(payment)) == ("INITIATED", "PENDING")
    settings.DARAJA_URL = there
    ProviderState.objects.all().delete()
    Payment.objects.update(sent_at=now() - timedelta(minutes=2))
    carrying.ask_about_silence()
    safaricom.tell()
    assert (state(payment), wallet(safaricom)) == ("COMPLETED", 50_500_00)
    assert_books_balance()


def test_what_mpesa_did_not_carry_comes_back_though_it_was_written_down_by_half(
    account, pay_out, safaricom, monkeypatch
):
    """As a worker left it that was killed between the two, before they were one."""
    monkeypatch.setattr(http.send, "__kwdefaults__", {**http.send.__kwdefaults__, "timeout": httpx.Timeout(1.0)})
    payment = pay_out()
    safaricom.plan("b2c", sync="TIMEOUT", times=1)
    carrying.sweep_payments()
    MpesaTransaction.objects.update(status="FAILED", result_code="not_reached", ended_at=now())
    Payment.objects.update(sent_at=now() - timedelta(minutes=2))
    carrying.ask_about_silence()
    assert (state(payment), seen(account)) == ("FAILED", ("5000.00", "5000.00"))
    assert payment.failed_because == "M-Pesa could not be reached. Try again later."


def test_a_payment_to_a_till_that_a_rest_held_back_never_left_and_comes_back(account, pay_out, settings):
    """It carries no id, so nobody could ever ask about it."""
    settings.DARAJA_NAMES = False
    payment = pay_out("MERCHANT_PAYMENT", "300", till="300584")
    breaker.switch("daraja", is_off=True)
    carrying.sweep_payments()
    assert (state(payment), seen(account)) == ("FAILED", ("5000.00", "5000.00"))


def test_success_told_after_it_was_given_back_is_shown_to_a_person(safaricom, account, pay_out):
    payment = pay_out()
    carrying.sweep_payments()
    payments.fail(payment=payment, because="A person decided so.", at=now())
    safaricom.tell()
    assert (state(payment), seen(account)) == ("FAILED", ("5000.00", "5000.00"))
    assert Callback.objects.filter(outcome="DISPUTED").exists()


@pytest.mark.parametrize("phone", ["", "12", "+14155550100"])
def test_refuses_phones_mpesa_does_not_have(account, pay_out, phone):
    with pytest.raises(BadMpesaPhone):
        pay_out(phone=phone)


def test_refuses_numbers_no_business_has(account, pay_out):
    for asked in ({"till": "12"}, {"till": "abc"}):
        with pytest.raises(BadPaybill):
            pay_out("MERCHANT_PAYMENT", "10", **asked)
    with pytest.raises(BadPaybill):
        pay_out("BILL_PAYMENT", "10", paybill="888880", account="")
    with pytest.raises(OutsideMpesaLimits):
        pay_out(amount="9")
    assert balance_of(account) == "5000.00"


def test_mpesa_is_asked_for_a_name_outside_the_transaction(client, account, safaricom, monkeypatch):
    seen_open = []
    real = identities.name_of_phone
    monkeypatch.setattr(
        identities,
        "name_of_phone",
        lambda phone, **at: (seen_open.append(connection.in_atomic_block), real(phone, **at))[1],
    )
    money = {"amount": {"amount": "50.00", "currency": "KES"}}
    for path, body in (("transactions/mobile-money/", {"phone": "0722000111"}), ("mpesa/transactions/withdraw/", {})):
        answer = client.post(
            f"/api/v1/{path}",
            {**body, **money},
            content_type="application/json",
            headers={**bearer(account.owner), "Idempotency-Key": f"k-{path}"},
        )
        assert answer.status_code == 201, answer.content
    assert seen_open == [False, False]


NOBODY = [
    ("MOBILE_MONEY", {"phone": "0722000999"}, "Nobody has M-Pesa on that number."),
    ("MERCHANT_PAYMENT", {"till": "999999"}, "M-Pesa has no till of that number."),
    ("BILL_PAYMENT", {"paybill": "999998", "account": "W-1"}, "M-Pesa has no paybill of that number."),
]


@pytest.mark.parametrize(("kind", "asked", "said"), NOBODY)
def test_who_is_not_at_mpesa_is_not_paid_and_the_payer_hears_it_before(safaricom, account, pay_out, kind, asked, said):
    safaricom.control("phones", phone="254722000999", state="UNREGISTERED")
    with pytest.raises(PayeeNotFound, match=said) as refused:
        pay_out(kind, "300", **asked)
    assert "No money moved." in str(refused.value)
    assert (Payment.objects.count(), seen(account)) == (0, ("5000.00", "5000.00"))


@pytest.mark.parametrize(
    "answer",
    [
        {"header": {"status": "400", "message": "Invalid shortcode"}, "body": {"message": "Invalid shortcode"}},
        {"header": {"status": "500", "message": "Customer store not found"}, "body": {}},
        {"ResponseCode": "17", "ResponseMessage": "Failed", "DetailedMessage": "Product not found"},
        {"ResponseCode": "4001", "ResponseMessage": "Failed", "DetailedMessage": "Internal failure"},
        {},
    ],
)
@pytest.mark.parametrize(
    ("kind", "asked"), [("MOBILE_MONEY", {"phone": "0722000111"}), ("MERCHANT_PAYMENT", {"till": "300584"})]
)
def test_what_mpesa_cannot_tell_now_keeps_nobody_from_paying(safaricom, pay_out, monkeypatch, kind, asked, answer):
    """Only its own word that there is nobody of that number does."""
    send = http.send

    def names_fail(name, method, url, **more):
        if "hakikisha" in url or "sfcverify" in url:
            return httpx.Response(200, json=answer)
        return send(name, method, url, **more)

    monkeypatch.setattr(http, "send", names_fail)
    payment = pay_out(kind, "300", **asked)
    assert (payment.status, payment.payee_name) == ("PENDING", "M-Pesa")
