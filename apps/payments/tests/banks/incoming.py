"""What tests do at the side of a bank that sends money to ours."""

import uuid

from apps.kernel.clock import now
from apps.kernel.money import Money
from apps.kyc.models import WatchList
from apps.kyc.operations import screening
from apps.kyc.tests.lists import OFAC
from apps.payments import iso20022 as iso
from apps.payments.models import Channel
from apps.payments.operations import banks
from apps.users.testing import make_staff


def told(account, amount="5000", *, currency="KES", **more):
    """A transfer as it is read off their message; `account` is one of ours, or whatever they wrote."""
    said = {
        "uetr": uuid.uuid4(),
        "end_to_end_id": "E2E-1",
        "payer_name": "Peter Kamau Mwangi",
        "payer_account": "0110123456789",
        "payer_bank": "EQBLKENA",
        "name": "",
        "words": "Rent",
        "message_id": "OB-1",
    }
    number = getattr(account, "number", account)
    return iso.Incoming(amount=Money.of(amount, currency), account=number, **(said | more))


def load_sanctions():
    """A list of invented people, Zubair Warsame among them."""
    officer, there = make_staff("COMPLIANCE_OFFICER"), WatchList.objects.get(code="OFAC_SDN")
    screening.load_list(watch_list=there, raw=OFAC.encode(), by=officer, at=now())


def came(account, amount="5000", *, channel=Channel.PESALINK, **more):
    """Handed over by a bank that asks first."""
    return banks.receive(channel=channel, told=told(account, amount, **more), at=now())
