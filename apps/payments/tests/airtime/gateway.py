"""Africa's Talking's side of airtime, and a customer who buys some."""

import json

from apps.accounts.testing import kes
from apps.kernel.clock import now
from apps.payments import operations, tasks
from apps.payments.models import PaymentStatus
from apps.payments.tests.people import pay
from simulators import callbacks
from simulators.testing import client_of

TOKEN = "simulated-callback"
OTHER = "0733000114"


class Gateway:
    """Africa's Talking's side, and how a test lets time pass."""

    def __init__(self, server):
        self.house = server.house
        self.web = client_of(server)

    def plan(self, phone, **fate):
        assert self.web.post("/control/scripts/", json={"phone": phone, **fate}).status_code == 200

    def tell(self):
        """Load what is due, post what is due, and let the bank's worker read it."""
        callbacks.post_due(self.house)
        callbacks.post_due(self.house)
        tasks.sweep_airtime()

    def orders(self):
        return self.house.store.rows("SELECT * FROM airtime")


def begin(account, amount="100", *, phone=OTHER, key="form-1"):
    there = operations.find_destination(
        rail="airtime", kind="AIRTIME", asked={"phone": phone}, amount=kes(amount), at=now()
    )
    return operations.start_by_rail(
        payer=account.owner,
        from_account=account,
        rail="airtime",
        kind="AIRTIME",
        destination=there,
        amount=kes(amount),
        key=key,
        at=now(),
    )


def buy(account, amount="100", **more):
    """Confirmed and handed to the provider."""
    payment = pay(begin(account, amount, **more))
    assert payment.status == PaymentStatus.PENDING
    operations.hand_over(payment_id=payment.pk, at=now())
    payment.refresh_from_db()
    return payment


def stands(payment):
    payment.refresh_from_db()
    return payment.status


def status(payment, **words):
    """A status as they would post it."""
    body = {
        "phoneNumber": payment.destination["phone"],
        "description": "x",
        "status": "Success",
        "requestId": payment.airtime.request_id,
        "discount": "KES 4.0000",
        "value": "KES 100.0000",
    }
    kept = operations.receive_airtime_status(raw=json.dumps(body | words), at=now())
    return operations.apply_airtime_callback(callback_id=kept.pk, at=now())
