"""A member of staff at the workbench, signed in as the page asks, and a bank with something to look at."""

import uuid

from django.test import Client

from apps.accounts import operations as accounts
from apps.accounts.models import Account, CashMovement
from apps.accounts.testing import kes, make_account, make_teller
from apps.fraud.models import FlaggedTransaction
from apps.fraud.testing import switch_rule
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.notifications.testing import code_sent_to
from apps.payments import operations as payments
from apps.payments.models import Payment, StandingOrderRun
from apps.payments.schedule import Schedule
from apps.users import operations
from apps.users.models import StepUpChallenge, User
from apps.users.testing import PASSWORD, make_customer


def enter(user: User, **cookies: str) -> Client:
    """A browser in which a member of staff gave password and code."""
    client = Client()
    for name, value in cookies.items():
        client.cookies[name] = value
    client.post("/login", {"login": str(user.phone), "password": PASSWORD, "next": "/workbench/"})
    answer = client.post("/login/code", {"code": code_sent_to(str(user.phone))})
    assert answer.headers.get("Location") == "/workbench/", answer.content.decode()[:2000]
    return client


def look(user: User, person: User) -> None:
    """The look at a customer with its reason, as the page records it."""
    operations.look_at(customer=person, by=user, reason="A complaint or a dispute", at=now())


def pay(payer: Account, payee: Account, amount: str) -> Payment:
    """A confirmed payment between two people."""
    payment = payments.start(
        payer=payer.owner, from_account=payer, to=payee.number, amount=kes(amount), key=uuid.uuid4().hex, at=now()
    )
    challenge = payments.challenge(payment=payment, by=payer.owner, at=now())
    StepUpChallenge.objects.filter(pk=challenge.pk).update(answered_at=now())
    return payments.confirm(payment=payment, challenge_id=challenge.pk, by=payer.owner, at=now())


class Desk:
    """One customer with money, one teller with a till, a slip that is done and one that waits."""

    def __init__(self) -> None:
        self.customer = make_customer(
            full_name="Nyambura wa Kimathi-Odhiambo", phone="+254712345908", kyc_tier="TIER_3"
        )
        self.account = make_account(self.customer, balance="20000")
        self.teller, self.till = make_teller()
        self.done = self.slip("500", "k-done")
        self.waiting = self.slip("150000", "k-waits")
        self.held, self.flag = self.held_by_the_screen()
        self.run = self.not_paid()

    def slip(self, amount: str, key: str) -> CashMovement:
        """Cash over this teller's counter."""
        asked = {"account": self.account, "amount": kes(amount), "by_name": "Nyambura", "key": key}
        return accounts.deposit_cash(**asked, by=self.teller, at=now())

    def held_by_the_screen(self) -> tuple[Payment, FlaggedTransaction]:
        """A payment of the customer that waits for a person."""
        switch_rule("LARGE_AMOUNT", "amount >= KES 0.01", "0.6")
        payment = pay(self.account, make_account(), "1000")
        switch_rule("LARGE_AMOUNT", "amount >= KES 500000", "0.3")
        return payment, FlaggedTransaction.objects.get(reference=f"payments/{payment.public_id}")

    @property
    def request(self) -> Approval:
        """What waits for a second person."""
        approval = self.waiting.approval
        assert approval is not None
        return approval

    def pages(self) -> dict[str, str]:
        """Every page of the workbench that is not a standard list, by name."""
        customer, account = f"/workbench/customer/{self.customer.pk}/", f"/workbench/account/{self.account.pk}/"
        return {
            "home": "/workbench/",
            "find": "/workbench/go/?q=Nyambura",
            "nothing": "/workbench/go/?q=zzzz",
            "customer": customer,
            "suspend": f"{customer}suspend/",
            "tier": f"{customer}tier/",
            "freeze": f"{account}freeze/",
            "teller": "/workbench/teller/",
            "slip": f"/workbench/teller/?account={self.account.number}",
            "till": "/workbench/teller/till/",
            "receipt": f"/workbench/teller/receipt/{self.done.receipt}/",
            "approvals": "/workbench/approvals/",
            "approval": f"/workbench/approvals/{self.request.pk}/",
            "lists": "/workbench/data/",
            "exchange": "/workbench/exchange/",
            "credit": "/workbench/credit/",
            "tariffs": "/workbench/tariffs/",
            "large-payments": "/workbench/large-payments/",
            "tariff": "/workbench/tariffs/change/?act=MOBILE_MONEY",
            "other-banks": "/workbench/other-banks/",
            "unpaid": "/workbench/queues/standing-orders/",
            "reversals": "/workbench/queues/reversals/",
            "words": "/workbench/messages/texts/payments.sent/EMAIL/en/",
            "reversal": f"/workbench/queues/reversals/{self.done.transfer_id}/",
            "limits": "/workbench/queues/limits/",
            "holidays": "/workbench/holidays/",
            "periods": "/workbench/periods/",
            "stuck": "/workbench/payments/stuck/",
            "flagged": "/workbench/queues/flagged/",
            "flag": f"/workbench/queues/flagged/{self.flag.pk}/",
        }

    def not_paid(self) -> StandingOrderRun:
        """A date of a standing order of the customer that was not paid."""
        at = now()
        where = payments.place_here(to=make_account().number, owner=self.customer, at=at)
        schedule = Schedule("MONTHLY", local_date(at))
        order = payments.set_up_order(
            owner=self.customer, from_account=self.account, where=where, amount=kes("49000"), schedule=schedule,
            key="desk", at=at,
        )  # fmt: skip
        challenge = payments.challenge_order(order=order, by=self.customer, at=at)
        StepUpChallenge.objects.filter(pk=challenge.pk).update(answered_at=at)
        payments.confirm_order(order=order, challenge_id=challenge.pk, by=self.customer, at=at)
        return StandingOrderRun.objects.create(
            order=order, due_on=schedule.starts_on, status="FAILED", tries=3, because="Not enough money.", created_at=at
        )
