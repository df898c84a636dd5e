"""Standing orders of tests: two people, and a rail that is slow."""

from datetime import timedelta

from apps.ledger.rules.calendar import easter
from apps.payments import operations
from apps.payments.rails import Destination
from apps.payments.tests.people import TODAY

DAY = timedelta(days=1)


def pay(order, at):
    return operations.pay_order(order_id=order.pk, at=at)


def statuses(order):
    return list(order.runs.order_by("due_on").values_list("due_on", "status"))


class Slow:
    """A rail that takes what it is handed and says nothing."""

    code, settlement = "slow", "mpesa:settlement"

    def destination(self, *, kind, asked, amount, at):
        return Destination("WATER LTD", "888880, W-1", "paybill/888880/W-1", {"paybill": "888880", "account": "W-1"})

    def arrives(self, kind):
        return "Soon"

    def send(self, *, payment, at):
        pass

    def ask(self, *, payment, at):
        pass


def good_friday():
    year = TODAY.year + (easter(TODAY.year) - 2 * DAY <= TODAY + DAY)
    return easter(year) - 2 * DAY
