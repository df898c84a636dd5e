"""M-Pesa's stand-in beside the bank under test: prompts are answered by hand, callbacks posted when a test says so."""

import re
from typing import Any

import pytest

from apps.accounts.testing import kes, make_account
from apps.kernel.clock import now
from apps.mpesa import operations, tasks
from apps.mpesa.models import MpesaTransaction
from apps.notifications.models import Message
from apps.payments import operations as payments
from apps.payments import tasks as carrying
from apps.users import operations as people
from simulators import callbacks
from simulators.testing import client_of, running


class Safaricom:
    """What a test does at the provider's side, and how it lets time pass."""

    def __init__(self, server: Any) -> None:
        self.house = server.house
        self.web = client_of(server)

    def truth(self) -> dict[str, Any]:
        return dict(self.web.get("/daraja/truth.json").json())

    def plan(self, subject: str = "", **fate: Any) -> None:
        self.control("plans", subject=subject, **fate)

    def control(self, what: str, **values: Any) -> Any:
        answer = self.web.post(f"/control/mpesa/{what}/", json=values)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def answer(self, push: MpesaTransaction, **how: Any) -> None:
        """The person at the phone: `pin="1234"` or `cancel=True`."""
        push.refresh_from_db()
        checkout = push.checkout_request_id or self.truth()["pushes"][-1]["checkout_id"]
        answer = self.web.post(f"/phone/{push.phone.lstrip('+')}/stk/{checkout}", json=how)
        assert answer.status_code == 200, answer.text

    def pay(self, phone: str, amount: int, reference: str, shortcode: str = "174379") -> None:
        """A person pays our paybill from their phone."""
        body = {"shortcode": shortcode, "reference": reference, "amount": amount, "pin": "1234"}
        answer = self.web.post(f"/phone/{phone.lstrip('+')}/pay/", json=body)
        assert answer.status_code == 200, answer.text

    def tell(self) -> None:
        """Post what is due to the bank, and let its worker read it."""
        callbacks.post_due(self.house)
        tasks.sweep_mpesa()

    def work(self) -> None:
        """The bank's workers make their rounds, M-Pesa answers, the workers read."""
        carrying.sweep_payments()
        tasks.sweep_mpesa()
        self.tell()


@pytest.fixture
def safaricom(tmp_path, settings, live_server):
    with running(tmp_path / "simulators") as server:
        settings.DARAJA_URL = f"{server.address}/daraja"
        settings.DARAJA_CERTIFICATE = f"{settings.DARAJA_URL}/certificate.cer"
        settings.DARAJA_CALLBACK_ADDRESS = live_server.url
        yield Safaricom(server)


@pytest.fixture
def account(transactional_db):
    return make_account(balance="5000")


@pytest.fixture
def top_up(account):
    """Ask for a top-up and send its prompt."""

    def ask(amount: str = "1500", *, key: str = "form-1", phone: str = "") -> MpesaTransaction:
        push = operations.start_top_up(
            account=account,
            phone=phone or str(account.owner.phone),
            amount=kes(amount),
            key=key,
            by=account.owner,
            at=now(),
        )
        operations.send_push(push_id=push.pk, at=now())
        push.refresh_from_db()
        return push

    return ask


@pytest.fixture
def pay_out(account):
    """Begin a payment by M-Pesa and confirm it with its code."""

    def pay(kind: str = "MOBILE_MONEY", amount: str = "500", *, key: str = "form-1", **asked: str):
        asked = asked or {"phone": "0722000111"}
        payment = payments.start_by_rail(
            payer=account.owner,
            from_account=account,
            rail="mpesa",
            kind=kind,
            destination=payments.find_destination(rail="mpesa", kind=kind, asked=asked, amount=kes(amount), at=now()),
            amount=kes(amount),
            key=key,
            at=now(),
        )
        challenge = payments.challenge(payment=payment, by=payment.payer, at=now())
        code = re.search(r"\b(\d{6})\b", Message.objects.latest("pk").body)[1]
        people.answer(challenge_id=challenge.pk, user=payment.payer, answer=code, at=now())
        return payments.confirm(payment=payment, challenge_id=challenge.pk, by=payment.payer, at=now())

    return pay
