"""A firm that pays many people, and a rail of tests."""

from apps.accounts.queries import holding
from apps.accounts.testing import make_account
from apps.kernel.clock import now
from apps.kernel.known import known_as
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.payments import operations
from apps.payments.rails import Destination
from apps.payments.testing import approve, bring, carried_on, raise_tier, submit
from apps.users import operations as users
from apps.users.testing import make_business, make_customer, make_member

bulk_ops = operations.bulk


class Pigeons:
    """A rail of tests that takes many: each payment is carried as `fate` says."""

    code, settlement = "mpesa", "bank:settlement"

    def __init__(self):
        self.sent, self.fate = [], {}

    def destination(self, *, kind, asked, amount, at):
        return self.read(kind=kind, asked=asked, amount=amount)

    def read(self, *, kind, asked, amount):
        key = next(iter(asked.values()))
        return Destination("M-Pesa", f"•••{key[-4:]}", known_as(f"mpesa/{key}"), dict(asked))

    def pace(self):
        return 2

    def arrives(self, kind):
        return "By noon"

    def send(self, *, payment, at):
        self.sent.append(payment.pk)
        because = self.fate.get(next(iter(payment.destination.values())))
        if because:
            operations.fail(payment=payment, because=because, at=at)
        else:
            operations.settle(payment=payment, provider_reference=f"P{payment.pk}", at=at)

    def ask(self, *, payment, at):
        raise AssertionError("nobody is silent here")


class Firm:
    """A company of an owner, who holds the account, and a signatory."""

    def __init__(self, balance="100000"):
        self.owner = raise_tier(make_customer(full_name="Collins Were"))
        self.account = make_account(self.owner, balance=balance)
        self.business = make_business(self.owner)
        self.signatory = make_member(self.business, "SIGNATORY")

    def bring(self, rows, **more):
        return bring(self.account, rows, business=self.business, **more)

    def waiting(self, rows, **more):
        return submit(self.bring(rows), **more)

    def paid(self, rows, **more):
        return carried_on(approve(self.waiting(rows, **more), self.signatory))


def people_paid(count, amount="1000"):
    payees = [make_account() for _nth in range(count)]
    return payees, [(one.owner.phone, one.owner.full_name, amount, "") for one in payees]


def seen(account):
    held = holding(account)
    return f"{held.posted.amount:f}", f"{held.available.amount:f}"


def clearing():
    return books.balance(ledger.gl("bulk:payouts", "KES").id).posted.minor


def states(bulk):
    return list(bulk.rows.order_by("number").values_list("status", "error"))


def make_business_sole(owner):
    return users.register_business(name="Mama Mboga", registration_number="BN-7QX4K2P", kind="SOLE", by=owner, at=now())
