"""A phone dials the bank through the gateway's stand-in: what the customer sees is what happened."""

import pytest
from django.contrib.auth.hashers import make_password

from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.mpesa import tasks as mpesa
from apps.payments import operations, tasks
from apps.payments.models import Payment
from apps.users.models import UssdPin
from simulators import callbacks
from simulators.testing import client_of, running

PIN = "4826"


@pytest.fixture
def phone(tmp_path, settings, live_server):
    """A phone of a customer with a PIN, and the gateway it dials through."""
    account = make_account(balance="5000")
    UssdPin.objects.create(user=account.owner, pin_hash=make_password(PIN), set_at=now())
    token = "?token=simulated-callback"
    with running(tmp_path / "simulators") as server:
        settings.AFRICASTALKING_URL = f"{server.address}/africastalking"
        for what in ("ussd", "airtime/status", "airtime/validation"):
            name = what.replace("/", "_")
            server.house.store.set(
                f"africastalking.{name}_url", f"{live_server.url}/webhooks/africastalking/{what}{token}"
            )
        web = client_of(server)

        def press(*typed, **how):
            keys = {"code": "*384*5482#"} if typed == ("dial",) else {"typed": typed[0]} if typed else how
            return web.post(f"/phone/{account.owner.phone}/ussd", json=keys).json()

        settings.DARAJA_URL = f"{server.address}/daraja"
        settings.DARAJA_CERTIFICATE = f"{settings.DARAJA_URL}/certificate.cer"
        settings.DARAJA_CALLBACK_ADDRESS = live_server.url
        yield account, press, server


@pytest.mark.django_db(transaction=True)
def test_buys_airtime_by_dialling_and_a_repeated_step_buys_none(phone):
    account, press, server = phone
    assert press("dial")["screen"].startswith("KitBank")
    press("4")
    assert "KES 50.00" in press("50")["screen"]
    assert press("9371")["screen"].startswith("Wrong PIN")
    assert "Wrong PIN" in press(again=True)["screen"] or "already" in press(again=True)["screen"]
    assert UssdPin.objects.get().wrong == 1
    assert not press(PIN)["goes_on"]
    payment = Payment.objects.get()
    operations.hand_over(payment_id=payment.pk, at=now())
    callbacks.post_due(server.house)
    callbacks.post_due(server.house)
    tasks.sweep_airtime()
    payment.refresh_from_db()
    assert (payment.status, balance_of(account)) == ("COMPLETED", "4950.00")
    assert [row["cents"] for row in server.house.store.rows("SELECT cents FROM airtime")] == [5000]
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_sends_to_m_pesa_by_dialling_and_a_repeated_step_sends_once(phone):
    account, press, server = phone
    assert "6 " in press("dial")["screen"]
    press("6")
    press("0722000114")
    assert "KES 500.00" in press("500")["screen"]
    assert not press(PIN)["goes_on"]
    press(again=True)
    payment = Payment.objects.get()
    operations.hand_over(payment_id=payment.pk, at=now())
    callbacks.post_due(server.house)
    mpesa.sweep_mpesa()
    payment.refresh_from_db()
    assert payment.status == "COMPLETED"
    assert balance_of(account) == f"{5000 - payment.total.amount:.2f}"
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_every_screen_of_a_walk_fits_the_network(phone):
    _account, press, _server = phone
    walks = ("1", PIN), ("2", PIN), ("5", "2"), ("3", "x", "0", "9"), ("6", "x", "0722000114", "5")
    for keys in (("dial", *walk) for walk in walks):
        for key in keys:
            told = press(key)
            assert "Connection problem" not in told["screen"]
            assert len(told["answer"]) <= 160
